import AV
import CMAF
import Glibc
import JSON
import MediaPlan
import Presentation
import Testing
import Transcode

private func fixture(_ name: String) -> String {
    "/" + #filePath.split(separator: "/").dropLast(2).joined(separator: "/") + "/Fixtures/" + name
}

/// Type of the first picture unit in a segment's `mdat`: 5 is an IDR.
private func firstPicture(_ segment: [UInt8]) -> UInt8? {
    guard let data = Box.find("mdat", in: segment)?.payload else { return nil }
    var offset = data.lowerBound
    while offset + 5 <= data.upperBound {
        let kind = segment[offset + 4] & 0x1f
        if kind == 1 || kind == 5 { return kind }
        offset += 4 + segment[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
    }
    return nil
}

/// Frames that libav decodes from a sound rendition, and the broken packets on the way.
private func decodeSound(_ bytes: [UInt8]) throws -> (frames: Int, broken: Int) {
    try withBytes(bytes) { descriptor in
        let source = try MediaSource(borrowing: descriptor)
        let packet = try Packet()
        let reader = try AudioReader(source: source, streamIndex: 0)
        while source.read(into: packet) { try reader.read(packet) { _, _ in } }
        try reader.read(nil) { _, _ in }
        return (reader.decoder.frames, reader.decoder.brokenPackets)
    }
}

/// Times of an even film at 25 frames per second.
private func even(_ count: Int) -> [Int64] { (0..<count).map { Int64($0) * 40 } }

@Suite struct TranscoderTests {
    @Test func `the clip becomes five sizes and two kinds of sound, the largest size as it is and first`() async throws
    {
        try await apart {
            let descriptor = open(fixture("big-buck-bunny-720p25.mp4"), O_RDONLY | O_CLOEXEC)
            defer { close(descriptor) }
            let result = try Recorder.transcoding(descriptor)
            let plan = try #require(result.plan)
            #expect(
                plan.outline.renditions.map(\.name)
                    == [
                        "234p", "360p", "432p", "540p", "720p", "audio", "surround", "trick-234p", "trick-540p",
                        "storyboard", "poster",
                    ])
            #expect(plan.outline.durationSeconds == 5.28)
            #expect(plan.units.map(\.kind) == [.pictures, .sound, .pictures])
            #expect(plan.units.map(\.renditions) == [[4], [5, 6], [0, 1, 2, 3, 7, 8, 9, 10]])
            let explanation = plan.outline.explanation
            #expect(explanation["decisions"]?.array?.isEmpty == false)
            #expect(explanation["source"]?["streams"]?.array?.count == 2)
            for index in 0..<7 { #expect(result.durations(index) == [5_280_000]) }
            for index in 0..<5 {
                #expect(result.renditions[index].segments[1].flatMap(firstPicture) == 5)
                let shown = try NumberedFilm.read(result.file(index), rate: 25)
                #expect(shown.places == Array(0..<132))
            }
            // Stereo is encoded and begins with the encoder's priming; 5.1 is the clip's own, which says of none.
            for (index, priming) in [(5, 1024), (6, 0)] {
                let sound = try decodeSound(result.file(index))
                #expect(sound.broken == 0)
                #expect(sound.frames == (5_280 * 48 + priming + 1023) / 1024)
            }
            #expect(result.notes.count == 4)
            #expect(result.notes[1].packets == 132 && result.notes[1].frames == 0)
            #expect(result.notes[3].frames == 132 && result.notes[3].brokenPackets == 0)
            #expect(result.notes[3].processorMilliseconds > 0)
        }
    }

    @Test func `spans joined show every frame exactly once and in order`() async throws {
        try await apart {
            let film = try NumberedFilm.bytes(times: even(1000), group: 30)
            let result = try withBytes(film) { try Recorder.transcoding($0) }
            let units = try #require(result.plan).units
            #expect(units.map(\.segments) == [1...1, 2...7])
            #expect(
                result.durations(0) == [6_000_000, 6_000_000, 6_000_000, 6_000_000, 6_000_000, 6_000_000, 4_000_000])
            let shown = try NumberedFilm.read(result.file(0), rate: 25)
            #expect(shown.numbers == Array(0..<1000))
            #expect(shown.places == Array(0..<1000))
            // The second span has not read the film from the beginning.
            #expect(result.notes[2].packets < 1000 - 150 + 60)
            #expect(result.decisions.isEmpty)
        }
    }

    @Test func `a unit done again gives the same bytes`() async throws {
        try await apart {
            let film = try NumberedFilm.bytes(times: even(700), group: 48)
            let first = try withBytes(film) { try Recorder.transcoding($0) }
            let second = try withBytes(film) { try Recorder.transcoding($0) }
            #expect(first.plan == second.plan)
            #expect(first.renditions == second.renditions)
        }
    }

    @Test(arguments: [2, 8])
    func `several threads give the same bytes as one, in every codec`(threads: Int) async throws {
        try await apart {
            // A picture lasts longer here and there, and is then in the encoders more than once.
            let times = even(250).filter { $0 % 1000 != 480 }
            let film = try NumberedFilm.bytes(times: times, group: 48, width: 768, height: 432)
            let (alone, together) = try withBytes(film) {
                (
                    try Recorder.transcoding($0, codecs: [.hevc]),
                    try Recorder.transcoding($0, codecs: [.hevc], threads: threads)
                )
            }
            #expect(alone.failure == nil && together.failure == nil)
            #expect(together.plan == alone.plan)
            #expect(together.renditions == alone.renditions)
            #expect(together.notes.map(\.sceneCuts) == alone.notes.map(\.sceneCuts))
        }
    }

    @Test func `a sink that takes no more ends a unit of several threads`() async throws {
        final class Full: TranscodeSink {
            struct Closed: Error {}

            func receive(_ event: TranscodeEvent) throws { throw Closed() }
        }
        try await apart {
            let film = try NumberedFilm.bytes(times: even(400), group: 48)
            try withBytes(film) { descriptor in
                let plan = try #require(try Recorder.probing(descriptor).plan)
                let unit = try #require(plan.units.last)
                #expect(throws: Full.Closed.self) {
                    try Transcoder.run(
                        .unit(unit, media: plan.media), descriptor: descriptor, threads: 3, sink: Full())
                }
            }
        }
    }

    @Test(arguments: 0..<4 as Range<UInt64>)
    func `a film of any timing shows the same in spans as in one`(seed: UInt64) async throws {
        try await apart {
            var state = seed &* 0x9e37_79b9_7f4a_7c15 &+ 1
            var times: [Int64] = [0]
            while times.count < 800 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let gaps: [Int64] = [33, 34, 33, 17, 66, 100, 33, 400]
                times.append(times[times.count - 1] + gaps[Int(state >> 61)])
            }
            let film = try NumberedFilm.bytes(times: times, group: 20 + 2 * Int(seed))
            let (spans, whole) = try withBytes(film) {
                (try Recorder.transcoding($0), try Recorder.transcodingAsOneSpan($0))
            }
            let plan = try #require(spans.plan)
            #expect(plan.units.count > 2)
            let media = try #require(MediaPlan(json: plan.media))
            let rate = media.grid.rate
            #expect(rate.denominator == 1)
            let joined = try NumberedFilm.read(spans.file(0), rate: rate.numerator)
            let shown = try NumberedFilm.read(whole.file(0), rate: rate.numerator)
            #expect(joined.numbers == shown.numbers)
            #expect(joined.places == Array(0..<media.frames))
            #expect(spans.renditions[0].durations == whole.renditions[0].durations)
            // What every output frame shows is the newest source frame that has begun.
            let unit = try #require(Rational(1, 1000))
            let places = times.map { media.grid.frame(nearest: $0, unit: unit) }
            let expected = (0..<media.frames).map { output in places.lastIndex { $0 <= output } ?? 0 }
            #expect(joined.numbers == expected)
        }
    }

    @Test func `a long film with a single keyframe is one span, divided by size`() async throws {
        try await apart {
            let film = try NumberedFilm.bytes(times: even(480), group: 480, width: 448, height: 272)
            let result = try withBytes(film) { try Recorder.transcoding($0) }
            let plan = try #require(result.plan)
            #expect(plan.units.map(\.segments) == [1...4, 1...4])
            #expect(plan.units.map(\.renditions) == [[0], [1, 2, 3, 4, 5]])
            for index in 0..<2 {
                #expect(try NumberedFilm.read(result.file(index), rate: 25).numbers == Array(0..<480))
            }
        }
    }

    @Test func `a span whose keyframe is not where the plan says reads from the beginning`() async throws {
        try await apart {
            let film = try NumberedFilm.bytes(times: even(500), group: 30)
            try withBytes(film) { descriptor in
                let result = try Recorder.probing(descriptor)
                var unit = try #require(result.plan?.units.last)
                var detail = try #require(unit.detail.object)
                detail["key"] = [4801, 4801, -1]
                unit.detail = .object(detail)
                for wanted in [try #require(result.plan?.units.first), unit] { try result.perform(wanted, descriptor) }
                #expect(result.decisions.map(\.choice) == ["read from the beginning"])
                #expect(try NumberedFilm.read(result.file(0), rate: 25).numbers == Array(0..<500))
            }
        }
    }

    @Test func `a span of which nothing can be decoded shows the last picture before it`() async throws {
        try await apart {
            var film = try NumberedFilm.bytes(times: even(400), group: 50)
            let media = try #require(Box.find("mdat", in: film)?.payload)
            #expect(media.upperBound == film.count)
            try withBytes(film) { descriptor in
                let result = try Recorder.probing(descriptor)
                let units = try #require(result.plan?.units)
                #expect(units.map(\.segments) == [1...1, 2...3])
                // The coded pictures from a little before the second segment on are overwritten.
                for index in (media.lowerBound + media.count * 36 / 100)..<media.upperBound { film[index] = 0 }
                try withBytes(film) { damaged in
                    for unit in units { try result.perform(unit, damaged) }
                }
                #expect(result.failure == nil)
                #expect(result.notes.last?.brokenPackets ?? 0 > 0)
                let shown = try NumberedFilm.read(result.file(0), rate: 25)
                #expect(shown.places == Array(0..<400))
                let last = try #require(shown.numbers.last)
                #expect((100..<150).contains(last))
                #expect(shown.numbers.prefix(last - 3).elementsEqual(0..<last - 3))
                #expect(shown.numbers.suffix(250).allSatisfy { $0 == last })
                #expect(result.decisions.contains { $0.choice == "read from the beginning" })
            }
        }
    }

    @Test func `a film that breaks off is shown as far as it goes, and the explanation says so`() async throws {
        try await apart {
            let film = try NumberedFilm.bytes(times: even(600), group: 30)
            let media = try #require(Box.find("mdat", in: film)?.payload)
            let part = Array(film[..<(media.lowerBound + media.count / 2)])
            let result = try withBytes(part) { try Recorder.transcoding($0) }
            #expect(result.failure == nil)
            let plan = try #require(result.plan)
            #expect(plan.outline.durationSeconds > 8 && plan.outline.durationSeconds < 16)
            let shown = try NumberedFilm.read(result.file(0), rate: 25).numbers
            #expect(shown.count == Int((plan.outline.durationSeconds * 25).rounded()))
            #expect(shown.prefix(shown.count - 8).elementsEqual(0..<shown.count - 8))
            #expect(plan.outline.explanation["source"]?["breaksOff"]?.bool == true)
        }
    }

    @Test func `a film most of which is damaged is refused`() async throws {
        try await apart {
            var film = try NumberedFilm.bytes(times: even(100), group: 50)
            let media = try #require(Box.find("mdat", in: film)?.payload)
            for index in (media.lowerBound + media.count / 3)..<media.upperBound { film[index] = 0 }
            let result = try withBytes(film) { try Recorder.transcoding($0) }
            #expect(result.failure?.reason.contains("too many to show") == true)
            #expect(result.failure?.isRetryable == false)
        }
    }

    @Test func `an upload that is no film fails with a reason, and not to be tried again`() async throws {
        try await apart {
            let result = try withBytes(Array("This is a text and no film.".utf8)) { try Recorder.transcoding($0) }
            #expect(result.failure?.reason.contains("not a video or audio file") == true)
            #expect(result.failure?.isRetryable == false)
            #expect(result.plan == nil)
        }
    }

    @Test func `a unit that does not fit the plan is refused`() async throws {
        try await apart {
            let film = try NumberedFilm.bytes(times: even(400), group: 50)
            try withBytes(film) { descriptor in
                for change in [
                    { $0.renditions = [7] }, { $0.segments = 2...9 }, { $0.kind = .sound }, { $0.detail = [:] },
                ] as [@Sendable (inout UnitOutline) -> Void] {
                    let result = try Recorder.probing(descriptor)
                    var unit = try #require(result.plan?.units.first)
                    change(&unit)
                    try result.perform(unit, descriptor)
                    #expect(result.failure?.reason.contains("does not fit the plan") == true)
                }
            }
        }
    }
}
