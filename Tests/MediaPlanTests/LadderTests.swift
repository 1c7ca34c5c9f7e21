import MediaPlan
import Testing

/// What was measured of a plain progressive source; each test changes what it is about.
func film(
    _ width: Int, _ height: Int, rate: Rational? = Rational(25, 1), times: [Int64]? = nil, unit: Rational? = nil,
    change: (inout ProbedVideo) -> Void = { _ in }
) throws -> ProbedMedia {
    let rate = try #require(rate)
    var video = ProbedVideo(streamIndex: 0, codec: "h264", width: width, height: height, declaredRate: rate)
    change(&video)
    var media = ProbedMedia(container: "mov,mp4", durationSeconds: 10, video: video, audio: [])
    let unit = try unit ?? #require(Rational(rate.denominator, rate.numerator))
    let times = times ?? Array(0..<Int64(rate.value * 10))
    let last = try #require(times.last)
    var stream = ProbedStream(index: 0, kind: .video, codec: "h264", isDecodable: true)
    stream.measured = MeasuredStream(
        packets: times.count, bytes: 1000 * times.count, startMicroseconds: unit.microseconds(units: times[0]),
        endMicroseconds: unit.microseconds(units: last + 1), keyframes: 1)
    media.streams = [stream]
    let key = MeasuredPictures.Key(presentation: times[0], decoding: times[0])
    media.pictures = MeasuredPictures(unit: unit, times: times, lastDuration: 1, keys: [key])
    return media
}

/// A plan for such a source.
func plan(
    _ width: Int, _ height: Int, rate: Rational? = Rational(25, 1), times: [Int64]? = nil, unit: Rational? = nil,
    change: (inout ProbedVideo) -> Void = { _ in }
) throws -> MediaPlan {
    try MediaPlan(for: film(width, height, rate: rate, times: times, unit: unit, change: change))
}

/// An upload of sounds alone, each `seconds` long.
func sounds(_ sounds: [ProbedAudio], seconds: Double = 10) -> ProbedMedia {
    var media = ProbedMedia(container: "mp3", durationSeconds: 10, video: nil, audio: sounds)
    media.streams = sounds.map { sound in
        var stream = ProbedStream(index: sound.streamIndex, kind: .audio, codec: sound.codec, isDecodable: true)
        stream.measured = MeasuredStream(
            packets: 100, bytes: 10_000, startMicroseconds: 0, endMicroseconds: Int64(seconds * 1_000_000))
        return stream
    }
    return media
}

@Suite struct LadderTests {
    private func sizes(_ plan: MediaPlan) -> [String] {
        plan.video?.rungs.map { "\($0.name) \($0.width)x\($0.height)" } ?? []
    }

    @Test func `a source below all of them gets a smaller size as well, so that there is a choice`() throws {
        let plan = try plan(176, 144)
        #expect(sizes(plan) == ["96p 118x96", "144p 176x144"])
        #expect(plan.video?.rungs.map(\.maximumBitsPerSecond) == [72_000, 145_000])
    }

    private func alternatives(_ width: Int, _ height: Int, in codec: VideoCodec = .hevc) throws -> [String] {
        let plan = try MediaPlan(for: film(width, height), options: VideoOptions(codecs: [codec]))
        return plan.video?.alternatives.map { "\($0.name) \($0.width)x\($0.height) \($0.maximumBitsPerSecond / 1000)" }
            ?? []
    }

    @Test func `HEVC has sizes and rates of its own, beyond those of H.264`() throws {
        #expect(
            try alternatives(1280, 720) == [
                "hevc-360p 640x360 145", "hevc-432p 768x432 300", "hevc-540p 960x540 1600", "hevc-720p 1280x720 2400",
            ])
        #expect(
            try alternatives(3840, 2160).suffix(3) == [
                "hevc-1080p 1920x1080 4500", "hevc-1440p 2560x1440 8100", "hevc-2160p 3840x2160 11600",
            ])
        let plan = try MediaPlan(for: film(3840, 2160), options: VideoOptions(codecs: [.hevc]))
        #expect(sizes(plan).last == "1080p 1920x1080")
        #expect(plan.video?.alternativeLadders == [6..<13])
        #expect(plan.video?.readRung(for: [6, 7]) == 12)
        #expect(plan.video?.readRung(for: [0, 1]) == 5)
        #expect(plan.video?.source(ofRung: 6, among: Array(6..<13), read: 12) == 9)
    }

    @Test func `AV1 has the sizes and rates of HEVC, and both can be made of one video`() throws {
        #expect(
            try alternatives(1280, 720, in: .av1)
                == alternatives(1280, 720).map { "av1" + $0.dropFirst("hevc".count) })
        let plan = try MediaPlan(for: film(3840, 2160), options: VideoOptions(codecs: [.av1, .hevc]))
        #expect(plan.video?.alternativeLadders == [6..<13, 13..<20])
        #expect(plan.video?.readRung(for: [13, 14]) == 19)
        #expect(plan.decisions.contains { $0.subject == "av1Ladder" && $0.choice.hasPrefix("av1-2160p") })
    }

    @Test func `pictures too small for the encoder of HEVC are in H.264 alone, and it is said why`() throws {
        #expect(try alternatives(96, 60).isEmpty)
        #expect(try alternatives(128, 72) == ["hevc-72p 128x72 145"])
        let plan = try MediaPlan(for: film(96, 60), options: VideoOptions(codecs: [.hevc]))
        let decision = try #require(plan.decisions.first { $0.subject == "hevcLadder" })
        #expect(decision.choice == "none" && decision.reason.contains("96×60"))
    }

    @Test func `a full high-definition source gets Apple's sizes, lowest first`() throws {
        let plan = try plan(1920, 1080)
        #expect(
            sizes(plan) == [
                "234p 416x234", "360p 640x360", "432p 768x432", "540p 960x540", "720p 1280x720", "1080p 1920x1080",
            ])
        #expect(
            plan.video?.rungs.map(\.maximumBitsPerSecond) == [
                145_000, 365_000, 1_100_000, 2_000_000, 3_000_000, 6_000_000,
            ])
    }

    @Test func `nothing is made larger than the source`() throws {
        #expect(sizes(try plan(640, 272)) == ["234p 550x234", "272p 640x272"])
        #expect(sizes(try plan(176, 144)).last == "144p 176x144")
    }

    @Test func `an ultra high-definition source ends at 1080 lines`() throws {
        #expect(sizes(try plan(3840, 2160)).last == "1080p 1920x1080")
    }

    @Test func `a table size just under the source's own is left out`() throws {
        #expect(sizes(try plan(768, 576)) == ["234p 312x234", "360p 480x360", "432p 576x432", "576p 768x576"])
    }

    @Test func `a portrait film is measured by its short side`() throws {
        #expect(sizes(try plan(1080, 1920)).last == "1080p 1080x1920")
        #expect(sizes(try plan(1080, 1920)).first == "234p 234x416")
    }

    @Test func `odd sizes become even`() throws {
        #expect(sizes(try plan(427, 241)).last == "240p 428x240")
        #expect(sizes(try plan(720, 405)).last == "404p 720x404")
    }

    @Test func `wide pixels become square, rotated films stand upright`() throws {
        let quarterTurn = Orientation(transposes: true, flipsHorizontally: true, flipsVertically: false)
        let plan = try plan(720, 576) {
            $0.sampleAspect = Rational(16, 15) ?? .one
            $0.orientation = quarterTurn
        }
        #expect(sizes(plan).last == "576p 576x768")
    }

    @Test func `small sizes of fast films run at half the rate`() throws {
        let rungs = try plan(1280, 720, rate: Rational(60_000, 1001)).video?.rungs
        #expect(rungs?.map(\.frameStep) == [2, 2, 2, 1, 1])
        #expect(try plan(1280, 720).video?.rungs.allSatisfy { $0.frameStep == 1 } == true)
    }

    @Test func `a very wide picture stays within the encoder's reach`() throws {
        let rungs = try #require(try plan(16_000, 200).video?.rungs)
        #expect(rungs.allSatisfy { $0.width <= 4096 && $0.height >= 16 && $0.height % 2 == 0 })
    }

    @Test func `the declared peak covers a full buffer on top of the cap`() throws {
        let rung = try #require(try plan(1280, 720).video?.rungs.last)
        #expect(rung.declaredPeakBitsPerSecond(segmentSeconds: 6) > 3_000_000 + 4_500_000 / 6)
    }
}
