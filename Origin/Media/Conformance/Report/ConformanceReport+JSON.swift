public import JSON

extension ConformanceReport {
    /// The report for programs; the README lists the members, which only ever become more.
    public var json: JSONValue {
        var object: JSONObject = [
            "address": .string(address), "verdict": .string(verdict.rawValue),
            "counts": [
                "must": .integer(Int64(count(of: .must))), "should": .integer(Int64(count(of: .should))),
                "note": .integer(Int64(count(of: .note))),
            ],
            "measured": [
                "playlists": .integer(Int64(extent.playlists)), "segments": .integer(Int64(extent.segments)),
                "skippedSegments": .integer(Int64(extent.skippedSegments)), "bytes": .integer(Int64(extent.bytes)),
            ],
            "findings": .array(findings.map(\.json)), "renditions": .array(renditions.map(\.json)),
        ]
        if let failure { object["failure"] = .string(failure) }
        if unlistedFindings > 0 { object["unlistedFindings"] = .integer(Int64(unlistedFindings)) }
        if !waivedRules.isEmpty { object["waivedRules"] = .array(waivedRules.map { .string($0) }) }
        return .object(object)
    }
}

extension Finding {
    /// The finding for programs.
    public var json: JSONValue {
        var place: JSONObject = ["playlist": .string(self.place.playlist)]
        if let line = self.place.line { place["line"] = .integer(Int64(line)) }
        if let segment = self.place.segment { place["segment"] = .integer(Int64(segment)) }
        var object: JSONObject = [
            "rule": .string(rule.number), "level": .string(rule.level.rawValue), "statement": .string(rule.statement),
            "message": .string(message), "place": .object(place), "occurrences": .integer(Int64(occurrences)),
        ]
        if let stated { object["stated"] = .string(stated) }
        if let measured { object["measured"] = .string(measured) }
        return .object(object)
    }
}

extension RenditionFacts {
    /// The facts for programs.
    public var json: JSONValue {
        var object: JSONObject = [
            "address": .string(address), "role": .string(role.rawValue), "segments": .integer(Int64(segments)),
            "measuredSegments": .integer(Int64(measuredSegments)), "bytes": .integer(Int64(bytes)),
            "statedSeconds": .number(statedSeconds), "codecs": .array(codecs.map { .string($0) }),
        ]
        if let container { object["container"] = .string(container) }
        for (name, value) in [
            ("peakBitsPerSecond", peakBitsPerSecond), ("averageBitsPerSecond", averageBitsPerSecond),
            ("width", width), ("height", height), ("channels", channels), ("sampleRate", sampleRate),
        ] {
            if let value { object[name] = .integer(Int64(value)) }
        }
        for (name, value) in [
            ("measuredSeconds", measuredSeconds), ("frameRate", frameRate),
            ("longestKeyFrameSeconds", longestKeyFrameSeconds),
        ] {
            if let value { object[name] = .number((value * 1_000_000).rounded() / 1_000_000) }
        }
        if let videoRange { object["videoRange"] = .string(videoRange) }
        return .object(object)
    }
}
