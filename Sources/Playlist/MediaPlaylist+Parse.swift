extension MediaPlaylist {
    /// Reads a media playlist strictly: wrong values, doubled tags, tags of a multivariant playlist and segments longer
    /// than the target duration are refused.
    ///
    /// Tags this model does not carry are skipped, as RFC 8216 §6.3.1 asks.
    public init(parsing bytes: some Collection<UInt8>) throws(PlaylistError) {
        let reading = Self.reading(bytes)
        if let problem = reading.first { throw problem }
        self = reading.playlist
        if hasOverlongSegment { throw PlaylistError(line: 0, reason: "a segment is longer than EXT-X-TARGETDURATION") }
    }

    /// Reads what can be read, and says what cannot; durations are not compared with the target duration.
    public static func reading(_ bytes: some Collection<UInt8>) -> PlaylistReading<MediaPlaylist> {
        let lines = PlaylistLines(bytes)
        var parser = MediaPlaylistParser()
        lines.problems.forEach { parser.note($0) }
        for line in lines.lines {
            do {
                switch PlaylistLines.content(of: line) {
                case .uri(let uri): try parser.uri(uri, line: line.number)
                case .tag(let name, let value): try parser.tag(name, value, line: line.number)
                }
            } catch {
                parser.note(error)
            }
        }
        return parser.finish()
    }

    private var hasOverlongSegment: Bool {
        guard targetDurationSeconds < 1_000_000_000 else { return false }
        let limit = Int64(targetDurationSeconds) * 1_000_000 + 500_000
        return segments.contains { $0.durationMicroseconds >= limit }
    }
}

private struct MediaPlaylistParser {
    private var reading = PlaylistReading(MediaPlaylist(version: 1, targetDurationSeconds: 0))
    private var seen: Set<Substring> = []
    private var next = Pending()
    private var map: MediaPlaylist.Map?
    private var keys: [MediaPlaylist.Key] = []
    private var bitrate: Int?

    private struct Pending {
        var duration: Int64?
        var title = ""
        var byteRange: MediaPlaylist.ByteRange?
        var isDiscontinuity = false
        var programDateTime: String?
        var isGap = false

        var isEmpty: Bool {
            duration == nil && byteRange == nil && !isDiscontinuity && programDateTime == nil && !isGap
        }
    }

    mutating func note(_ problem: PlaylistError) { reading.note(problem) }

    /// The attributes of one tag; what is wrong with them and yet readable is noted.
    private mutating func attributes(_ value: Substring?, line: Int) throws(PlaylistError) -> AttributeList {
        let list = try AttributeList(value ?? "", line: line)
        if let blemish = list.blemish { note(blemish) }
        return list
    }

    mutating func tag(_ name: Substring, _ value: Substring?, line: Int) throws(PlaylistError) {
        switch name {
        case "EXTINF":
            let parts = (value ?? "").split(separator: ",", maxSplits: 1, omittingEmptySubsequences: false)
            guard next.duration == nil, let duration = parts.first.flatMap({ PlaylistNumbers.fixed($0, places: 6) }),
                duration < 1_000_000_000_000
            else {
                throw PlaylistError(line: line, reason: "EXTINF must be one duration under 1000000 s, a comma, a title")
            }
            next.duration = duration
            next.title = parts.count == 2 ? String(parts[1]) : ""
        case "EXT-X-BYTERANGE":
            guard next.byteRange == nil, let range = value.flatMap({ MediaPlaylist.ByteRange($0) }) else {
                throw PlaylistError(line: line, reason: "EXT-X-BYTERANGE must be length[@offset], once per segment")
            }
            next.byteRange = range
        case "EXT-X-DISCONTINUITY":
            next.isDiscontinuity = true
        case "EXT-X-MAP":
            let attributes = try attributes(value, line: line)
            map = .init(uri: try attributes.requiredQuoted("URI"), keys: keys)
            if let text = try attributes.quoted("BYTERANGE") {
                guard let range = MediaPlaylist.ByteRange(text[...]) else {
                    throw PlaylistError(line: line, reason: "BYTERANGE must be length[@offset]")
                }
                map?.byteRange = range
            }
        case "EXT-X-KEY":
            try key(value, line: line)
        case "EXT-X-BITRATE":
            guard let rate = value.flatMap({ PlaylistNumbers.integer($0) }) else {
                throw PlaylistError(line: line, reason: "EXT-X-BITRATE must be a decimal integer")
            }
            bitrate = rate
        case "EXT-X-PROGRAM-DATE-TIME":
            guard next.programDateTime == nil, let value, !value.isEmpty else {
                throw PlaylistError(line: line, reason: "EXT-X-PROGRAM-DATE-TIME must be one date, once per segment")
            }
            next.programDateTime = String(value)
        case "EXT-X-GAP":
            next.isGap = true
        case "EXT-X-VERSION", "EXT-X-TARGETDURATION", "EXT-X-MEDIA-SEQUENCE", "EXT-X-PLAYLIST-TYPE", "EXT-X-ENDLIST",
            "EXT-X-INDEPENDENT-SEGMENTS", "EXT-X-START", "EXT-X-I-FRAMES-ONLY", "EXT-X-DISCONTINUITY-SEQUENCE":
            guard seen.insert(name).inserted else { throw PlaylistError(line: line, reason: "\(name) is given twice") }
            try single(name, value, line: line)
        case "EXT-X-STREAM-INF", "EXT-X-MEDIA", "EXT-X-I-FRAME-STREAM-INF", "EXT-X-SESSION-DATA", "EXT-X-SESSION-KEY":
            throw PlaylistError(line: line, reason: "\(name) belongs in a multivariant playlist")
        default:
            break
        }
    }

    /// A key takes the place of the one of its format; METHOD=NONE ends them all (RFC 8216 §4.3.2.4).
    private mutating func key(_ value: Substring?, line: Int) throws(PlaylistError) {
        guard let key = try MediaPlaylist.Key(attributes(value, line: line), line: line) else {
            keys = []
            return
        }
        if let place = keys.firstIndex(where: { $0.format == key.format }) {
            keys[place] = key
        } else if keys.count < 16 {
            keys.append(key)
        } else {
            throw PlaylistError(line: line, reason: "more than 16 key formats are in force at once")
        }
    }

    private mutating func single(_ name: Substring, _ value: Substring?, line: Int) throws(PlaylistError) {
        switch name {
        case "EXT-X-ENDLIST":
            reading.playlist.isEnded = true
        case "EXT-X-INDEPENDENT-SEGMENTS":
            reading.playlist.hasIndependentSegments = true
        case "EXT-X-I-FRAMES-ONLY":
            reading.playlist.isIFramesOnly = true
        case "EXT-X-PLAYLIST-TYPE":
            guard let kind = value.flatMap({ MediaPlaylist.Kind(rawValue: String($0)) }) else {
                throw PlaylistError(line: line, reason: "EXT-X-PLAYLIST-TYPE must be EVENT or VOD")
            }
            reading.playlist.kind = kind
        case "EXT-X-START":
            let attributes = try attributes(value, line: line)
            guard let offset = try attributes.fixed("TIME-OFFSET", places: 6, signed: true) else {
                throw attributes.missing("TIME-OFFSET")
            }
            reading.playlist.startOffsetMicroseconds = offset
        default:
            guard let number = value.flatMap({ PlaylistNumbers.integer($0) }) else {
                throw PlaylistError(line: line, reason: "\(name) must be a decimal integer")
            }
            switch name {
            case "EXT-X-VERSION": reading.playlist.version = number
            case "EXT-X-DISCONTINUITY-SEQUENCE": reading.playlist.discontinuitySequence = number
            case "EXT-X-TARGETDURATION": reading.playlist.targetDurationSeconds = number
            default:
                guard reading.playlist.segments.isEmpty else {
                    throw PlaylistError(line: line, reason: "EXT-X-MEDIA-SEQUENCE must come before the first segment")
                }
                reading.playlist.mediaSequence = number
            }
        }
    }

    mutating func uri(_ uri: Substring, line: Int) throws(PlaylistError) {
        guard let duration = next.duration else {
            throw PlaylistError(line: line, reason: "a segment needs an EXTINF before its address")
        }
        reading.playlist.segments.append(
            .init(
                uri: String(uri), durationMicroseconds: duration, title: next.title, byteRange: next.byteRange,
                map: map, isDiscontinuity: next.isDiscontinuity, keys: keys,
                bitrateKilobits: next.byteRange == nil ? bitrate : nil, programDateTime: next.programDateTime,
                isGap: next.isGap))
        reading.lines.segments.append(line)
        next = Pending()
    }

    consuming func finish() -> PlaylistReading<MediaPlaylist> {
        if !seen.contains("EXT-X-TARGETDURATION") {
            note(PlaylistError(line: 0, reason: "EXT-X-TARGETDURATION is missing"))
        }
        if !next.isEmpty { note(PlaylistError(line: 0, reason: "the last segment has no address")) }
        return reading
    }
}
