import MediaPlan
import Testing

@Suite struct FrameRateTests {
    /// The rate chosen for pictures at `times` of `unit`.
    private func rate(
        _ times: [Int64], unit: Rational, declared: Rational? = nil, interlaced: Bool = false
    ) throws -> String {
        let plan = try plan(640, 360, times: times, unit: unit) {
            $0.declaredRate = declared
            $0.isInterlaced = interlaced
        }
        return plan.grid.rate.description
    }

    /// Times of `count` pictures at a constant rate, rounded to `unit`s.
    private func times(_ rate: Double, unit: Rational, count: Int = 300) -> [Int64] {
        (0..<count).map { Int64((Double($0) / rate / unit.value).rounded()) }
    }

    private func milliseconds() throws -> Rational { try #require(Rational(1, 1000)) }
    private func ninetyKilohertz() throws -> Rational { try #require(Rational(1, 90_000)) }

    @Test(arguments: [
        Rational(10, 1), Rational(25, 2), Rational(15, 1), Rational(24_000, 1001), Rational(24, 1), Rational(25, 1),
        Rational(30_000, 1001), Rational(30, 1), Rational(50, 1), Rational(60_000, 1001), Rational(60, 1),
    ])
    func `a natural rate is kept, however coarse the clock`(source: Rational?) throws {
        let source = try #require(source)
        for unit in [try milliseconds(), try ninetyKilohertz()] {
            #expect(try rate(times(source.value, unit: unit), unit: unit) == source.description)
        }
    }

    @Test func `a declared rate that the times deny is not believed`() throws {
        let unit = try ninetyKilohertz()
        #expect(try rate(times(24, unit: unit), unit: unit, declared: Rational(90_000, 1)) == "24")
        #expect(try rate(times(24, unit: unit), unit: unit, declared: Rational(30, 1)) == "24")
    }

    @Test func `a phone that leaves frames out keeps the rate its frames lie on`() throws {
        let unit = try ninetyKilohertz()
        let kept = times(30, unit: unit).enumerated().filter { $0.offset % 9 != 4 }.map(\.element)
        #expect(try rate(kept, unit: unit) == "30")
    }

    @Test func `a frame that is missing on a clock of whole frames does not slow it`() throws {
        let unit = try #require(Rational(1, 30))
        #expect(try rate([0] + Array(2..<150), unit: unit) == "30")
    }

    @Test func `frames that come irregularly get the natural rate nearest to their average`() throws {
        let unit = try milliseconds()
        let gaps: [Int64] = [10, 90, 25, 61, 44, 18, 70, 34]
        var times: [Int64] = [0]
        for index in 0..<200 { times.append(times[index] + gaps[index % gaps.count]) }
        #expect(try rate(times, unit: unit) == "24000/1001")
        #expect(FrameTiming(.init(unit: unit, times: times, lastDuration: 10, keys: [])).isVariable)
    }

    @Test func `no more than 60, halved evenly`() throws {
        let unit = try ninetyKilohertz()
        #expect(try rate(times(120, unit: unit), unit: unit) == "60")
        #expect(try rate(times(100, unit: unit), unit: unit) == "50")
    }

    @Test func `interlaced pictures give one frame per field`() throws {
        let unit = try ninetyKilohertz()
        #expect(try rate(times(25, unit: unit), unit: unit, interlaced: true) == "50")
        #expect(try rate(times(30_000 / 1001.0, unit: unit), unit: unit, interlaced: true) == "60000/1001")
        #expect(try rate(times(50, unit: unit), unit: unit, interlaced: true) == "50")
    }

    @Test func `a single picture has the rate the container names, or 25`() throws {
        let unit = try milliseconds()
        #expect(try rate([7], unit: unit, declared: Rational(30, 1)) == "30")
        #expect(try rate([7], unit: unit) == "25")
        #expect(try rate([7], unit: unit, declared: Rational(90_000, 1)) == "25")
    }

    @Test func `the largest gap and the average are measured`() throws {
        let timing = FrameTiming(
            .init(unit: try milliseconds(), times: [0, 40, 80, 680, 720], lastDuration: 40, keys: []))
        #expect(timing.largestGapSeconds == 0.6)
        #expect(timing.averageRate.map { abs($0 - 4 / 0.72) < 1e-9 } == true)
        #expect(timing.usualRate.map { abs($0 - 25) < 1e-9 } == true)
        #expect(timing.isVariable)
    }
}
