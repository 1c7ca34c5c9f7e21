import Playlist
import Presentation
import Testing

@Suite struct EncryptionTests {
    private static func presentation(isEncrypted: Bool) -> Presentation {
        var outline = PresentationTests.outline
        outline.renditions += [
            RenditionOutline(
                name: "subtitles-de",
                content: .subtitles(language: "de", title: nil, isForced: false, describesSound: false), codec: "wvtt",
                declaredPeak: 1000, declaredAverage: 1000),
            ByProductTests.trickPlay, ByProductTests.storyboard,
        ]
        var presentation = Presentation(outline: outline, isEncrypted: isEncrypted)
        for rendition in outline.renditions.indices {
            for number in 1...2 {
                var segment = PresentationTests.segment(rendition, number, bytes: 96)
                if outline.renditions[rendition].isTrickPlay {
                    segment.fragments = [
                        .init(bytes: 64, durationMicroseconds: 3_000_000),
                        .init(bytes: 32, durationMicroseconds: 3_000_000),
                    ]
                }
                _ = presentation.add(segment)
            }
        }
        return presentation
    }

    @Test(arguments: [false, true])
    func `one key holds for all segments, with their numbers as vectors, and for no init segment`(isFinal: Bool) throws
    {
        let presentation = Self.presentation(isEncrypted: true)
        for rendition in 0...2 {
            let text = presentation.mediaPlaylist(rendition: rendition, isFinal: isFinal).text
            let tags = text.split(separator: "\n").filter { $0.hasPrefix("#EXT-X-KEY") || $0.hasPrefix("#EXT-X-MAP") }
            let map: [Substring] = rendition == 2 ? [] : ["#EXT-X-MAP:URI=\"init.mp4\""]
            #expect(tags == map + ["#EXT-X-KEY:METHOD=AES-128,URI=\"../content.key\""])
            let parsed = try MediaPlaylist(parsing: Array(text.utf8))
            #expect(parsed.segments.count == 2 && parsed.segments.allSatisfy { $0.keys.count == 1 })
            #expect(parsed.segments.allSatisfy { $0.map?.keys.isEmpty ?? true })
        }
    }

    @Test func `of keyframes each has a vector of its own`() throws {
        let playlist = Self.presentation(isEncrypted: true).mediaPlaylist(rendition: 3, isFinal: true)
        #expect(
            playlist.segments.map { $0.keys.map(\.initializationVector) } == [
                ["0x00000000000000010000000000000001"], ["0x00000000000000020000000000000001"],
                ["0x00000000000000010000000000000002"], ["0x00000000000000020000000000000002"],
            ])
        #expect(try MediaPlaylist(parsing: Array(playlist.text.utf8)) == playlist)
    }

    @Test func `what is not encrypted names no key`() throws {
        let clear = Self.presentation(isEncrypted: false)
        for rendition in 0...3 {
            #expect(!clear.mediaPlaylist(rendition: rendition, isFinal: true).text.contains("EXT-X-KEY"))
        }
        let list = try #require(Self.presentation(isEncrypted: true).list(rendition: 4, isFinal: true))
        #expect(!list.text.contains("key"))
    }

    @Test func `a vector is the segment's number in sixteen bytes, and a key says nothing of itself`() throws {
        #expect(ContentKey.vector(number: 0x0102) == [UInt8](repeating: 0, count: 14) + [1, 2])
        #expect(ContentKey.vector(number: 1, part: 3)[7] == 3)
        #expect(ContentKey([1, 2, 3]) == nil)
        let key = try #require(ContentKey([UInt8](repeating: 171, count: 16)))
        #expect(!"\(key) \(String(reflecting: [key]))".contains("171"))
    }
}
