import MediaPlan
import Testing

@Suite struct FrameSelectorTests {
    /// The output as the source frame shown at each place, after frames named by their index at `places`.
    private func output(_ places: [Int], lasting: Int = 1, maximumGap: Int = 100) -> [Int] {
        var selector = FrameSelector<Int>(maximumGap: maximumGap)
        var shown: [Int] = []
        for (frame, place) in places.enumerated() {
            if let done = selector.take(frame, at: place) {
                #expect(done.outputs.lowerBound == shown.count)
                shown += done.outputs.map { _ in done.frame }
            }
        }
        if let done = selector.finish(lasting: lasting) { shown += done.outputs.map { _ in done.frame } }
        #expect(selector.nextOutput == shown.count)
        return shown
    }

    @Test func `an even film passes unchanged`() {
        #expect(output([0, 1, 2, 3]) == [0, 1, 2, 3])
    }

    @Test func `a missing frame is filled with the one before`() {
        #expect(output([0, 1, 4]) == [0, 1, 1, 1, 2])
    }

    @Test func `of two frames on one place the later is shown`() {
        #expect(output([0, 1, 1, 2]) == [0, 2, 3])
    }

    @Test func `a film that starts late shows its first frame from the beginning`() {
        #expect(output([3, 4]) == [0, 0, 0, 0, 1])
    }

    @Test func `the last frame lasts as long as it is told`() {
        #expect(output([0, 1], lasting: 3) == [0, 1, 1, 1])
    }

    @Test func `a clock that leaps forward or back is straightened`() {
        #expect(output([0, 1, 5000, 5001, 5002], maximumGap: 50) == [0, 1, 2, 3, 4])
        #expect(output([100, 101, 0, 1, 2], maximumGap: 50).suffix(3) == [2, 3, 4])
    }

    @Test func `without frames there is no output`() {
        #expect(output([]) == [])
    }
}
