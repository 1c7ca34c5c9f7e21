import JSON
import Playlist
import Presentation
import Testing

@Suite struct SurroundTests {
    /// German with 5.1, English without.
    private static var outline: PresentationOutline {
        var outline = PresentationTests.outline
        let sounds: [(String, String, Int, Int)] = [
            ("audio", "de", 2, 1), ("audio-2", "en", 2, 2), ("surround", "de", 6, 1),
        ]
        outline.renditions = [outline.renditions[0], outline.renditions[0]]
        outline.renditions[0].name = "360p"
        outline.renditions += sounds.map { name, language, channels, track in
            RenditionOutline(
                name: name,
                content: .audio(language: language, channels: channels, isDefault: track == 1, track: track),
                codec: "mp4a.40.2", declaredPeak: channels * 80_000, declaredAverage: channels * 64_000)
        }
        return outline
    }

    private static func presentation(_ sizes: [(rendition: Int, bytes: Int)], outline: PresentationOutline = outline)
        -> Presentation
    {
        var presentation = Presentation(outline: outline)
        for (rendition, bytes) in sizes {
            _ = presentation.add(PresentationTests.segment(rendition, 1, bytes: bytes))
        }
        return presentation
    }

    private static let film = [(0, 300_000), (1, 2_004_000), (2, 90_000), (3, 96_000), (4, 288_000)]

    @Test func `every size is listed with stereo and then with surround, at the rates of each`() throws {
        let list = Self.presentation(Self.film).multivariant(isFinal: true)
        #expect(list.variants.map(\.uri) == ["360p", "720p", "360p", "720p"].map { $0 + "/index.m3u8" })
        #expect(list.variants.map(\.audioGroup) == ["audio", "audio", "surround", "surround"])
        #expect(list.variants.map(\.bandwidth) == [396_000, 2_100_000, 588_000, 2_292_000].map { $0 * 8 / 6 })
        #expect(list.variants.map(\.scoreThousandths) == [1000, 2000, 1500, 2500])
        #expect(try MultivariantPlaylist(parsing: Array(list.text.utf8)) == list)
    }

    @Test func `every language is in every group under the same name, in stereo where there is nothing more`() {
        let sounds = Self.presentation(Self.film).multivariant(isFinal: true).renditions
        #expect(sounds.map(\.group) == ["audio", "audio", "surround", "surround"])
        #expect(sounds.map(\.name) == ["de (audio)", "en (audio-2)", "de (audio)", "en (audio-2)"])
        #expect(sounds.map(\.channels) == ["2", "2", "6", "2"])
        #expect(sounds.map(\.uri) == ["audio", "audio-2", "surround", "audio-2"].map { $0 + "/index.m3u8" })
        #expect(sounds.map(\.isDefault) == [true, false, true, false])
    }

    @Test func `surround is offered once it has begun`() {
        let list = Self.presentation(Array(Self.film.dropLast())).multivariant(isFinal: false)
        #expect(list.variants.map(\.audioGroup) == ["audio", "audio"])
        #expect(list.renditions.map(\.group) == ["audio", "audio"])
        #expect(Self.presentation([(0, 9), (4, 9)]).multivariant(isFinal: false).variants.map(\.audioGroup) == [nil])
    }

    @Test func `sound alone offers both as variants`() {
        var outline = Self.outline
        outline.renditions = [outline.renditions[2], outline.renditions[4]]
        let list = Self.presentation([(0, 96_000), (1, 288_000)], outline: outline).multivariant(isFinal: true)
        #expect(list.variants.map(\.uri) == ["audio/index.m3u8", "surround/index.m3u8"])
        #expect(list.variants.map(\.audioGroup) == ["audio", "surround"])
        #expect(list.renditions.map(\.channels) == ["2", "6"])
    }

    @Test func `the outline crosses unchanged, and one without numbers of sounds is still read`() throws {
        #expect(PresentationOutline(json: Self.outline.json) == Self.outline)
        var old = PresentationTests.outline.json
        guard case .object(var object) = old, case .array(var renditions)? = object["renditions"],
            case .object(var sound)? = renditions.last
        else {
            Issue.record("no outline")
            return
        }
        for (track, isRead) in [(nil, true), (3, true), (-1, false), ("x", false)] as [(JSONValue?, Bool)] {
            sound["track"] = track
            renditions[renditions.count - 1] = .object(sound)
            object["renditions"] = .array(renditions)
            old = .object(object)
            #expect((PresentationOutline(json: old) != nil) == isRead)
        }
    }
}
