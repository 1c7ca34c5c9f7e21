import CFFmpeg
import CMAF
import JSON
import MediaPlan
import Presentation
import Testing
import Transcode

@testable import AV

@Suite struct CopyTests {
    /// 16 s at 25 frames per second, a keyframe every 2.4 s.
    private static let times = (0..<400).map { Int64($0) * 40 }

    private static func film() throws -> [UInt8] {
        try NumberedFilm.bytes(times: times, group: 60, isCopyable: true)
    }

    /// What libav decodes of a file, pixel by pixel.
    private func pixels(_ bytes: [UInt8]) throws -> [[UInt8]] {
        try withBytes(bytes) { descriptor in
            let source = try MediaSource(borrowing: descriptor)
            let decoder = try Decoder(source: source, streamIndex: 0, maximumPixels: 1 << 20, origin: 0)
            var pictures: [[UInt8]] = []
            let keep = { (picture: Picture, _: Int64) in
                let frame = picture.frame.pointee
                let planes = [(frame.data.0, frame.linesize.0, 1), (frame.data.1, frame.linesize.1, 2)]
                var pixels: [UInt8] = []
                for (plane, stride, divisor) in planes {
                    let start = try #require(plane)
                    for row in 0..<Int(frame.height) / divisor {
                        let line = UnsafeBufferPointer(
                            start: start + row * Int(stride), count: Int(frame.width) / divisor)
                        pixels.append(contentsOf: line)
                    }
                }
                pictures.append(pixels)
            }
            let packet = try Packet()
            while source.read(into: packet) { try decoder.decode(packet, keep) }
            try decoder.decode(nil, keep)
            #expect(decoder.brokenPackets == 0)
            return pictures
        }
    }

    @Test func `the top rung is the source bit by bit, first of all, and the others are cut where it is`() async throws
    {
        try await apart {
            let film = try Self.film()
            let result = try withBytes(film) { try Recorder.transcoding($0) }
            #expect(result.failure == nil)
            let plan = try #require(result.plan)
            let outline = plan.outline
            #expect(outline.renditions.map(\.copiedShare) == [0, 1, 0, 0, 0, 0])
            #expect(plan.units.map(\.renditions) == [[1], [0, 2, 3, 4, 5], [0, 2, 3, 4, 5]])
            #expect(plan.units.map(\.segments) == [1...4, 1...1, 2...4])
            #expect(try pixels(result.file(1)) == pixels(film))
            for index in 0..<2 {
                let shown = try NumberedFilm.read(result.file(index), rate: 25)
                #expect(shown.numbers == Array(0..<400))
                #expect(shown.places == Array(0..<400))
                #expect(result.durations(index) == [4_800_000, 4_800_000, 4_800_000, 1_600_000])
            }
            #expect(result.durations(2) == result.durations(1))
            #expect(result.notes[1].packets == 400 && result.notes[1].frames == 0)
            let decisions = outline.explanation["decisions"]?.array ?? []
            #expect(decisions.contains { $0["subject"] == "passthrough" && $0["choice"] == "64p is copied" })
            #expect(outline.renditions[1].effort == 0.02)
        }
    }

    @Test func `a film is copied to the same bytes every time`() async throws {
        try await apart {
            let film = try Self.film()
            let (first, second) = try withBytes(film) { descriptor in
                let result = try (Recorder.probing(descriptor), Recorder.probing(descriptor))
                for recorder in [result.0, result.1] {
                    try recorder.perform(try #require(recorder.plan?.units.first), descriptor)
                }
                return result
            }
            #expect(first.renditions[1].segments.count == 4)
            #expect(first.renditions == second.renditions)
        }
    }

    @Test func `a damaged picture costs its own segment alone, and it is said which one it is`() async throws {
        try await apart {
            var film = try Self.film()
            let media = try #require(Box.find("mdat", in: film)?.payload)
            for index in (media.lowerBound + media.count / 2)..<(media.lowerBound + media.count / 2 + 400) {
                film[index] = 0xff
            }
            let result = try withBytes(film) { try Recorder.transcoding($0) }
            #expect(result.failure == nil)
            let explanation = try #require(result.plan?.outline.explanation)
            let decision = explanation["decisions"]?.array?.first { $0["subject"] == "passthrough" }
            #expect(decision?["choice"] == "64p is copied but for 1 of 4 segments")
            #expect(decision?["reason"]?.string?.contains("is damaged") == true)
            #expect(try NumberedFilm.read(result.file(1), rate: 25).places == Array(0..<400))
        }
    }

    /// Two films joined, the second under other parameter sets of the same number, with a group of 8.96 s in the middle.
    private static let parts: [(frames: Int, group: Int, preset: String)] = [
        (240, 60, "veryfast"), (224, 224, "ultrafast"), (336, 48, "ultrafast"),
    ]

    @Test func `parts with other parameter sets are copied behind one header`() async throws {
        try await apart {
            let film = try NumberedFilm.joined([Self.parts[0], Self.parts[2]])
            let result = try withBytes(film) { try Recorder.transcoding($0) }
            #expect(result.failure == nil)
            #expect(result.plan?.outline.renditions[1].copiedShare == 1)
            #expect(try pixels(result.file(1)) == pixels(film))
            let shown = try NumberedFilm.read(result.file(1), rate: 25)
            #expect(shown.numbers == Array(0..<576) && shown.places == Array(0..<576))
            let record = try #require(
                MovieHeader(parsing: result.renditions[1].initialization).tracks.first?.entries.first?.boxes["avcC"])
            #expect(record[5] == 0xe2)
        }
    }

    @Test func `between copied segments others are encoded, and every picture is shown once`() async throws {
        try await apart {
            let film = try NumberedFilm.joined(Self.parts)
            let result = try withBytes(film) { try Recorder.transcoding($0) }
            #expect(result.failure == nil)
            let plan = try #require(result.plan)
            let decisions = plan.outline.explanation["decisions"]?.array ?? []
            let decision = decisions.first { $0["subject"] == "passthrough" }
            #expect(decision?["choice"] == "64p is copied but for 2 of 7 segments")
            #expect(plan.outline.renditions[1].copiedShare == 0.72)
            let top = plan.units.filter { $0.renditions == [1] }
            #expect(top.map(\.segments) == [1...2, 3...4, 5...7])
            let original = try pixels(film)
            let copy = try pixels(result.file(1))
            #expect(copy.count == 800)
            #expect(copy[..<240] == original[..<240] && copy[464...] == original[464...])
            for index in 0..<2 {
                let shown = try NumberedFilm.read(result.file(index), rate: 25)
                #expect(shown.numbers == Array(0..<800) && shown.places == Array(0..<800))
            }
            #expect(result.durations(0) == result.durations(1))
        }
    }

    @Test func `units that copy a part begin in the middle, in any order, with the same bytes`() async throws {
        try await apart {
            let film = try NumberedFilm.joined(Self.parts)
            let (whole, again) = try withBytes(film) { descriptor in
                let again = try Recorder.probing(descriptor)
                for unit in (again.plan?.units ?? []).reversed() { try again.perform(unit, descriptor) }
                return (try Recorder.transcoding(descriptor), again)
            }
            #expect(again.failure == nil)
            #expect(whole.renditions == again.renditions)
            #expect(again.notes.contains { $0.packets == 336 && $0.frames == 0 })
        }
    }

    @Test func `pictures that are no longer what was measured are not copied`() async throws {
        try await apart {
            var film = try Self.film()
            let media = try #require(Box.find("mdat", in: film)?.payload)
            let unit = try withBytes(film) { descriptor in
                let result = try Recorder.probing(descriptor)
                return (result, try #require(result.plan?.units.first))
            }
            for index in (media.lowerBound + media.count / 2)..<media.upperBound { film[index] = 0xff }
            try withBytes(film) { try unit.0.perform(unit.1, $0) }
            #expect(unit.0.failure?.reason.contains("no longer what they were") == true)
            #expect(unit.0.failure?.isRetryable == true)
            #expect(unit.0.renditions[1].segments.count < 4)
        }
    }

    @Test func `a unit that is to copy a part of the film does not fit the plan`() async throws {
        try await apart {
            let film = try Self.film()
            try withBytes(film) { descriptor in
                let result = try Recorder.probing(descriptor)
                var unit = try #require(result.plan?.units.last)
                unit.renditions = [1]
                try result.perform(unit, descriptor)
                #expect(result.failure?.reason.contains("does not fit the plan") == true)
                unit.renditions = [0, 1]
                result.failure = nil
                try result.perform(unit, descriptor)
                #expect(result.failure?.reason.contains("does not fit the plan") == true)
            }
        }
    }
}
