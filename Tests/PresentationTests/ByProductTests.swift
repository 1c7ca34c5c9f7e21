import JSON
import Playlist
import Presentation
import Testing

@Suite struct ByProductTests {
    static let trickPlay = RenditionOutline(
        name: "trick", content: .trickPlay(width: 416, height: 234), codec: "avc1.64000d", declaredPeak: 90_000,
        declaredAverage: 45_000)
    static let storyboard = RenditionOutline(
        name: "storyboard", content: .storyboard(width: 160, height: 90, tiles: 6), codec: "mjpg", declaredPeak: 0,
        declaredAverage: 0)

    private static var outline: PresentationOutline {
        var outline = PresentationTests.outline
        outline.renditions += [
            trickPlay, storyboard,
            RenditionOutline(
                name: "poster", content: .poster(width: 960, height: 540), codec: "mjpg", declaredPeak: 0,
                declaredAverage: 0),
        ]
        return outline
    }

    private static func presentation(_ segments: StoredSegment...) -> Presentation {
        var presentation = Presentation(outline: outline)
        for segment in segments { _ = presentation.add(segment) }
        return presentation
    }

    @Test func `keyframes are listed one by one, as parts of their segment`() throws {
        var segment = PresentationTests.segment(2, 1, bytes: 900, microseconds: 3_000_000)
        segment.fragments = [
            .init(bytes: 400, durationMicroseconds: 1_000_000), .init(bytes: 300, durationMicroseconds: 1_000_000),
            .init(bytes: 200, durationMicroseconds: 1_000_000),
        ]
        let presentation = Self.presentation(segment)
        let playlist = presentation.mediaPlaylist(rendition: 2, isFinal: true)
        #expect(playlist.isIFramesOnly)
        #expect(playlist.segments.map(\.uri) == ["00001.m4s", "00001.m4s", "00001.m4s"])
        #expect(playlist.segments.map(\.byteRange?.offset) == [0, 400, 700])
        #expect(playlist.segments.map(\.byteRange?.length) == [400, 300, 200])
        #expect(playlist.segments.allSatisfy { $0.bitrateKilobits == nil && $0.map?.uri == "init.mp4" })
        #expect(try MediaPlaylist(parsing: Array(playlist.text.utf8)) == playlist)
    }

    @Test func `playing fast is offered beside the sizes, and is none of them`() throws {
        let presentation = Self.presentation(
            PresentationTests.segment(0, 1), PresentationTests.segment(1, 1), PresentationTests.segment(2, 1))
        let playlist = presentation.multivariant(isFinal: true)
        #expect(playlist.variants.map(\.uri) == ["720p/index.m3u8"])
        #expect(playlist.iFrameVariants.map(\.uri) == ["trick/index.m3u8"])
        #expect(playlist.iFrameVariants.first?.resolution == .init(width: 416, height: 234))
        #expect(presentation.outline.streams == [0, 1])
    }

    @Test func `the rate of keyframes is that of the worst run of them, whichever segments it spans`() {
        var segments = [
            PresentationTests.segment(2, 1, bytes: 6000), PresentationTests.segment(2, 2, bytes: 6000),
        ]
        let sizes = [[100, 100, 100, 1900, 1900, 1900], [1900, 1900, 1900, 100, 100, 100]]
        for index in segments.indices {
            segments[index].fragments = sizes[index].map { .init(bytes: $0, durationMicroseconds: 1_000_000) }
        }
        let rates = Self.presentation(segments[0], segments[1]).bandwidth(rendition: 2, isFinal: true)
        #expect(rates.peak == 1900 * 8)
        #expect(rates.average == 1000 * 8)
    }

    @Test func `by-products do not hold up the beginning`() {
        #expect(Self.presentation(PresentationTests.segment(0, 1), PresentationTests.segment(1, 1)).isPlayable)
    }

    @Test func `a storyboard tells where each small picture is and when it is shown`() throws {
        let presentation = Self.presentation(
            PresentationTests.segment(3, 1, microseconds: 6_006_000),
            PresentationTests.segment(3, 2, microseconds: 1_400_000))
        let text = try #require(presentation.storyboard(rendition: 3))
        let cues = text.split(separator: "\n").dropFirst().map(String.init)
        #expect(text.hasPrefix("WEBVTT\n\n"))
        #expect(cues.count == 16)
        #expect(cues[0] == "00:00:00.000 --> 00:00:01.001")
        #expect(cues[1] == "00001.jpg#xywh=0,0,160,90")
        #expect(cues[10] == "00:00:05.005 --> 00:00:06.006")
        #expect(cues[11] == "00001.jpg#xywh=800,0,160,90")
        #expect(cues[14] == "00:00:07.006 --> 00:00:07.406")
        #expect(cues[15] == "00002.jpg#xywh=160,0,160,90")
        #expect(presentation.storyboard(rendition: 0) == nil)
    }

    @Test func `the poster is of a tenth of the way, and no list names it`() {
        var presentation = Self.presentation()
        #expect(presentation.posterPath() == nil)
        for (number, path) in [(2, nil), (1, "poster/00001.jpg"), (3, "poster/00001.jpg")] {
            _ = presentation.add(PresentationTests.segment(4, number))
            #expect(presentation.posterPath() == path)
        }
        for number in 4...25 { _ = presentation.add(PresentationTests.segment(4, number)) }
        #expect(presentation.posterPath() == "poster/00003.jpg")
        let seconds = Double(presentation.playable(rendition: 4)[0].durationMicroseconds) / 1_000_000
        for (place, number) in [(0, "01"), (seconds - 0.01, "01"), (seconds + 0.01, "02"), (1_000_000, "25")] {
            #expect(presentation.posterPath(at: place) == "poster/000\(number).jpg")
        }
    }

    @Test func `by-products cross processes unchanged, and fragments beyond their segment are refused`() throws {
        #expect(PresentationOutline(json: Self.outline.json) == Self.outline)
        var segment = PresentationTests.segment(2, 1, bytes: 900)
        segment.fragments = [.init(bytes: 500, durationMicroseconds: 1), .init(bytes: 400, durationMicroseconds: 1)]
        #expect(StoredSegment(json: segment.json) == segment)
        segment.fragments[0].bytes = 501
        #expect(StoredSegment(json: segment.json) == nil)
    }
}
