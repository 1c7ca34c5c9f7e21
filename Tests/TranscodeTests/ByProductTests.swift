import CMAF
import MediaPlan
import Presentation
import Testing

@Suite struct ByProductTests {
    private static let film = (0..<400).map { Int64($0) * 40 }

    private func index(_ name: String, in result: Recorder) throws -> Int {
        try #require(result.plan?.outline.renditions.firstIndex { $0.name == name })
    }

    @Test func `there is about one keyframe a second, each a fragment that decodes alone`() async throws {
        try await apart {
            let film = try NumberedFilm.bytes(times: Self.film, group: 48)
            let result = try withBytes(film) { try Recorder.transcoding($0) }
            let trick = try #require(result.plan?.outline.trickPlays.last)
            let rendition = result.renditions[trick]
            #expect(rendition.fragments.mapValues(\.count) == [1: 6, 2: 6, 3: 4])
            for (number, bytes) in rendition.segments {
                let fragments = try #require(rendition.fragments[number])
                #expect(fragments.reduce(0) { $0 + $1.bytes } == bytes.count)
                #expect(fragments.allSatisfy { $0.durationMicroseconds == 1_000_000 })
                var offset = 0
                for (place, fragment) in fragments.enumerated() {
                    let alone = Array(bytes[offset..<offset + fragment.bytes])
                    let shown = try NumberedFilm.read(rendition.initialization + alone, rate: 25)
                    #expect(shown.numbers == [(number - 1) * 150 + place * 25])
                    offset += fragment.bytes
                }
            }
            #expect(result.durations(trick) == result.durations(0))
        }
    }

    @Test func `a storyboard has a sheet for every segment, as wide as its pictures`() async throws {
        try await apart {
            let film = try NumberedFilm.bytes(times: Self.film, group: 48)
            let result = try withBytes(film) { try Recorder.transcoding($0) }
            let storyboard = try index("storyboard", in: result)
            guard
                case .storyboard(let width, let height, let tiles)? = result.plan?.outline.renditions[storyboard]
                    .content
            else { return #expect(Bool(false), "the storyboard is one") }
            #expect(tiles == 6)
            for (number, count) in [(1, 6), (2, 6), (3, 4)] {
                let sheet = try #require(result.renditions[storyboard].segments[number])
                #expect(sheet.starts(with: [0xff, 0xd8]))
                let size = try #require(jpegSize(sheet))
                #expect(size == [height, width * count])
            }
            #expect(result.renditions[storyboard].initialization.isEmpty)
        }
    }

    @Test func `every segment has a poster in the size of the largest keyframes`() async throws {
        try await apart {
            let film = try NumberedFilm.bytes(times: Self.film, group: 48)
            let result = try withBytes(film) { try Recorder.transcoding($0) }
            let outline = try #require(result.plan?.outline)
            let (poster, trick) = (try index("poster", in: result), try #require(outline.trickPlays.last))
            guard case .trickPlay(let width, let height) = outline.renditions[trick].content else {
                return #expect(Bool(false), "keyframes are keyframes")
            }
            #expect(outline.renditions[poster].content == .poster(width: width, height: height))
            #expect(result.renditions[poster].segments.keys.sorted() == [1, 2, 3])
            for bytes in result.renditions[poster].segments.values { #expect(jpegSize(bytes) == [height, width]) }
        }
    }

    /// Height and width in the frame header (ITU-T T.81 §B.2.2).
    private func jpegSize(_ bytes: [UInt8]) -> [Int]? {
        var offset = 2
        while offset + 9 < bytes.count, bytes[offset] == 0xff {
            if bytes[offset + 1] == 0xc0 {
                return [offset + 5, offset + 7].map { Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]) }
            }
            offset += 2 + Int(bytes[offset + 2]) << 8 + Int(bytes[offset + 3])
        }
        return nil
    }
}
