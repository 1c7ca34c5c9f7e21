import Playlist
import Testing

@Suite struct MediaPlaylistTests {
    static let finished = MediaPlaylist(
        targetDurationSeconds: 6, mediaSequence: 1, kind: .vod, hasIndependentSegments: true,
        segments: [
            .init(uri: "00001.m4s", durationMicroseconds: 6_006_000, map: .init(uri: "init.mp4")),
            .init(uri: "00002.m4s", durationMicroseconds: 1_251_250, map: .init(uri: "init.mp4")),
        ], isEnded: true)

    static let text = """
        #EXTM3U
        #EXT-X-VERSION:7
        #EXT-X-TARGETDURATION:6
        #EXT-X-MEDIA-SEQUENCE:1
        #EXT-X-PLAYLIST-TYPE:VOD
        #EXT-X-INDEPENDENT-SEGMENTS
        #EXT-X-MAP:URI="init.mp4"
        #EXTINF:6.006000,
        00001.m4s
        #EXTINF:1.251250,
        00002.m4s
        #EXT-X-ENDLIST

        """

    @Test func `a finished list is written tag by tag`() {
        #expect(Self.finished.text == Self.text)
    }

    @Test func `what is written is read back as the same value`() throws {
        #expect(try MediaPlaylist(parsing: Array(Self.finished.text.utf8)) == Self.finished)
        var growing = Self.finished
        growing.kind = .event
        growing.isEnded = false
        growing.startOffsetMicroseconds = 0
        growing.segments[1].isDiscontinuity = true
        growing.segments[1].byteRange = .init(length: 100, offset: 7)
        growing.segments[1].map = .init(uri: "other.mp4", byteRange: .init(length: 5, offset: 0))
        #expect(try MediaPlaylist(parsing: Array(growing.text.utf8)) == growing)
    }

    @Test func `CRLF, comments, blank lines and unknown tags are read over`() throws {
        let text = "#EXTM3U\r\n# a comment\r\n\r\n#EXT-X-FUTURE:1\r\n#EXT-X-TARGETDURATION:4\r\n#EXTINF:3.5\r\na.ts\r\n"
        let playlist = try MediaPlaylist(parsing: Array(text.utf8))
        #expect(playlist.segments == [.init(uri: "a.ts", durationMicroseconds: 3_500_000)])
        #expect(playlist.version == 1)
        #expect(!playlist.isEnded)
    }

    @Test func `durations are summed without drift`() {
        #expect(Self.finished.durationMicroseconds == 7_257_250)
    }

    @Test(arguments: [
        ("", 1, "#EXTM3U"),
        ("\u{feff}#EXTM3U\n#EXT-X-TARGETDURATION:1\n", 1, "#EXTM3U"),
        ("#EXTM3U\n", 0, "EXT-X-TARGETDURATION is missing"),
        ("#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXT-X-TARGETDURATION:6\n", 3, "twice"),
        ("#EXTM3U\n#EXT-X-TARGETDURATION:+6\n", 2, "decimal integer"),
        ("#EXTM3U\n#EXT-X-TARGETDURATION:99999999999999999999\n", 2, "decimal integer"),
        ("#EXTM3U\n#EXT-X-TARGETDURATION:6\na.ts\n", 3, "EXTINF"),
        ("#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:1e3,\na.ts\n", 3, "EXTINF"),
        ("#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:-1,\na.ts\n", 3, "EXTINF"),
        ("#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:6.5,\na.ts\n", 0, "longer"),
        ("#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:6,\n", 0, "no address"),
        ("#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXT-X-MAP:URI=init.mp4\n", 3, "quoted"),
        ("#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXT-X-MAP:URI=\"a\",URI=\"b\"\n", 3, "twice"),
        ("#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXT-X-BYTERANGE:9223372036854775807@1\n", 3, "BYTERANGE"),
        ("#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXT-X-PLAYLIST-TYPE:LIVE\n", 3, "EVENT or VOD"),
        ("#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXT-X-STREAM-INF:BANDWIDTH=1\n", 3, "multivariant"),
        ("#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXT\u{7}\n", 3, "control"),
    ])
    func `a broken list is refused with its line and the reason`(text: String, line: Int, words: String) {
        let error = #expect(throws: PlaylistError.self) { try MediaPlaylist(parsing: Array(text.utf8)) }
        #expect(error?.line == line)
        #expect(error?.reason.contains(words) == true)
    }

    @Test func `bytes that are no UTF-8 are refused`() {
        #expect(throws: PlaylistError.self) { try MediaPlaylist(parsing: [0x23, 0xff, 0xfe]) }
    }

    @Test func `every truncation of a list is either read or refused`() {
        let bytes = Array(Self.text.utf8)
        for count in bytes.indices {
            let playlist = try? MediaPlaylist(parsing: bytes[..<count])
            if let playlist { #expect(playlist.segments.count <= 2) }
        }
    }
}
