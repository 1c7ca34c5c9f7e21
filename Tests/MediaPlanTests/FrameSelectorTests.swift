import MediaPlan
import Testing

@Suite struct FrameSelectorTests {
    /// The run's output frames as the source frame shown at each, after frames named by their index at `places`.
    private func output(_ places: [Int], _ run: Range<Int>, first: Int = 0) -> [Int] {
        var selector = FrameSelector<Int>(outputs: run)
        var shown: [Int] = []
        for (frame, place) in places.enumerated().dropFirst(first) {
            if let done = selector.take(frame, at: place) {
                #expect(done.outputs.lowerBound == run.lowerBound + shown.count)
                shown += done.outputs.map { _ in done.frame }
            }
        }
        if let done = selector.finish() { shown += done.outputs.map { _ in done.frame } }
        #expect(selector.nextOutput == run.lowerBound + shown.count)
        return shown
    }

    @Test func `an even film passes unchanged`() {
        #expect(output([0, 1, 2, 3], 0..<4) == [0, 1, 2, 3])
    }

    @Test func `a missing frame is filled with the one before`() {
        #expect(output([0, 1, 4], 0..<5) == [0, 1, 1, 1, 2])
    }

    @Test func `of two frames on one place the later is shown`() {
        #expect(output([0, 1, 1, 2], 0..<3) == [0, 2, 3])
    }

    @Test func `a film that starts late shows its first frame from the beginning`() {
        #expect(output([3, 4], 0..<5) == [0, 0, 0, 0, 1])
        #expect(output([30, 31], 0..<3) == [0, 0, 0])
    }

    @Test func `the last frame lasts until the end of the run`() {
        #expect(output([0, 1], 0..<4) == [0, 1, 1, 1])
    }

    @Test func `what lies beyond the run is not shown`() {
        #expect(output([0, 1, 2, 3, 4], 0..<2) == [0, 1])
        var selector = FrameSelector<Int>(outputs: 0..<2)
        #expect(selector.take(0, at: 0) == nil)
        #expect(selector.take(1, at: 2)?.outputs == 0..<2)
        #expect(selector.isComplete)
    }

    @Test func `without frames there is no output`() {
        #expect(output([], 0..<3) == [])
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func `runs joined show what one run shows`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var places = [0]
        while places.count < 200 { places.append(places[places.count - 1] + Int.random(in: 0...4, using: &random)) }
        let end = places[places.count - 1] + 3
        var joined: [Int] = []
        var start = 0
        while start < end {
            let next = min(end, start + Int.random(in: 1...60, using: &random))
            // Any frame with which decoding can begin will do, as long as it is not too late.
            let newest = places.lastIndex { $0 <= start } ?? 0
            joined += output(places, start..<next, first: Int.random(in: 0...newest, using: &random))
            start = next
        }
        #expect(joined == output(places, 0..<end))
    }
}

/// Numbers that look random and are the same each time (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }
}
