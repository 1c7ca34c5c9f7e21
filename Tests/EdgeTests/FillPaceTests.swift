import Testing

@testable import Edge

@Suite struct FillPaceTests {
    private func ended(_ pace: inout FillPace, isPaused: Bool) -> Bool { pace.intervalEnded(isPaused: isPaused) }

    @Test func `an origin that keeps the pace goes on until the limit`() {
        var pace = FillPace(limitSeconds: 3 * FillPace.intervalSeconds, leastBytesPerSecond: 100)
        for isFastEnough in [true, true, false] {
            pace.arrived(100 * FillPace.intervalSeconds)
            #expect(ended(&pace, isPaused: false) == isFastEnough)
        }
    }

    @Test func `a drip is given up, unless no pace is asked for`() {
        var strict = FillPace(limitSeconds: 1000, leastBytesPerSecond: 100)
        strict.arrived(100 * FillPace.intervalSeconds - 1)
        #expect(ended(&strict, isPaused: false) == false)
        var free = FillPace(limitSeconds: 1000, leastBytesPerSecond: 0)
        #expect(ended(&free, isPaused: false) == true)
    }

    @Test func `time in which we did not read does not count`() {
        var pace = FillPace(limitSeconds: 2 * FillPace.intervalSeconds, leastBytesPerSecond: 100)
        pace.paused()
        #expect(ended(&pace, isPaused: true) == true)
        #expect(ended(&pace, isPaused: false) == true, "it began paused")
        #expect(ended(&pace, isPaused: false) == false, "this one counts")
    }
}
