import JSON
import Playlist
import Presentation
import Testing

@Suite struct PresentationTests {
    static let outline = PresentationOutline(
        renditions: [
            RenditionOutline(
                name: "720p", content: .video(width: 1280, height: 720, frameRateThousandths: 25_000),
                codec: "avc1.64001f", declaredPeak: 3_900_000, declaredAverage: 3_000_000),
            RenditionOutline(
                name: "audio", content: .audio(language: "de", channels: 2, isDefault: true), codec: "mp4a.40.2",
                declaredPeak: 160_000, declaredAverage: 128_000),
        ], targetDurationSeconds: 6, durationSeconds: 12, explanation: ["decisions": []])

    static func segment(
        _ rendition: Int, _ number: Int, bytes: Int = 1000, microseconds: Int64 = 6_000_000, hash: Character = "a"
    ) -> StoredSegment {
        StoredSegment(
            rendition: rendition, number: number, bytes: bytes, durationMicroseconds: microseconds,
            sha256: String(repeating: hash, count: 64))
    }

    private func filled(_ segments: [StoredSegment]? = nil, outline: PresentationOutline = Self.outline) -> Presentation
    {
        var presentation = Presentation(outline: outline)
        let film = [
            Self.segment(0, 1, bytes: 1_500_000), Self.segment(1, 1, bytes: 96_000),
            Self.segment(0, 2, bytes: 750_000), Self.segment(1, 2, bytes: 96_000),
        ]
        for segment in segments ?? film {
            let addition = presentation.add(segment)
            #expect(addition == .added)
        }
        return presentation
    }

    @Test func `it is playable once a size of the picture and all sound can begin`() {
        var outline = Self.outline
        outline.renditions.insert(outline.renditions[0], at: 0)
        outline.renditions[0].name = "360p"
        #expect(!filled([], outline: outline).isPlayable)
        #expect(!filled([Self.segment(0, 1), Self.segment(1, 1)], outline: outline).isPlayable)
        #expect(!filled([Self.segment(1, 2), Self.segment(2, 1)], outline: outline).isPlayable)
        #expect(filled([Self.segment(0, 1), Self.segment(2, 1)], outline: outline).isPlayable)
    }

    @Test func `segments may come in any order, and are listed up to the first that is missing`() {
        var presentation = filled([Self.segment(0, 3), Self.segment(0, 1)])
        #expect(presentation.playable(rendition: 0).map(\.number) == [1])
        let addition = presentation.add(Self.segment(0, 2))
        #expect(addition == .added)
        #expect(presentation.playable(rendition: 0).map(\.number) == [1, 2, 3])
    }

    @Test func `the same segment twice is harmless, another one in its place is refused`() {
        var presentation = filled()
        let again = presentation.add(Self.segment(0, 1, bytes: 1_500_000))
        let other = presentation.add(Self.segment(0, 1, bytes: 1_500_000, hash: "b"))
        #expect(again == .known)
        #expect(other == .refused)
    }

    @Test func `segments of unknown renditions are refused`() {
        var presentation = filled()
        for (rendition, number) in [(2, 1), (-1, 1), (0, 0)] {
            let addition = presentation.add(Self.segment(rendition, number))
            #expect(addition == .refused)
        }
    }

    @Test func `progress grows with every segment and ends at one`() {
        var presentation = filled([])
        var before = -1.0
        for segment in [Self.segment(0, 2), Self.segment(1, 1), Self.segment(0, 1), Self.segment(1, 2)] {
            _ = presentation.add(segment)
            #expect(presentation.progress > before)
            before = presentation.progress
        }
        #expect(before == 1)
    }

    @Test func `a size that has not begun is not offered`() {
        var outline = Self.outline
        outline.renditions.insert(outline.renditions[0], at: 0)
        outline.renditions[0].name = "360p"
        let presentation = filled([Self.segment(0, 1), Self.segment(2, 1)], outline: outline)
        #expect(presentation.multivariant(isFinal: false).variants.map(\.uri) == ["360p/index.m3u8"])
    }

    @Test func `a growing list starts at its beginning and may be appended to`() throws {
        let playlist = filled().mediaPlaylist(rendition: 0, isFinal: false)
        #expect(playlist.kind == .event)
        #expect(!playlist.isEnded)
        #expect(playlist.startOffsetMicroseconds == 0)
        #expect(playlist.segments.map(\.uri) == ["00001.m4s", "00002.m4s"])
        #expect(playlist.segments.allSatisfy { $0.map?.uri == "init.mp4" })
        #expect(try MediaPlaylist(parsing: Array(playlist.text.utf8)) == playlist)
    }

    @Test func `the final list of variants states measured rates of picture and sound together`() throws {
        let variant = try #require(filled().multivariant(isFinal: true).variants.first)
        #expect(variant.bandwidth == 2_000_000 + 128_000)
        #expect(variant.averageBandwidth == 1_500_000 + 128_000)
        #expect(variant.codecs == ["avc1.64001f", "mp4a.40.2"])
        #expect(variant.resolution == .init(width: 1280, height: 720))
        #expect(variant.frameRateThousandths == 25_000)
        #expect(variant.audioGroup == "audio")
    }

    @Test func `before the end the declared maxima stand`() throws {
        let variant = try #require(filled().multivariant(isFinal: false).variants.first)
        #expect(variant.bandwidth == 3_900_000 + 160_000)
        #expect(variant.averageBandwidth == 3_000_000 + 128_000)
    }

    @Test func `sound alone is a variant of its own`() throws {
        var outline = Self.outline
        outline.renditions.removeFirst()
        let playlist = filled([Self.segment(0, 1, bytes: 96_000)], outline: outline).multivariant(isFinal: true)
        #expect(playlist.renditions.isEmpty)
        #expect(playlist.variants.map(\.uri) == ["audio/index.m3u8"])
        #expect(playlist.variants.first?.resolution == nil)
        #expect(playlist.variants.first?.bandwidth == 128_000)
    }

    @Test func `the best size up to 2 Mb per second is the first variant`() {
        var outline = Self.outline
        let small = RenditionOutline(
            name: "540p", content: .video(width: 960, height: 540, frameRateThousandths: 25_000), codec: "avc1.64001f",
            declaredPeak: 2_600_000, declaredAverage: 2_000_000)
        let smallest = RenditionOutline(
            name: "234p", content: .video(width: 416, height: 234, frameRateThousandths: 25_000), codec: "avc1.64000d",
            declaredPeak: 200_000, declaredAverage: 145_000)
        outline.renditions.insert(contentsOf: [smallest, small], at: 0)
        let begun = (0...3).map { Self.segment($0, 1) }
        let uris = filled(begun, outline: outline).multivariant(isFinal: false).variants.map(\.uri)
        #expect(uris == ["540p/index.m3u8", "234p/index.m3u8", "720p/index.m3u8"])
    }

    @Test func `at the end the first variant is the best one by what was measured`() {
        var outline = Self.outline
        outline.renditions.insert(outline.renditions[0], at: 0)
        outline.renditions[0].name = "540p"
        outline.renditions[0].declaredAverage = 2_000_000
        let presentation = filled(
            [Self.segment(0, 1, bytes: 900_000), Self.segment(1, 1, bytes: 1_200_000), Self.segment(2, 1)],
            outline: outline)
        #expect(presentation.multivariant(isFinal: false).variants.first?.uri == "540p/index.m3u8")
        #expect(presentation.multivariant(isFinal: true).variants.first?.uri == "720p/index.m3u8")
    }

    @Test func `every segment states its own rate, and pictures their range and rank`() throws {
        let playlist = filled().mediaPlaylist(rendition: 0, isFinal: true)
        #expect(playlist.segments.map(\.bitrateKilobits) == [2000, 1000])
        let variant = try #require(filled().multivariant(isFinal: true).variants.first)
        #expect(variant.videoRange == .sdr)
        #expect(variant.scoreThousandths == 1000)
    }

    @Test func `a better size has a higher score`() {
        var outline = Self.outline
        outline.renditions.insert(outline.renditions[0], at: 0)
        outline.renditions[0].name = "360p"
        let variants = filled((0...2).map { Self.segment($0, 1) }, outline: outline).multivariant(isFinal: true)
            .variants
        let scores = Dictionary(uniqueKeysWithValues: variants.map { ($0.uri, $0.scoreThousandths) })
        #expect(scores == ["360p/index.m3u8": 1000, "720p/index.m3u8": 2000])
    }

    @Test func `ladders are ranked together by size, and playing begins in the first codec`() {
        var outline = Self.outline
        for (index, (name, codec, height)) in [
            ("360p", "avc1.64001e", 360), ("720p", "avc1.64001f", 720), ("hevc-360p", "hvc1.1.6.L63.90", 360),
            ("hevc-720p", "hvc1.1.6.L93.90", 720),
        ].enumerated() {
            var size = Self.outline.renditions[0]
            size.name = name
            size.codec = codec
            size.content = .video(width: height * 16 / 9, height: height, frameRateThousandths: 25_000)
            size.declaredAverage = 1_000_000 + 100_000 * index
            outline.renditions.insert(size, at: index)
        }
        outline.renditions.remove(at: 4)
        let variants = filled((0...4).map { Self.segment($0, 1) }, outline: outline).multivariant(isFinal: false)
            .variants
        #expect(
            variants.map(\.uri) == ["720p", "360p", "hevc-360p", "hevc-720p"].map { $0 + "/index.m3u8" })
        #expect(variants.map(\.scoreThousandths) == [3000, 1000, 2000, 4000])
        #expect(variants[3].codecs.first == "hvc1.1.6.L93.90")
        #expect(outline.renditions[3].effort > outline.renditions[1].effort)
    }

    @Test func `a rendition's figures are its size, rates, segments and bytes`() {
        let list = (0...1).map { filled().figures(rendition: $0, isFinal: true).json }
        #expect(list[0]["name"]?.string == "720p")
        #expect(list[0]["bytes"]?.integer == 2_250_000)
        #expect(list[0]["segments"]?.integer == 2)
        #expect(list[0]["bandwidth"]?.integer == 2_000_000)
        #expect(list[1]["width"]?.integer == 0)
    }
}
