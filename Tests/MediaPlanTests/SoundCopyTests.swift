import CMAF
import JSON
import MediaPlan
import Testing

@Suite struct SoundCopyTests {
    private static let configuration: [UInt8] = [0x11, 0x90]

    /// Ten seconds of pictures from 0 on, and sound whose first frame begins at `start` microseconds.
    private func heard(
        start: Int64 = -21_333, rate: Int = 48_000, channels: Int = 2, frames: Int = 470,
        change: (inout ProbedMedia, inout MeasuredSound) -> Void = { _, _ in }
    ) throws -> ProbedMedia {
        var media = try film(640, 360)
        var coding = MeasuredSound(
            configuration: Self.configuration,
            header: AACConfiguration(objectType: 2, sampleRate: rate, channels: channels))
        coding.frames = frames
        coding.startMicroseconds = start
        coding.skippedSamples = 1024
        coding.bitsPerSecond = 128_000
        coding.peakBitsPerSecond = 150_000
        media.audio = [ProbedAudio(streamIndex: 1, codec: "aac", sampleRate: rate, channels: channels)]
        change(&media, &coding)
        media.audio[0].coding = coding
        var stream = ProbedStream(index: 1, kind: .audio, codec: "aac", isDecodable: true)
        let skipped = Int64(coding.skippedSamples) * 1_000_000 / Int64(rate)
        stream.measured = MeasuredStream(
            packets: frames, bytes: 160_000, startMicroseconds: start + skipped, endMicroseconds: 10_000_000)
        media.streams.append(stream)
        return media
    }

    private func copy(_ media: ProbedMedia) throws -> SoundCopy {
        try #require(try MediaPlan(for: media).audio[0].copy)
    }

    @Test func `sound that complies is copied, its priming hidden by the edit`() throws {
        let plan = try MediaPlan(for: heard())
        #expect(
            plan.audio.map(\.copy) == [
                SoundCopy(
                    configuration: Self.configuration, sampleRate: 48_000, silentFrames: 0, firstFrame: 0, frames: 470,
                    editStart: 1024, peakBitsPerSecond: 150_000)
            ])
        #expect(plan.audio[0].bitsPerSecond == 128_000)
        let decision = try #require(plan.decisions.first { $0.subject == "audio" })
        #expect(decision.choice == "copied: AAC-LC, 48 kHz, stereo, 128 kb/s")
        #expect(try MediaPlan(for: heard(rate: 44_100)).decisions.contains { $0.choice.contains("AAC-LC, 44.1 kHz") })
    }

    @Test func `what sounds at time 0 keeps its place to half a sample, wherever the first frame begins`() throws {
        for start in stride(from: Int64(-300_000), through: 300_000, by: 7_919) {
            for rate in [44_100, 48_000] {
                // The pictures begin at 0, and sound that is heard before does not move time 0 in this film.
                let media = try heard(start: start, rate: rate) { _, coding in coding.skippedSamples = 4096 }
                let plan = try MediaPlan(for: media)
                let copy = try #require(plan.audio[0].copy)
                #expect(copy.silentFrames == 0 || copy.firstFrame == 0)
                #expect((0..<2048).contains(copy.editStart))
                #expect(copy.firstFrame + copy.frames == 470)
                let samples = (copy.firstFrame - copy.silentFrames) * 1024 + copy.editStart
                let exact = Double(plan.originMicroseconds - start) * Double(rate) / 1_000_000
                #expect(abs(Double(samples) - exact) <= 0.5)
                // A frame to begin with, where there is one.
                #expect(copy.firstFrame == 0 || copy.editStart >= 1024)
            }
        }
    }

    @Test func `a clock of milliseconds is taken in the middle of what it says`() throws {
        let copy = try copy(
            heard(start: 0) { _, coding in
                coding.skippedSamples = 0
                coding.earliest = -667
            })
        #expect(copy.editStart == 16)
    }

    private static let faults: [(why: String, change: @Sendable (inout ProbedMedia, inout MeasuredSound) -> Void)] = [
        ("by 48 ms", { $1.latest = 48_000 }),
        (
            "gaps",
            {
                $1.earliest = -1_100
                $1.latest = 1_000
            }
        ),
        ("192 kb/s", { $1.bitsPerSecond = 192_000 }), ("breaks off", { media, _ in media.breaksOff = true }),
        ("leaps", { media, _ in media.clockLeaps = 1 }),
        ("its frame 7 is damaged", { $1.fault = "its frame 7 is damaged" }),
        ("object type is 5", { $1.header = AACConfiguration(objectType: 5, sampleRate: 48_000, channels: 2) }),
        ("SBR", { $1.header = AACConfiguration(specificConfig: [0x11, 0x90, 0x56, 0xe5, 0x80])! }),
        ("960 samples", { $1.header = AACConfiguration(specificConfig: [0x11, 0x94])! }),
        ("1 channels", { media, _ in media.audio[0].channels = 1 }),
        (
            "32000 samples per second",
            { media, coding in
                media.audio[0].sampleRate = 32_000
                coding.header = AACConfiguration(objectType: 2, sampleRate: 32_000, channels: 2)
            }
        ),
        ("96000 samples per second", { media, _ in media.audio[0].sampleRate = 96_000 }),
    ]

    @Test func `what is not copied says why`() throws {
        for (why, change) in Self.faults {
            let plan = try MediaPlan(for: heard(change: change))
            #expect(plan.audio[0].copy == nil && plan.audio[0].bitsPerSecond == 128_000)
            let decision = try #require(plan.decisions.first { $0.subject == "audio" })
            #expect(decision.choice == "encoded: AAC-LC, 48 kHz, stereo, 128 kb/s")
            #expect(
                decision.reason.contains("not copied because") && decision.reason.contains(why), "\(decision.reason)")
        }
    }

    @Test func `what an edit leaves out is never heard`() throws {
        // Two seconds are cut off, and sound begins with the pictures: it is hidden.
        let cut = try copy(heard(start: -2_000_000) { _, coding in coding.skippedSamples = 96_000 })
        #expect((cut.firstFrame, cut.editStart) == (92, 96_000 - 92 * 1024))
    }

    @Test func `of 5_1 sound the 5_1 is copied, and stereo is encoded`() throws {
        let plan = try MediaPlan(for: heard(channels: 6) { _, coding in coding.bitsPerSecond = 400_000 })
        #expect(plan.audio.map(\.name) == ["audio", "surround"])
        #expect(plan.audio.map { $0.copy != nil } == [false, true])
    }

    @Test func `a plan of before sound was copied is read, and encodes`() throws {
        let plan = try MediaPlan(for: heard())
        #expect(MediaPlan(json: try JSONValue.parse(plan.json.serialized())) == plan)
        guard case .object(var object) = plan.json, case .object(var audio)? = plan.json["audio"]?[0] else {
            Issue.record("a plan is an object")
            return
        }
        audio["copy"] = nil
        object["audio"] = [.object(audio)]
        let old = try #require(MediaPlan(json: .object(object)))
        #expect(old.audio.map(\.copy) == [nil])
        for bad in [.null, [:], ["configuration": [300]]] as [JSONValue] {
            audio["copy"] = bad
            object["audio"] = [.object(audio)]
            #expect(MediaPlan(json: .object(object)) == nil)
        }
    }
}
