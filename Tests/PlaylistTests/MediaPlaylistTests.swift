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

    @Test func `keys, bit rates, dates, gaps and key frames are written and read back`() throws {
        var playlist = Self.finished
        playlist.isIFramesOnly = true
        playlist.discontinuitySequence = 3
        let keys: [MediaPlaylist.Key] = [
            .init(method: .aes128, uri: "a.key", initializationVector: "0x00000000000000000000000000000001"),
            .init(method: .sampleAES, uri: "skd://b", format: "com.apple.streamingkeydelivery", formatVersions: "1"),
        ]
        playlist.segments = (1...6).map {
            .init(uri: "\($0).m4s", durationMicroseconds: 6_000_000, map: .init(uri: "init.mp4"))
        }
        playlist.segments[1].keys = keys
        playlist.segments[2].keys = [keys[1]]
        playlist.segments[3].keys = [keys[1], keys[0]]
        playlist.segments[3].bitrateKilobits = 900
        playlist.segments[4].bitrateKilobits = 900
        playlist.segments[5].bitrateKilobits = 1_000
        playlist.segments[0].programDateTime = "2026-11-21T19:00:00.000Z"
        playlist.segments[4].isGap = true
        #expect(try MediaPlaylist(parsing: Array(playlist.text.utf8)) == playlist)
        #expect(playlist.text.contains("#EXT-X-I-FRAMES-ONLY\n"))
        #expect(playlist.text.contains("#EXT-X-DISCONTINUITY-SEQUENCE:3\n"))
        #expect(playlist.text.split(separator: "\n").count { $0.hasPrefix("#EXT-X-KEY") } == 7)
        #expect(playlist.text.split(separator: "\n").count { $0.hasPrefix("#EXT-X-BITRATE") } == 2)
    }

    @Test func `a map is encrypted only by keys that stand before it, also when another one follows`() throws {
        let key = MediaPlaylist.Key(method: .aes128, uri: "k")
        var playlist = Self.finished
        playlist.segments = (1...4).map {
            .init(
                uri: "\($0).m4s", durationMicroseconds: 6_000_000, map: .init(uri: $0 < 3 ? "a.mp4" : "b.mp4"),
                keys: [key])
        }
        let lines = playlist.text.split(separator: "\n").filter {
            $0.hasPrefix("#EXT-X-KEY") || $0.hasPrefix("#EXT-X-MAP")
        }
        #expect(
            lines == [
                "#EXT-X-MAP:URI=\"a.mp4\"", "#EXT-X-KEY:METHOD=AES-128,URI=\"k\"", "#EXT-X-KEY:METHOD=NONE",
                "#EXT-X-MAP:URI=\"b.mp4\"", "#EXT-X-KEY:METHOD=AES-128,URI=\"k\"",
            ])
        #expect(try MediaPlaylist(parsing: Array(playlist.text.utf8)) == playlist)
        for index in 2..<4 { playlist.segments[index].map?.keys = [key] }
        #expect(playlist.text.split(separator: "\n").count { $0.hasPrefix("#EXT-X-KEY") } == 1)
        #expect(try MediaPlaylist(parsing: Array(playlist.text.utf8)) == playlist)
    }

    @Test func `a bit rate is not said of byte ranges, and a key takes the place of one of its format`() throws {
        let text = """
            #EXTM3U
            #EXT-X-TARGETDURATION:6
            #EXT-X-BITRATE:500
            #EXT-X-KEY:METHOD=AES-128,URI="1"
            #EXTINF:6,
            a.ts
            #EXT-X-KEY:METHOD=AES-128,URI="2"
            #EXTINF:6,
            #EXT-X-BYTERANGE:100@0
            b.ts
            #EXT-X-KEY:METHOD=NONE
            #EXTINF:6,
            c.ts
            """
        let segments = try MediaPlaylist(parsing: Array(text.utf8)).segments
        #expect(segments.map(\.bitrateKilobits) == [500, nil, 500])
        #expect(segments.map { $0.keys.map(\.uri) } == [["1"], ["2"], []])
    }

    @Test func `a list with faults is read as far as it goes, and every fault has its line`() {
        let text = """
            #EXTM3U
            #EXT-X-TARGETDURATION:6
            #EXT-X-MAP:URI="init.mp4", BYTERANGE="10@0"
            #EXT-X-KEY:METHOD=AES-128
            #EXTINF:7.5,
            a.m4s
            b.m4s
            #EXTINF:6\u{1},
            #EXTINF:5,
            c.m4s
            """
        let reading = MediaPlaylist.reading(Array(text.utf8))
        #expect(reading.playlist.segments.map(\.uri) == ["a.m4s", "c.m4s"])
        #expect(reading.playlist.segments.first?.map?.byteRange == .init(length: 10, offset: 0))
        #expect(reading.problems.map(\.line) == [8, 3, 4, 7])
        #expect(reading.lines.segments == [6, 10])
        #expect(throws: PlaylistError.self) { try MediaPlaylist(parsing: Array(text.utf8)) }
    }

    @Test func `the list of faults ends`() {
        let text = "#EXTM3U\n" + String(repeating: "a.m4s\n", count: 10_000)
        #expect(MediaPlaylist.reading(Array(text.utf8)).problems.count == 64)
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
        ("#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXT-X-KEY:URI=\"a\"\n", 3, "METHOD is missing"),
        ("#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXT-X-KEY:METHOD=AES-128\n", 3, "URI is missing"),
        ("#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXT-X-KEY:METHOD=AES-128,URI=\"a\",IV=12\n", 3, "IV"),
        ("#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXT-X-BITRATE:1.5\n", 3, "EXT-X-BITRATE"),
        ("#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXT-X-PROGRAM-DATE-TIME:\n", 3, "one date"),
        ("#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXT-X-MAP:URI=\"a\", BYTERANGE=\"1\"\n", 3, "blank"),
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
