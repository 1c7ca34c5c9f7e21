import MediaPlan
import Testing

@Suite struct SpanPlanTests {
    private func grid(_ numerator: Int = 25, _ denominator: Int = 1, cuts: [Int]? = nil) throws -> FrameGrid {
        let rate = try #require(Rational(numerator, denominator))
        guard let cuts else { return FrameGrid(rate: rate) }
        return try #require(FrameGrid(rate: rate, cuts: cuts))
    }

    private func spans(
        _ grid: FrameGrid, frames: Int, keys: [Int], canSeek: Bool = true
    ) -> [SpanPlan.Span] {
        SpanPlan.spans(grid: grid, frames: frames, keys: keys, canSeek: canSeek)
    }

    @Test func `the first span is one segment, the others half a minute`() throws {
        let keys = Array(stride(from: 0, to: 6000, by: 50))
        let spans = spans(try grid(), frames: 6000, keys: keys)
        #expect(spans.map(\.segments) == [1...1, 2...6, 7...11, 12...16, 17...21, 22...26, 27...31, 32...36, 37...40])
        #expect(spans.map(\.key) == [nil, 3, 18, 33, 48, 63, 78, 93, 108])
    }

    @Test func `a rest shorter than two segments joins the span before it`() throws {
        let keys = Array(stride(from: 0, to: 6000, by: 50))
        #expect(spans(try grid(), frames: 151, keys: keys).map(\.segments) == [1...2])
        #expect(spans(try grid(), frames: 301, keys: keys).map(\.segments) == [1...1, 2...3])
        #expect(spans(try grid(), frames: 7 * 150, keys: keys).map(\.segments) == [1...1, 2...7])
        #expect(spans(try grid(), frames: 8 * 150, keys: keys).map(\.segments) == [1...1, 2...6, 7...8])
    }

    @Test func `a span grows until the way to it costs no more than a tenth`() throws {
        // The second span begins 130 frames after its key, so that it lasts 1300 frames or more.
        let spans = spans(try grid(), frames: 6000, keys: [0, 20, 1650])
        #expect(spans.map(\.segments) == [1...1, 2...11, 12...16, 17...40])
        #expect(spans.map(\.key) == [nil, 1, 2, 2])
    }

    @Test func `spans end where the next begins near a keyframe`() throws {
        // A keyframe every ten seconds, as encoders make them by themselves.
        let keys = Array(stride(from: 0, to: 6000, by: 250))
        let spans = spans(try grid(), frames: 6000, keys: keys)
        #expect(spans.map(\.segments) == [1...1, 2...12, 13...17, 18...22, 23...27, 28...32, 33...37, 38...40])
        #expect(spans.dropFirst(2).allSatisfy { span in span.key.map { keys[$0] + 50 } == span.frames.lowerBound })
    }

    @Test func `what cannot be sought is one span`() throws {
        let spans = spans(try grid(), frames: 6000, keys: [0, 150, 300], canSeek: false)
        #expect(spans.map(\.segments) == [1...40])
        #expect(spans.map(\.key) == [nil])
    }

    @Test func `nothing is no span`() throws {
        #expect(spans(try grid(), frames: 0, keys: [0]).isEmpty)
    }

    @Test(arguments: 0..<300 as Range<UInt64>)
    func `spans cover every segment and frame exactly once, each from a key that is not too late`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let rates = [(10, 1), (24_000, 1001), (25, 1), (30_000, 1001), (50, 1), (60, 1)]
        let rate = try #require(rates.randomElement(using: &random))
        var cuts: [Int]?
        if Bool.random(using: &random) {
            var frames = [0]
            while frames.count < 30 {
                frames.append(frames[frames.count - 1] + 2 * Int.random(in: 1...200, using: &random))
            }
            cuts = frames
        }
        let grid = try grid(rate.0, rate.1, cuts: cuts)
        let frames = Int.random(in: 1...20_000, using: &random)
        var keys: [Int] = []
        var key = Int.random(in: 0...3, using: &random)
        let distance = Int.random(in: 1...3000, using: &random)
        while key < frames {
            keys.append(key)
            key += Int.random(in: 1...distance, using: &random)
        }
        let spans = spans(grid, frames: frames, keys: keys)
        #expect(spans.first?.segments.lowerBound == 1)
        #expect(spans.last?.segments.upperBound == grid.segments(frames: frames))
        #expect(spans.first?.frames.lowerBound == 0)
        #expect(spans.last?.frames.upperBound == frames)
        for (span, next) in zip(spans, spans.dropFirst()) {
            #expect(next.segments.lowerBound == span.segments.upperBound + 1)
            #expect(next.frames.lowerBound == span.frames.upperBound)
        }
        for span in spans {
            #expect(!span.frames.isEmpty)
            #expect(span.frames.lowerBound == grid.firstFrame(ofSegment: span.segments.lowerBound))
            if let key = span.key {
                #expect(keys[key] <= span.frames.lowerBound)
                #expect(key == keys.count - 1 || keys[key + 1] > span.frames.lowerBound)
            } else {
                #expect(span.frames.lowerBound == 0 || keys[0] > span.frames.lowerBound)
            }
        }
    }
}
