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

@Suite struct FrameRateTests {
    private func rate(
        average: Rational?, nominal: Rational?, interlaced: Bool = false
    ) throws -> String {
        let plan = try plan(640, 360) {
            $0.averageRate = average
            $0.nominalRate = nominal
            $0.isInterlaced = interlaced
        }
        return plan.grid.rate.description
    }

    @Test func `a natural rate is kept`() throws {
        #expect(try rate(average: Rational(30_000, 1001), nominal: Rational(30_000, 1001)) == "30000/1001")
        #expect(try rate(average: Rational(10, 1), nominal: Rational(10, 1)) == "10")
    }

    @Test func `a phone's rate goes to the one its frames lie on`() throws {
        #expect(try rate(average: Rational(369_000, 13_657), nominal: Rational(30, 1)) == "30")
    }

    @Test func `a time base that is no rate is not taken for one`() throws {
        #expect(try rate(average: Rational(24, 1), nominal: Rational(90_000, 1)) == "24")
    }

    @Test func `no more than 60, halved evenly`() throws {
        #expect(try rate(average: Rational(120, 1), nominal: Rational(120, 1)) == "60")
        #expect(try rate(average: Rational(100, 1), nominal: Rational(100, 1)) == "50")
    }

    @Test func `interlaced pictures give one frame per field`() throws {
        #expect(try rate(average: Rational(25, 1), nominal: Rational(25, 1), interlaced: true) == "50")
        #expect(
            try rate(average: Rational(30_000, 1001), nominal: Rational(60_000, 1001), interlaced: true) == "60000/1001"
        )
    }

    @Test func `an unknown rate becomes 25`() throws {
        #expect(try rate(average: nil, nominal: nil) == "25")
    }
}
