extension MediaPlaylist {
    /// Reads a media playlist strictly: wrong values, doubled tags, tags of a multivariant playlist and segments longer
    /// than the target duration are refused.
    ///
    /// Tags this model does not carry are skipped, as RFC 8216 §6.3.1 asks.
    public init(parsing bytes: some Collection<UInt8>) throws(PlaylistError) {
        var parser = MediaPlaylistParser()
        for line in try PlaylistLines(bytes).lines {
            switch PlaylistLines.content(of: line) {
            case .uri(let uri): try parser.uri(uri, line: line.number)
            case .tag(let name, let value): try parser.tag(name, value, line: line.number)
            }
        }
        self = try parser.finish()
    }
}

private struct MediaPlaylistParser {
    private var playlist = MediaPlaylist(version: 1, targetDurationSeconds: 0)
    private var seen: Set<Substring> = []
    private var next = Pending()
    private var map: MediaPlaylist.Map?

    private struct Pending {
        var duration: Int64?
        var title = ""
        var byteRange: MediaPlaylist.ByteRange?
        var isDiscontinuity = false

        var isEmpty: Bool { duration == nil && byteRange == nil && !isDiscontinuity }
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
            let attributes = try AttributeList(value ?? "", line: line)
            map = .init(uri: try attributes.requiredQuoted("URI"))
            if let text = try attributes.quoted("BYTERANGE") {
                guard let range = MediaPlaylist.ByteRange(text[...]) else {
                    throw PlaylistError(line: line, reason: "BYTERANGE must be length[@offset]")
                }
                map?.byteRange = range
            }
        case "EXT-X-VERSION", "EXT-X-TARGETDURATION", "EXT-X-MEDIA-SEQUENCE", "EXT-X-PLAYLIST-TYPE", "EXT-X-ENDLIST",
            "EXT-X-INDEPENDENT-SEGMENTS", "EXT-X-START":
            guard seen.insert(name).inserted else { throw PlaylistError(line: line, reason: "\(name) is given twice") }
            try single(name, value, line: line)
        case "EXT-X-STREAM-INF", "EXT-X-MEDIA", "EXT-X-I-FRAME-STREAM-INF", "EXT-X-SESSION-DATA", "EXT-X-SESSION-KEY":
            throw PlaylistError(line: line, reason: "\(name) belongs in a multivariant playlist")
        default:
            break
        }
    }

    private mutating func single(_ name: Substring, _ value: Substring?, line: Int) throws(PlaylistError) {
        switch name {
        case "EXT-X-ENDLIST":
            playlist.isEnded = true
        case "EXT-X-INDEPENDENT-SEGMENTS":
            playlist.hasIndependentSegments = true
        case "EXT-X-PLAYLIST-TYPE":
            guard let kind = value.flatMap({ MediaPlaylist.Kind(rawValue: String($0)) }) else {
                throw PlaylistError(line: line, reason: "EXT-X-PLAYLIST-TYPE must be EVENT or VOD")
            }
            playlist.kind = kind
        case "EXT-X-START":
            let attributes = try AttributeList(value ?? "", line: line)
            guard let offset = try attributes.fixed("TIME-OFFSET", places: 6, signed: true) else {
                throw attributes.missing("TIME-OFFSET")
            }
            playlist.startOffsetMicroseconds = offset
        default:
            guard let number = value.flatMap({ PlaylistNumbers.integer($0) }) else {
                throw PlaylistError(line: line, reason: "\(name) must be a decimal integer")
            }
            switch name {
            case "EXT-X-VERSION": playlist.version = number
            case "EXT-X-TARGETDURATION": playlist.targetDurationSeconds = number
            default:
                guard playlist.segments.isEmpty else {
                    throw PlaylistError(line: line, reason: "EXT-X-MEDIA-SEQUENCE must come before the first segment")
                }
                playlist.mediaSequence = number
            }
        }
    }

    mutating func uri(_ uri: Substring, line: Int) throws(PlaylistError) {
        guard let duration = next.duration else {
            throw PlaylistError(line: line, reason: "a segment needs an EXTINF before its address")
        }
        playlist.segments.append(
            .init(
                uri: String(uri), durationMicroseconds: duration, title: next.title, byteRange: next.byteRange,
                map: map,
                isDiscontinuity: next.isDiscontinuity))
        next = Pending()
    }

    func finish() throws(PlaylistError) -> MediaPlaylist {
        guard seen.contains("EXT-X-TARGETDURATION") else {
            throw PlaylistError(line: 0, reason: "EXT-X-TARGETDURATION is missing")
        }
        guard next.isEmpty else { throw PlaylistError(line: 0, reason: "the last segment has no address") }
        let limit = Int64(
            clamping: playlist.targetDurationSeconds.multipliedReportingOverflow(by: 1_000_000).partialValue)
        let exceeds = playlist.segments.contains { segment in
            playlist.targetDurationSeconds < 1_000_000_000 && segment.durationMicroseconds >= limit + 500_000
        }
        if exceeds { throw PlaylistError(line: 0, reason: "a segment is longer than EXT-X-TARGETDURATION") }
        return playlist
    }
}
