import MediaPlan
import Testing

@Suite struct FrameGridTests {
    private func grid(_ numerator: Int, _ denominator: Int) throws -> FrameGrid {
        FrameGrid(rate: try #require(Rational(numerator, denominator)))
    }

    @Test(arguments: [
        (24_000, 1001, 48, 6), (25, 1, 50, 6), (30_000, 1001, 60, 6), (30, 1, 60, 6), (50, 1, 100, 6),
        (60_000, 1001, 120, 6), (60, 1, 120, 6), (25, 2, 25, 6), (10, 1, 20, 6),
    ])
    func `a group is two seconds of whole frames`(numerator: Int, denominator: Int, frames: Int, target: Int) throws {
        let grid = try grid(numerator, denominator)
        #expect(grid.framesPerGroup == frames)
        #expect(grid.framesPerSegment == 3 * frames)
        #expect(grid.targetDurationSeconds == target)
    }

    @Test func `a segment at 29.97 frames per second lasts 6.006 s`() throws {
        let grid = try grid(30_000, 1001)
        #expect(grid.microseconds(ticks: grid.ticks(ofFrame: grid.framesPerSegment)) == 6_006_000)
        #expect(grid.rateThousandths(step: 1) == 29_970)
        #expect(grid.rateThousandths(step: 2) == 14_985)
    }

    @Test func `ticks are fine enough for half frames`() throws {
        let grid = try grid(25, 1)
        #expect(grid.timescale >= 10_000)
        #expect(grid.ticksPerFrame * 25 == grid.timescale)
    }

    @Test func `a time goes to the nearest frame`() throws {
        let grid = try grid(25, 1)
        let milliseconds = try #require(Rational(1, 1000))
        #expect(
            [-5, 0, 19, 20, 59, 60, 1000].map { grid.frame(nearest: $0, unit: milliseconds) } == [0, 0, 0, 1, 1, 2, 25])
        #expect(grid.frame(nearest: .max, unit: milliseconds) == Int(Int32.max))
    }

    @Test func `rounded durations of segments add up to the whole`() throws {
        let grid = try grid(24_000, 1001)
        var sum: Int64 = 0
        for segment in 0..<1000 {
            let start = grid.ticks(ofFrame: segment * grid.framesPerSegment)
            let end = grid.ticks(ofFrame: (segment + 1) * grid.framesPerSegment)
            sum += grid.microseconds(ticks: end) - grid.microseconds(ticks: start)
        }
        #expect(sum == 6_006_000_000)
    }
}

@Suite struct FrameGridSegmentsTests {
    private func grid(_ cuts: [Int]? = nil, rate: Int = 25) throws -> FrameGrid {
        let rate = try #require(Rational(rate, 1))
        guard let cuts else { return FrameGrid(rate: rate) }
        return try #require(FrameGrid(rate: rate, cuts: cuts))
    }

    @Test func `segments of a regular grid are counted off`() throws {
        let grid = try grid()
        #expect([1, 2, 40].map(grid.firstFrame) == [0, 150, 5850])
        #expect([0, 149, 150, 5850].map(grid.segment) == [1, 1, 2, 40])
        #expect([0, 1, 150, 151].map(grid.segments) == [0, 1, 1, 2])
        #expect(grid.frames(ofSegment: 2, total: 160) == 150..<160)
        #expect((0...150).filter(grid.isKey) == [0, 50, 100, 150])
    }

    @Test func `a grid may be cut anywhere, and every cut is a key`() throws {
        let grid = try grid([0, 120, 270, 300])
        #expect([1, 2, 3, 4, 5].map(grid.firstFrame) == [0, 120, 270, 300, 450])
        #expect([119, 120, 269, 270, 299, 300, 449, 450].map(grid.segment) == [1, 2, 2, 3, 3, 4, 4, 5])
        #expect((0...360).filter(grid.isKey) == [0, 50, 100, 120, 170, 220, 270, 300, 350])
        #expect(grid.framesPerSegment == 150)
        #expect(grid.frames(ofSegment: 4, total: 310) == 300..<310)
    }

    @Test(arguments: [[], [1], [0, 0], [0, 10, 5]])
    func `cuts must ascend from the first frame`(cuts: [Int]) throws {
        #expect(FrameGrid(rate: try #require(Rational(25, 1)), cuts: cuts) == nil)
    }

    @Test func `where small sizes have half the rate, cuts are even`() throws {
        #expect(FrameGrid(rate: try #require(Rational(60, 1)), cuts: [0, 101]) == nil)
        #expect(FrameGrid(rate: try #require(Rational(60, 1)), cuts: [0, 102]) != nil)
    }

    @Test func `the sample at a frame is the nearest one`() throws {
        let grid = FrameGrid(rate: try #require(Rational(30_000, 1001)))
        #expect([0, 1, 180].map { grid.sample(atFrame: $0, sampleRate: 48_000) } == [0, 1602, 288_288])
    }
}
