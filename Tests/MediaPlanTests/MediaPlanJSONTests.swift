import JSON
import MediaPlan
import Testing

@Suite struct MediaPlanJSONTests {
    private func plans() throws -> [MediaPlan] {
        let audio = [
            ProbedAudio(streamIndex: 1, codec: "ac3", sampleRate: 48_000, channels: 6, language: "fre"),
            ProbedAudio(streamIndex: 2, codec: "aac", sampleRate: 44_100, channels: 2, isDefault: true),
        ]
        var turned = try film(1920, 1080, rate: Rational(60_000, 1001)) {
            $0.orientation = Orientation(a: 0, b: 1, c: -1, d: 0)
            $0.transfer = .hlg
            $0.colour.matrix = 9
        }
        turned.clockLeaps = 2
        var cut = try MediaPlan(for: film(640, 360))
        cut.grid = try #require(FrameGrid(rate: cut.grid.rate, cuts: [0, 100, 240]))
        return [
            try MediaPlan(for: film(1280, 720)), try MediaPlan(for: sounds(audio)), try MediaPlan(for: turned), cut,
            try MediaPlan(for: film(720, 576) { $0.colour.isRGB = true }),
            try MediaPlan(for: film(640, 360), options: VideoOptions(codecs: [.hevc])),
        ]
    }

    @Test func `a plan crosses as text unchanged`() throws {
        for plan in try plans() {
            let text = plan.json.serialized()
            #expect(MediaPlan(json: try JSONValue.parse(text)) == plan)
        }
    }

    /// Every value in `json` replaced in turn by something that cannot stand there.
    private func damaged(_ json: JSONValue, by wrong: JSONValue) -> [JSONValue] {
        switch json {
        case .object(let object):
            return object.keys.flatMap { key in
                damaged(object[key] ?? .null, by: wrong).map { value in
                    var copy = object
                    copy[key] = value
                    return .object(copy)
                }
            } + [wrong]
        case .array(let array):
            return array.indices.flatMap { index in
                damaged(array[index], by: wrong).map { value in
                    var copy = array
                    copy[index] = value
                    return .array(copy)
                }
            } + [wrong]
        default:
            return [wrong]
        }
    }

    @Test(arguments: [JSONValue.null, .integer(-1), .integer(.max)])
    func `a plan with anything out of place is not taken, and nothing traps`(wrong: JSONValue) throws {
        let plan = try #require(try plans().first)
        for json in damaged(plan.json, by: wrong) where json != plan.json {
            guard let read = MediaPlan(json: json) else { continue }
            // Times of the file's own clock may be anything.
            #expect(read.originMicroseconds != plan.originMicroseconds)
        }
    }

    @Test func `a span crosses as text unchanged`() throws {
        var media = try film(640, 360, times: Array(0..<3000))
        media.canSeek = true
        media.pictures?.keys = stride(from: 0, to: 3000, by: 60).map { .init(presentation: $0, decoding: $0 - 2) }
        let plan = try MediaPlan(for: media)
        let spans = plan.pictureSpans(of: media)
        #expect(spans.map(\.segments) == [1...1, 2...6, 7...11, 12...16, 17...20])
        for span in spans {
            let json = try JSONValue.parse(span.json.serialized())
            #expect(PictureSpan(json: json, segments: span.segments, plan: plan) == span)
            #expect(PictureSpan(json: json, segments: span.segments.lowerBound...99, plan: plan) == nil)
            #expect(PictureSpan(json: [:], segments: span.segments, plan: plan) == nil)
        }
    }

    @Test func `a span needs the newest picture before its first frame, and a key before that`() throws {
        let milliseconds = try #require(Rational(1, 1000))
        // 25 frames per second, but nothing between 5.5 and 6.5 s, where the second segment begins.
        let times = (0..<1000).map { Int64($0) * 40 }.filter { $0 <= 5500 || $0 >= 6500 }
        var media = try film(640, 360, times: times, unit: milliseconds)
        media.canSeek = true
        media.pictures?.keys = [0, 2000, 4000, 6520, 12_000].map { .init(presentation: $0, decoding: $0) }
        let plan = try MediaPlan(for: media)
        let second = try #require(plan.pictureSpans(of: media).dropFirst().first)
        #expect(second.needed == 5480)
        #expect(second.key?.presentation == 4000)
    }

    @Test func `deinterlacing sees two pictures before the first`() throws {
        var media = try film(640, 360, times: Array(0..<3000)) { $0.isInterlaced = true }
        media.canSeek = true
        media.pictures?.keys = stride(from: 0, to: 3000, by: 50).map { .init(presentation: $0, decoding: $0) }
        let spans = try MediaPlan(for: media).pictureSpans(of: media)
        // Segments of 300 fields are 150 pictures long; the key at 150 comes too late to see two before it.
        #expect(spans[1].frames.lowerBound == 300)
        #expect(spans[1].needed == 148)
        #expect(spans[1].key?.presentation == 100)
    }
}
