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

    @Test func `a film measured to be beyond the longest allowed is refused, whatever it declares`() throws {
        let audio = ProbedAudio(streamIndex: 0, codec: "mp3", sampleRate: 44_100, channels: 2)
        let error = #expect(throws: MediaRejection.self) { try MediaPlan(for: sounds([audio], seconds: 50_000)) }
        #expect(error?.reason.contains("13 hours") == true)
        var media = sounds([audio])
        media.durationSeconds = 1e9
        #expect(try MediaPlan(for: media).seconds == 10)
    }

    @Test func `a stream of which nothing is there is none`() throws {
        let audio = ProbedAudio(streamIndex: 1, codec: "aac", sampleRate: 48_000, channels: 2)
        var media = try film(640, 360)
        media.audio = [audio]
        media.streams.append(ProbedStream(index: 1, kind: .audio, codec: "aac", isDecodable: true))
        #expect(try MediaPlan(for: media).audio.isEmpty)
        media.pictures = nil
        let error = #expect(throws: MediaRejection.self) { try MediaPlan(for: media) }
        #expect(error?.reason.contains("not one frame") == true)
    }

    @Test func `the output ends when the last picture does, and sound with it`() throws {
        let plan = try plan(640, 360)
        #expect(plan.frames == 250)
        #expect(plan.samples == 480_000)
        #expect(plan.seconds == 10)
        let milliseconds = try #require(Rational(1, 1000))
        // What the container says of the last picture counts as far as others have lasted so long.
        var media = try film(640, 360, times: [0, 40, 80, 120, 160, 200, 240, 440, 480], unit: milliseconds)
        #expect(try MediaPlan(for: media).frames == 13)
        media.pictures?.lastDuration = 200
        #expect(try MediaPlan(for: media).frames == 17)
    }

    @Test func `time 0 is where the first of the used streams begins`() throws {
        var media = try film(640, 360)
        media.audio = [ProbedAudio(streamIndex: 1, codec: "aac", sampleRate: 48_000, channels: 2)]
        var stream = ProbedStream(index: 1, kind: .audio, codec: "aac", isDecodable: true)
        stream.measured = MeasuredStream(
            packets: 9, bytes: 9, startMicroseconds: -2_000_000, endMicroseconds: 8_000_000)
        media.streams.append(stream)
        let plan = try MediaPlan(for: media)
        #expect(plan.originMicroseconds == -2_000_000)
        #expect(plan.frames == 300)
        #expect(plan.decisions.contains { $0.subject == "audio" && $0.choice.contains("silence until") })
    }

    @Test func `the default sound comes first and languages become tags`() throws {
        let audio = [
            ProbedAudio(streamIndex: 1, codec: "ac3", sampleRate: 48_000, channels: 6, language: "fre"),
            ProbedAudio(
                streamIndex: 2, codec: "aac", sampleRate: 44_100, channels: 2, language: "eng", isDefault: true),
            ProbedAudio(streamIndex: 3, codec: "aac", sampleRate: 44_100, channels: 2, language: "und"),
        ]
        let plan = try MediaPlan(for: sounds(audio))
        #expect(plan.audio.map(\.name) == ["audio", "audio-2", "audio-3", "surround-2"])
        #expect(plan.audio.map(\.language) == ["en", "fr", nil, "fr"])
        #expect(plan.audio.map(\.streamIndex) == [2, 1, 3, 1])
        #expect(plan.audio.map(\.isDefault) == [true, false, false, false])
    }

    @Test(arguments: [(1, false), (2, false), (4, false), (5, false), (6, true), (8, true)])
    func `surround is kept beside stereo where there are channels for it`(channels: Int, isKept: Bool) throws {
        let sound = ProbedAudio(streamIndex: 0, codec: "ac3", sampleRate: 48_000, channels: channels)
        let plan = try MediaPlan(for: sounds([sound]))
        #expect(plan.audio.map(\.channels) == (isKept ? [2, 6] : [2]))
        #expect(plan.audio.map(\.bitsPerSecond) == (isKept ? [128_000, 384_000] : [128_000]))
        #expect(plan.audio.allSatisfy { $0.isDefault })
        let decision = plan.decisions.first { $0.subject == "surround" }
        #expect(isKept == (decision?.reason.contains("\(channels) channels") == true))
    }

    @Test func `wide dynamic range is said to be mapped, never kept silently`() throws {
        let plan = try plan(1280, 720) { $0.transfer = .pq }
        #expect(plan.video?.toneMaps == true)
        #expect(plan.decisions.contains { $0.subject == "toneMap" && $0.reason.contains("PQ") })
    }

    @Test func `pictures are read at the top's size, and if mapped or deinterlaced at the largest wanted`()
        throws
    {
        let mapped = try #require(try plan(1280, 720) { $0.transfer = .pq }.video)
        #expect(mapped.rungs.count == 5)
        #expect(mapped.readRung(for: [0, 1]) == 1 && mapped.readRung(for: [2, 4, 0, 3]) == 4)
        #expect((0...1).map { mapped.source(ofRung: $0, among: [0, 1], read: 1) } == [1, nil])
        let fields = try #require(try plan(1280, 720) { $0.isInterlaced = true }.video)
        #expect(fields.readRung(for: [0, 1]) == 1)
        let plain = try #require(try plan(1280, 720).video)
        #expect(plain.readRung(for: [0, 1]) == 4)
        #expect((0...1).map { plain.source(ofRung: $0, among: [0, 1], read: 4) } == [4, 4])
    }

    @Test func `the explanation names every decision with its reason`() throws {
        let media = try film(720, 480, rate: Rational(30_000, 1001)) { $0.isInterlaced = true }
        let plan = try MediaPlan(for: media)
        let explanation = plan.explanation(of: media)
        let decisions = explanation["decisions"]?.array ?? []
        #expect(decisions.count == plan.decisions.count)
        #expect(decisions.allSatisfy { $0["reason"]?.string?.isEmpty == false })
        #expect(decisions.contains { $0["subject"]?.string == "deinterlace" })
        #expect(explanation["framesPerSegment"]?.integer == 360)
    }

    @Test func `the explanation describes the source, with what was declared beside what was measured`() throws {
        var media = try film(720, 480)
        media.streams.append(ProbedStream(index: 1, kind: .subtitles, codec: "subrip", isDecodable: false))
        media.durationSeconds = 99
        let source = try MediaPlan(for: media).explanation(of: media)["source"]
        #expect(source?["durationSeconds"]?.number == 10)
        #expect(source?["declaredSeconds"]?.number == 99)
        #expect(source?["picture"]?["frameRate"]?.number == 25)
        #expect(source?["picture"]?["variableFrameRate"]?.bool == false)
        let streams = source?["streams"]?.array ?? []
        #expect(streams.count == 2)
        #expect(streams.first?["decision"]?.string == "all sizes of the picture")
        #expect(streams.first?["bitsPerSecond"]?.integer == 200_000)
        #expect(streams.last?["decision"]?.string == "not used: Weir does not read subrip")
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
