import Playlist
import Testing

@Suite struct MeasuredBandwidthTests {
    private func measure(_ segments: [(bytes: Int, seconds: Double)]) -> MeasuredBandwidth {
        MeasuredBandwidth(
            segments: segments.map { .init(bytes: $0.bytes, durationMicroseconds: Int64($0.seconds * 1_000_000)) },
            targetDurationSeconds: 6)
    }

    @Test func `the peak is the worst run, the average is over everything`() {
        let measured = measure([(600_000, 6), (1_200_000, 6), (300_000, 6)])
        #expect(measured.peak == 1_600_000)
        #expect(measured.average == 933_334)
    }

    @Test func `a short last segment counts only together with its neighbour`() {
        let measured = measure([(600_000, 6), (600_000, 1)])
        #expect(measured.peak == 1_371_429)
    }

    @Test func `a run longer than one and a half target durations does not count`() {
        let measured = measure([(600_000, 6), (600_000, 6)])
        #expect(measured.peak == 800_000)
    }

    @Test func `a presentation shorter than half a target duration is one run`() {
        let measured = measure([(100_000, 1)])
        #expect(measured == measure([(100_000, 1)]))
        #expect(measured.peak == 800_000)
        #expect(measured.average == 800_000)
    }

    @Test(.timeLimit(.minutes(1)))
    func `a hundred thousand segments without duration are measured in no time`() {
        let measured = measure(Array(repeating: (bytes: 1, seconds: 0), count: 100_000))
        #expect(measured.average == 0)
    }

    @Test func `nothing needs nothing`() {
        #expect(measure([]).peak == 0)
        #expect(measure([]).average == 0)
    }
}
