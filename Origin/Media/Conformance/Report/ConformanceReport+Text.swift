extension ConformanceReport {
    /// The report for people: worst first, then what was measured.
    public var text: String {
        if let failure { return "could not be checked: \(failure)\n" }
        var text = ""
        for level in [ConformanceRule.Level.must, .should, .note] {
            let ofLevel = findings.filter { $0.rule.level == level }
            guard !ofLevel.isEmpty else { continue }
            text += "\(level.rawValue)\n"
            for finding in ofLevel { text += finding.text }
            text += "\n"
        }
        if unlistedFindings > 0 { text += "and \(unlistedFindings) more that are not listed\n\n" }
        if !waivedRules.isEmpty { text += "left out as asked: \(waivedRules.joined(separator: ", "))\n\n" }
        text += "measured\n"
        for rendition in renditions { text += "  \(rendition.text)\n" }
        return text + "\n" + summary + "\n"
    }

    /// The outcome in a line.
    public var summary: String {
        let counts = "\(count(of: .must)) MUST, \(count(of: .should)) SHOULD, \(count(of: .note)) notes"
        let skipped = extent.skippedSegments > 0 ? " (\(extent.skippedSegments) left out)" : ""
        let outcome =
            switch verdict {
            case .conforms: "conforms: no MUST is broken"
            case .violates: "does not conform"
            case .unchecked: "could not be checked"
            }
        return "\(address) \(outcome) (\(counts)); measured \(extent.segments) segments\(skipped) of "
            + "\(extent.playlists) playlists, \(extent.bytes) bytes"
    }
}

extension Finding {
    /// Two lines: the breach with its place, then the values.
    fileprivate var text: String {
        var place = self.place.playlist
        if let line = self.place.line { place += (place.isEmpty ? "" : ":") + "\(line)" }
        if let segment = self.place.segment { place += (place.isEmpty ? "" : ", ") + "segment \(segment)" }
        var text = "  [\(rule.number)] \(place.isEmpty ? "" : place + ": ")\(message)"
        if occurrences > 1 { text += " (and \(occurrences - 1) more like it)" }
        text += "\n"
        let values = [stated.map { "stated \($0)" }, measured.map { "measured \($0)" }].compactMap { $0 }
        if !values.isEmpty { text += "      \(values.joined(separator: ", "))\n" }
        return text
    }
}

extension RenditionFacts {
    fileprivate var text: String {
        var parts = ["\(address) (\(role.rawValue)\(container.map { ", \($0)" } ?? ""))"]
        parts.append("\(measuredSegments) of \(segments) segments, \(Quantity.decimal(statedSeconds, places: 3)) s")
        if let width, let height { parts.append("\(width)x\(height)") }
        if let frameRate { parts.append("\(Quantity.decimal(frameRate, places: 3)) fps") }
        if let videoRange { parts.append(videoRange) }
        if let channels, let sampleRate { parts.append("\(channels) channels, \(sampleRate) Hz") }
        if !codecs.isEmpty { parts.append(codecs.joined(separator: " ")) }
        if let peakBitsPerSecond, let averageBitsPerSecond {
            parts.append("peak \(Quantity.rate(peakBitsPerSecond)), average \(Quantity.rate(averageBitsPerSecond))")
        }
        if let longestKeyFrameSeconds {
            parts.append("IDR every \(Quantity.decimal(longestKeyFrameSeconds, places: 3)) s")
        }
        return parts.joined(separator: "; ")
    }
}
