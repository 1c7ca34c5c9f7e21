import JSON
import MediaPlan
import Testing

@Suite struct MediaPlanTests {
    @Test func `a file without pictures and sound is refused in words`() {
        let error = #expect(throws: MediaRejection.self) {
            try MediaPlan(for: ProbedMedia(container: "mov", durationSeconds: nil, video: nil, audio: []))
        }
        #expect(error?.reason.contains("neither pictures nor sound") == true)
    }

    @Test func `a picture of 256 megapixels is refused with its size`() {
        let error = #expect(throws: MediaRejection.self) { try plan(16_000, 16_000) }
        #expect(error?.reason.contains("16000×16000") == true)
    }

    @Test func `a film beyond the longest allowed is refused`() {
        let audio = ProbedAudio(streamIndex: 0, codec: "mp3", sampleRate: 44_100, channels: 2)
        #expect(throws: MediaRejection.self) {
            try MediaPlan(for: ProbedMedia(container: "mp3", durationSeconds: 1e9, video: nil, audio: [audio]))
        }
    }

    @Test func `the default sound comes first and languages become tags`() throws {
        let audio = [
            ProbedAudio(streamIndex: 1, codec: "ac3", sampleRate: 48_000, channels: 6, language: "fre"),
            ProbedAudio(
                streamIndex: 2, codec: "aac", sampleRate: 44_100, channels: 2, language: "eng", isDefault: true),
            ProbedAudio(streamIndex: 3, codec: "aac", sampleRate: 44_100, channels: 2, language: "und"),
        ]
        let plan = try MediaPlan(for: ProbedMedia(container: "mov", durationSeconds: 1, video: nil, audio: audio))
        #expect(plan.audio.map(\.name) == ["audio", "audio-2", "audio-3"])
        #expect(plan.audio.map(\.language) == ["en", "fr", nil])
        #expect(plan.audio.map(\.streamIndex) == [2, 1, 3])
        #expect(plan.audio.map(\.isDefault) == [true, false, false])
    }

    @Test func `wide dynamic range is said to be mapped, never kept silently`() throws {
        let plan = try plan(1280, 720) { $0.transfer = .pq }
        #expect(plan.video?.toneMaps == true)
        #expect(plan.decisions.contains { $0.subject == "toneMap" && $0.reason.contains("PQ") })
    }

    @Test func `the explanation names every decision with its reason`() throws {
        let plan = try plan(720, 480, rate: Rational(30_000, 1001)) { $0.isInterlaced = true }
        let decisions = plan.explanation["decisions"]?.array ?? []
        #expect(decisions.count == plan.decisions.count)
        #expect(decisions.allSatisfy { $0["reason"]?.string?.isEmpty == false })
        #expect(decisions.contains { $0["subject"]?.string == "deinterlace" })
        #expect(plan.explanation["framesPerSegment"]?.integer == 360)
    }

    @Test(arguments: [
        (1, 0, 0, 1, "upright"), (0, 1, -1, 0, "turned by 90° clockwise"), (-1, 0, 0, -1, "turned by 180°"),
        (0, -1, 1, 0, "turned by 90° counter-clockwise"), (-1, 0, 0, 1, "mirrored left to right"),
        (1, 0, 0, -1, "mirrored top to bottom"), (0, 1, 1, 0, "mirrored along a diagonal"),
    ])
    func `a display matrix becomes turns and mirrors`(a: Int, b: Int, c: Int, d: Int, words: String) {
        #expect(Orientation(a: a << 16, b: b << 16, c: c << 16, d: d << 16).words == words)
    }

    @Test func `fractions are reduced and ordered`() {
        #expect(Rational(60, 30)?.description == "2")
        #expect(Rational(0, 1) == nil)
        #expect(Rational(1, 0) == nil)
        #expect(Rational(24_000, 1001).map { $0 < Rational(24, 1) ?? .one } == true)
    }
}
