import JSON
import Playlist
import Presentation
import Testing

@Suite struct SubtitleTests {
    private static func subtitles(
        _ name: String, _ language: String?, title: String? = nil, isForced: Bool = false, describesSound: Bool = false
    ) -> RenditionOutline {
        RenditionOutline(
            name: name,
            content: .subtitles(language: language, title: title, isForced: isForced, describesSound: describesSound),
            codec: "wvtt", declaredPeak: 1000, declaredAverage: 250)
    }

    private static var outline: PresentationOutline {
        var outline = PresentationTests.outline
        outline.renditions += [
            subtitles("subtitles", "en"), subtitles("subtitles-2", "en", title: "Signs", isForced: true),
            subtitles("subtitles-3", "en", title: "Signs", describesSound: true), subtitles("subtitles-4", "en"),
            subtitles("subtitles-5", nil),
        ]
        return outline
    }

    private static func presentation(_ segments: [StoredSegment]) -> Presentation {
        var presentation = Presentation(outline: outline)
        for segment in segments { _ = presentation.add(segment) }
        return presentation
    }

    private static let film = [
        PresentationTests.segment(0, 1, bytes: 1_500_000), PresentationTests.segment(1, 1, bytes: 96_000),
    ]

    @Test func `they join the list when they are there, and nothing waits for them`() {
        let before = Self.presentation(Self.film)
        #expect(before.isPlayable)
        #expect(before.multivariant(isFinal: false).variants.map(\.subtitlesGroup) == [nil])
        #expect(before.multivariant(isFinal: false).renditions.count == 1)
        let after = Self.presentation(Self.film + [PresentationTests.segment(2, 1, bytes: 80)])
        let variant = after.multivariant(isFinal: false).variants[0]
        #expect(variant.subtitlesGroup == "subtitles" && variant.codecs.last == "wvtt")
        #expect(variant.bandwidth == before.multivariant(isFinal: false).variants[0].bandwidth + 1000)
    }

    @Test func `language, name and kind follow Apple's rules`() throws {
        let segments = (2...6).map { PresentationTests.segment($0, 1, bytes: 60 + $0) }
        let list = Self.presentation(Self.film + segments).multivariant(isFinal: true)
        let texts = list.renditions.filter { $0.kind == .subtitles }
        #expect(
            texts.map(\.name) == [
                "en (subtitles)", "Signs", "Signs (subtitles-3)", "en (subtitles-4)", "subtitles-5",
            ])
        #expect(texts.map(\.language) == ["en", "en", "en", "en", "und"])
        #expect(texts.map(\.isForced) == [false, true, false, false, false])
        // Two that differ in nothing a player knows of: it can choose one of them only.
        #expect(texts.map(\.isAutoselect) == [true, true, true, false, true])
        #expect(texts.map(\.isDefault) == [false, false, false, false, false])
        #expect(texts.map(\.characteristics.count) == [0, 0, 2, 0, 0])
        #expect(texts.allSatisfy { $0.group == "subtitles" && $0.channels == nil })
        #expect(list.variants[0].bandwidth == (1_500_000 + 96_000 + 66) * 8 / 6)
        #expect(try MultivariantPlaylist(parsing: Array(list.text.utf8)) == list)
    }

    @Test func `their segments are texts without an init segment`() throws {
        let presentation = Self.presentation([PresentationTests.segment(2, 1, bytes: 60)])
        let list = try #require(presentation.list(rendition: 2, isFinal: false))
        #expect(list.path == "subtitles/index.m3u8")
        let playlist = try MediaPlaylist(parsing: Array(list.text.utf8))
        #expect(playlist.segments.map(\.uri) == ["00001.vtt"])
        #expect(playlist.segments.allSatisfy { $0.map == nil && $0.bitrateKilobits == nil })
        #expect(playlist.kind == .event && playlist.targetDurationSeconds == 6)
        #expect(!presentation.outline.renditions[2].hasInitialization)
    }

    @Test func `sound alone has them as well`() {
        var outline = Self.outline
        outline.renditions.removeFirst()
        var presentation = Presentation(outline: outline)
        _ = presentation.add(PresentationTests.segment(0, 1))
        _ = presentation.add(PresentationTests.segment(1, 1, bytes: 60))
        let list = presentation.multivariant(isFinal: true)
        #expect(list.renditions.map(\.kind) == [.subtitles])
        #expect(list.variants.map(\.subtitlesGroup) == ["subtitles"])
    }

    @Test func `they cross processes unchanged, and nothing leaves its quotes or its folder`() {
        #expect(PresentationOutline(json: Self.outline.json) == Self.outline)
        for (language, title) in [("en\"", nil), ("../x", nil), ("en", "a\"b"), ("en", "a\nb"), ("en", "")] {
            var outline = Self.outline
            outline.renditions[2] = Self.subtitles("subtitles", language, title: title)
            #expect(PresentationOutline(json: outline.json) == nil)
        }
    }
}
