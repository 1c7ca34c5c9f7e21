extension MediaPlaylist {
    /// The playlist as text, one tag per line, LF ends.
    public var text: String {
        var text = "#EXTM3U\n#EXT-X-VERSION:\(version)\n#EXT-X-TARGETDURATION:\(targetDurationSeconds)\n"
        text += "#EXT-X-MEDIA-SEQUENCE:\(mediaSequence)\n"
        if let discontinuitySequence { text += "#EXT-X-DISCONTINUITY-SEQUENCE:\(discontinuitySequence)\n" }
        if let kind { text += "#EXT-X-PLAYLIST-TYPE:\(kind.rawValue)\n" }
        if hasIndependentSegments { text += "#EXT-X-INDEPENDENT-SEGMENTS\n" }
        if isIFramesOnly { text += "#EXT-X-I-FRAMES-ONLY\n" }
        if let offset = startOffsetMicroseconds {
            text += "#EXT-X-START:TIME-OFFSET=\(PlaylistNumbers.text(offset, places: 6))\n"
        }
        var map: Map?
        var keys: [Key] = []
        var bitrate: Int?
        for segment in segments {
            if segment.isDiscontinuity { text += "#EXT-X-DISCONTINUITY\n" }
            if let next = segment.map, next != map {
                text += next.keys.text(after: keys)
                keys = next.keys
                let range = next.byteRange.map { ",BYTERANGE=\"\($0.text)\"" } ?? ""
                text += "#EXT-X-MAP:URI=\"\(next.uri)\"\(range)\n"
                map = next
            }
            text += segment.keys.text(after: keys)
            keys = segment.keys
            if let time = segment.programDateTime { text += "#EXT-X-PROGRAM-DATE-TIME:\(time)\n" }
            if let next = segment.bitrateKilobits, next != bitrate, segment.byteRange == nil {
                text += "#EXT-X-BITRATE:\(next)\n"
                bitrate = next
            }
            if segment.isGap { text += "#EXT-X-GAP\n" }
            text += "#EXTINF:\(PlaylistNumbers.text(segment.durationMicroseconds, places: 6)),\(segment.title)\n"
            if let range = segment.byteRange { text += "#EXT-X-BYTERANGE:\(range.text)\n" }
            text += "\(segment.uri)\n"
        }
        if isEnded { text += "#EXT-X-ENDLIST\n" }
        return text
    }
}

extension [MediaPlaylist.Key] {
    /// Keys of other formats stay in force, in their order, until METHOD=NONE, so a format that is gone or moved needs one first.
    fileprivate func text(after previous: Self) -> String {
        guard self != previous else { return "" }
        let stays = previous.map(\.format) == prefix(previous.count).map(\.format)
        return (stays ? "" : "#EXT-X-KEY:METHOD=NONE\n") + map(\.text).joined()
    }
}

extension MediaPlaylist.ByteRange {
    var text: String {
        offset.map { "\(length)@\($0)" } ?? "\(length)"
    }

    init?(_ text: Substring) {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let length = PlaylistNumbers.integer(parts[0]) else { return nil }
        self.init(length: length)
        if parts.count == 2 {
            guard let offset = PlaylistNumbers.integer(parts[1]), offset <= Int.max - length else { return nil }
            self.offset = offset
        }
    }
}
