import CMAF
import JSON
import MediaPlan
import Presentation
import Testing
import Transcode

@testable import AV

/// A Flash video of numbered pictures at 25 frames per second, and noise from a certain time on.
private enum FlashFilm {
    static func bytes(pictures: Int, noise: Range<Int>) throws -> [UInt8] {
        var tags: [(milliseconds: Int, kind: UInt8, data: [UInt8])] = []
        let grid = FrameGrid(rate: try #require(Rational(25, 1)))
        let rung = Rung(
            name: "film", width: 64, height: 64, maximumBitsPerSecond: 1_000_000, constantRateFactor: 25, frameStep: 1)
        let encoder = try VideoEncoder(
            rung: rung, grid: grid, colour: .init(primaries: 1, transfer: 1, matrix: 1), preset: "ultrafast")
        let sets = try encoder.parameterSets()
        let (sequence, picture) = (sets.sequence, sets.picture)
        let configuration: [UInt8] =
            [1] + sequence[1...3] + [0xff, 0xe1, 0, UInt8(sequence.count)] + sequence
            + [1, 0, UInt8(picture.count)] + picture
        tags.append((0, 9, [0x17, 0, 0, 0, 0] + configuration))
        let keep = { (frame: EncodedFrame) in
            let head: [UInt8] = [frame.isKey ? 0x17 : 0x27, 1, 0, 0, 0]
            tags.append((Int(frame.presentation) * 40, 9, head + AnnexB.sample(from: frame.bytes)))
        }
        for number in 0..<pictures { try encoder.encode(NumberedFilm.picture(number, width: 64, height: 64), keep) }
        try encoder.encode(nil, keep)
        // A tenth of a second of 16-bit stereo at 44,100 Hz at a time.
        var state: UInt32 = 1
        for time in stride(from: noise.lowerBound, to: noise.upperBound, by: 100) {
            var samples: [UInt8] = [0x3f]
            for _ in 0..<4410 * 2 {
                state = state &* 1_664_525 &+ 1_013_904_223
                samples += [UInt8(truncatingIfNeeded: state >> 24), UInt8(truncatingIfNeeded: state >> 28)]
            }
            tags.append((time, 8, samples))
        }
        var film: [UInt8] = [0x46, 0x4c, 0x56, 1, 5, 0, 0, 0, 9, 0, 0, 0, 0]
        for tag in tags.sorted(by: { $0.milliseconds < $1.milliseconds }) {
            film.append(tag.kind)
            film += big(tag.data.count, 3) + big(tag.milliseconds, 3) + [0, 0, 0, 0]
            film += tag.data + big(tag.data.count + 11, 4)
        }
        return film
    }

    private static func big(_ value: Int, _ bytes: Int) -> [UInt8] {
        (0..<bytes).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
}

@Suite struct SoundTests {
    /// Sizes of a sound rendition's frames; silence takes next to nothing.
    private func sizes(_ bytes: [UInt8]) throws -> [Int] {
        try withBytes(bytes) { descriptor in
            let source = try MediaSource(borrowing: descriptor)
            let packet = try Packet()
            var sizes: [Int] = []
            while source.read(into: packet) { sizes.append(packet.bytes.count) }
            return sizes
        }
    }

    @Test func `sound that begins two seconds late stays in its place, and ends with the pictures`() async throws {
        try await apart {
            let film = try FlashFilm.bytes(pictures: 250, noise: 2000..<15_000)
            let result = try withBytes(film) { try Recorder.transcoding($0) }
            #expect(result.failure == nil)
            let plan = try #require(result.plan)
            #expect(plan.outline.durationSeconds == 10)
            #expect(result.durations(0) == [6_000_000, 4_000_000])
            let rendition = plan.outline.sounds[0]
            #expect(result.durations(rendition).reduce(0, +) == 10_000_000)
            #expect(result.durations(rendition).count == 2)
            let sizes = try sizes(result.file(rendition))
            #expect(sizes.count == (480_000 + 1024 + 1023) / 1024)
            // Frame n holds the 1024 samples that end at n · 1024.
            let first = try #require(sizes.firstIndex { $0 > 150 })
            #expect((93...95).contains(first))
            #expect(sizes[first...].dropLast().allSatisfy { $0 > 150 })
            #expect(try NumberedFilm.read(result.file(0), rate: 25).numbers == Array(0..<250))
            let decisions = plan.outline.explanation["decisions"]?.array ?? []
            let sound = decisions.filter { $0["subject"]?.string == "audio" }.compactMap { $0["choice"]?.string }
            #expect(sound.contains("silence first") && sound.contains("cut where the pictures end"))
        }
    }

    @Test func `sound that ends early is followed by silence`() async throws {
        try await apart {
            let film = try FlashFilm.bytes(pictures: 200, noise: 0..<3000)
            let result = try withBytes(film) { try Recorder.transcoding($0) }
            let rendition = try #require(result.plan).outline.sounds[0]
            #expect(result.durations(rendition).reduce(0, +) == 8_000_000)
            let sizes = try sizes(result.file(rendition))
            let last = try #require(sizes.lastIndex { $0 > 150 })
            #expect((139...143).contains(last))
        }
    }
}
