import Playlist
import Testing

@Suite struct MultivariantPlaylistTests {
    static let playlist = MultivariantPlaylist(
        renditions: [
            .init(
                kind: .audio, group: "audio", name: "Deutsch", language: "de", uri: "audio/index.m3u8", isDefault: true,
                isAutoselect: true, channels: "2")
        ],
        variants: [
            .init(
                uri: "720p/index.m3u8", bandwidth: 2_500_000, averageBandwidth: 2_000_000,
                codecs: ["avc1.64001f", "mp4a.40.2"], resolution: .init(width: 1280, height: 720),
                frameRateThousandths: 29_970, audioGroup: "audio", statesNoClosedCaptions: true)
        ])

    @Test func `attributes stand in the usual order`() {
        let expected = """
            #EXTM3U
            #EXT-X-VERSION:7
            #EXT-X-INDEPENDENT-SEGMENTS
            #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="Deutsch",LANGUAGE="de",DEFAULT=YES,AUTOSELECT=YES,\
            CHANNELS="2",URI="audio/index.m3u8"
            #EXT-X-STREAM-INF:BANDWIDTH=2500000,AVERAGE-BANDWIDTH=2000000,CODECS="avc1.64001f,mp4a.40.2",\
            RESOLUTION=1280x720,FRAME-RATE=29.970,AUDIO="audio",CLOSED-CAPTIONS=NONE
            720p/index.m3u8

            """
        #expect(Self.playlist.text == expected)
    }

    @Test func `what is written is read back as the same value`() throws {
        #expect(try MultivariantPlaylist(parsing: Array(Self.playlist.text.utf8)) == Self.playlist)
    }

    @Test func `a name cannot break out of its quotes`() throws {
        var playlist = Self.playlist
        playlist.renditions[0].name = "a\",URI=\"evil\"\n#EXT-X-ENDLIST"
        let read = try MultivariantPlaylist(parsing: Array(playlist.text.utf8))
        #expect(read.renditions[0].name == "a',URI='evil' #EXT-X-ENDLIST")
        #expect(read.renditions[0].uri == "audio/index.m3u8")
    }

    @Test func `every attribute is written and read back`() throws {
        var playlist = Self.playlist
        playlist.contentSteering = .init(serverURI: "/steering", pathwayID: "A")
        playlist.renditions[0].associatedLanguage = "de-CH"
        playlist.renditions[0].characteristics = ["public.accessibility.describes-video"]
        playlist.renditions[0].stableID = "de"
        playlist.renditions += [
            .init(
                kind: .subtitles, group: "text", name: "English", language: "en", uri: "text/en.m3u8",
                isAutoselect: true, isForced: true),
            .init(kind: .closedCaptions, group: "captions", name: "CC", language: "en", inStreamID: "CC1"),
            .init(kind: .video, group: "angles", name: "Side", uri: "side/index.m3u8"),
        ]
        playlist.variants[0].statesNoClosedCaptions = false
        playlist.variants[0].closedCaptionsGroup = "captions"
        playlist.variants[0].subtitlesGroup = "text"
        playlist.variants[0].videoGroup = "angles"
        playlist.variants[0].videoRange = .pq
        playlist.variants[0].scoreThousandths = 1_500
        playlist.variants[0].supplementalCodecs = ["dvh1.08.07/db4h"]
        playlist.variants[0].hdcpLevel = "TYPE-0"
        playlist.variants[0].stableID = "v1"
        playlist.variants[0].pathwayID = "A"
        playlist.iFrameVariants = [
            .init(
                uri: "720p/frames.m3u8", bandwidth: 300_000, averageBandwidth: 250_000, codecs: ["avc1.64001f"],
                resolution: .init(width: 1280, height: 720), videoRange: .sdr, scoreThousandths: 1_000,
                supplementalCodecs: ["dvh1.08.07/db4h"], hdcpLevel: "NONE", stableID: "i1", pathwayID: "A")
        ]
        #expect(try MultivariantPlaylist(parsing: Array(playlist.text.utf8)) == playlist)
        #expect(
            playlist.text.hasSuffix(
                "PATHWAY-ID=\"A\",URI=\"720p/frames.m3u8\"\n"))
    }

    @Test func `a list with faults is read as far as it goes, and every fault has its line`() {
        let text = """
            #EXTM3U
            #EXT-X-STREAM-INF:BANDWIDTH=1, CODECS="avc1.64001f"
            a.m3u8
            #EXT-X-STREAM-INF:CODECS="avc1.64001f"
            b.m3u8
            #EXT-X-STREAM-INF:BANDWIDTH=2,AUDIO="none",SUBTITLES="none"
            c.m3u8
            """
        let reading = MultivariantPlaylist.reading(Array(text.utf8))
        #expect(reading.playlist.variants.map(\.uri) == ["a.m3u8", "c.m3u8"])
        #expect(reading.playlist.variants.first?.codecs == ["avc1.64001f"])
        #expect(reading.problems.map(\.line) == [2, 4, 0, 0])
        #expect(reading.lines.variants == [2, 6])
    }

    @Test(arguments: [
        ("#EXTM3U\n", 0, "no EXT-X-STREAM-INF"),
        ("#EXTM3U\na.m3u8\n", 2, "EXT-X-STREAM-INF"),
        ("#EXTM3U\n#EXT-X-STREAM-INF:CODECS=\"a\"\na.m3u8\n", 2, "BANDWIDTH is missing"),
        ("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n#EXT-X-VERSION:7\na.m3u8\n", 3, "followed by its address"),
        ("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n", 0, "no address"),
        ("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=1280\na\n", 2, "RESOLUTION"),
        ("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO=\"x\"\na\n", 0, "audio group x"),
        ("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1, CODECS=\"a\"\na\n", 2, "NAME=value"),
        ("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS=\"a\na\n", 2, "does not end"),
        ("#EXTM3U\n#EXT-X-MEDIA:TYPE=SMELL,GROUP-ID=\"a\",NAME=\"b\"\n", 2, "TYPE"),
        ("#EXTM3U\n#EXT-X-TARGETDURATION:6\n", 2, "media playlist"),
        ("#EXTM3U\n#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1\n", 2, "URI is missing"),
        ("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,SUBTITLES=\"x\"\na\n", 0, "subtitles group x"),
        ("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,CLOSED-CAPTIONS=SOME\na\n", 2, "CLOSED-CAPTIONS"),
    ])
    func `a broken list is refused with its line and the reason`(text: String, line: Int, words: String) {
        let error = #expect(throws: PlaylistError.self) { try MultivariantPlaylist(parsing: Array(text.utf8)) }
        #expect(error?.line == line)
        #expect(error?.reason.contains(words) == true)
    }
}
