import JSON
import Playlist
import Testing
import Transcode

@Suite struct PresentationTests {
    private func add(
        _ presentation: inout Presentation, rendition: Int, number: Int, bytes: Int, durationMicroseconds: Int64
    ) {
        let isTaken = presentation.add(
            rendition: rendition, number: number, bytes: bytes, durationMicroseconds: durationMicroseconds)
        #expect(isTaken)
    }

    private func refuse(
        _ presentation: inout Presentation, rendition: Int, number: Int, bytes: Int, durationMicroseconds: Int64
    ) {
        let isTaken = presentation.add(
            rendition: rendition, number: number, bytes: bytes, durationMicroseconds: durationMicroseconds)
        #expect(!isTaken)
    }

    private func filled() -> Presentation {
        var presentation = Presentation(outline: TranscodeEventTests.outline)
        for (number, bytes) in [(1, 1_500_000), (2, 750_000)] {
            add(&presentation, rendition: 0, number: number, bytes: bytes, durationMicroseconds: 6_000_000)
            add(&presentation, rendition: 1, number: number, bytes: 96_000, durationMicroseconds: 6_000_000)
        }
        return presentation
    }

    @Test func `it is playable once every rendition has a segment`() {
        var presentation = Presentation(outline: TranscodeEventTests.outline)
        #expect(!presentation.isPlayable)
        add(&presentation, rendition: 0, number: 1, bytes: 1, durationMicroseconds: 1)
        #expect(!presentation.isPlayable)
        add(&presentation, rendition: 1, number: 1, bytes: 1, durationMicroseconds: 1)
        #expect(presentation.isPlayable)
    }

    @Test func `segments out of order or of unknown renditions are not taken`() {
        var presentation = Presentation(outline: TranscodeEventTests.outline)
        refuse(&presentation, rendition: 0, number: 2, bytes: 1, durationMicroseconds: 1)
        refuse(&presentation, rendition: 2, number: 1, bytes: 1, durationMicroseconds: 1)
        refuse(&presentation, rendition: -1, number: 1, bytes: 1, durationMicroseconds: 1)
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
        var outline = TranscodeEventTests.outline
        outline.renditions.removeFirst()
        var presentation = Presentation(outline: outline)
        add(&presentation, rendition: 0, number: 1, bytes: 96_000, durationMicroseconds: 6_000_000)
        let playlist = presentation.multivariant(isFinal: true)
        #expect(playlist.renditions.isEmpty)
        #expect(playlist.variants.map(\.uri) == ["audio/index.m3u8"])
        #expect(playlist.variants.first?.resolution == nil)
        #expect(playlist.variants.first?.bandwidth == 128_000)
    }

    @Test func `the best size up to 2 Mb per second is the first variant`() {
        var outline = TranscodeEventTests.outline
        let small = RenditionOutline(
            name: "540p", content: .video(width: 960, height: 540, frameRateThousandths: 25_000), codec: "avc1.64001f",
            declaredPeak: 2_600_000, declaredAverage: 2_000_000)
        let smallest = RenditionOutline(
            name: "234p", content: .video(width: 416, height: 234, frameRateThousandths: 25_000), codec: "avc1.64000d",
            declaredPeak: 200_000, declaredAverage: 145_000)
        outline.renditions.insert(contentsOf: [smallest, small], at: 0)
        let uris = Presentation(outline: outline).multivariant(isFinal: false).variants.map(\.uri)
        #expect(uris == ["540p/index.m3u8", "234p/index.m3u8", "720p/index.m3u8"])
    }

    @Test func `the catalog's list has bytes, segments and rates`() {
        let list = filled().renditionsJSON(isFinal: true)
        #expect(list[0]?["name"]?.string == "720p")
        #expect(list[0]?["bytes"]?.integer == 2_250_000)
        #expect(list[0]?["segments"]?.integer == 2)
        #expect(list[0]?["bandwidth"]?.integer == 2_000_000)
        #expect(list[1]?["width"]?.integer == 0)
    }
}
