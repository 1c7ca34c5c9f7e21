import MediaPlan
import Testing

@Suite struct ClockRepairTests {
    /// Decoding times after repair, of packets of 40 ms given as stream and millisecond.
    private func repaired(_ packets: [(Int, Int64)], isLeaping: Bool) -> (times: [Int64], leaps: Int) {
        var repair = ClockRepair(isLeaping: isLeaping)
        let times = packets.map { stream, millisecond in
            let time = millisecond * 1000
            return (time + repair.shift(stream: stream, time: time, duration: 40_000)) / 1000
        }
        return (times, repair.leaps)
    }

    @Test func `an even clock stays as it is`() {
        let packets = (0..<100).map { ($0 % 2, 5000 + Int64($0 / 2) * 40) }
        #expect(repaired(packets, isLeaping: true).times == packets.map(\.1))
        #expect(repaired(packets, isLeaping: true).leaps == 0)
    }

    @Test(arguments: [1_000_000, 0])
    func `a leap of a broadcast's clock is closed for all streams`(leap: Int64) {
        let packets =
            [
                (0, 500_000), (1, 500_000), (0, 500_040), (0, leap), (1, leap), (0, leap + 40),
            ] as [(Int, Int64)]
        let (times, leaps) = repaired(packets, isLeaping: true)
        #expect(times == [500_000, 500_000, 500_040, 500_080, 500_080, 500_120])
        #expect(leaps == 1)
    }

    @Test func `elsewhere a picture may stand for minutes while sound goes on`() {
        var packets: [(Int, Int64)] = [(0, 0)]
        for second in 0..<600 { packets.append((1, Int64(second) * 1000)) }
        packets.append((0, 600_000))
        #expect(repaired(packets, isLeaping: false).leaps == 0)
    }

    @Test func `elsewhere a silence of more than five minutes in all streams is a leap`() {
        let (times, leaps) = repaired([(0, 0), (1, 0), (0, 4_000_000), (1, 4_000_000)], isLeaping: false)
        #expect(times == [0, 0, 40, 40])
        #expect(leaps == 1)
    }

    @Test func `no time is too large`() {
        var repair = ClockRepair(isLeaping: true)
        for time in [0, .max, .min, .max, 5] as [Int64] {
            let shift = repair.shift(stream: 0, time: time, duration: .max)
            #expect(shift.magnitude < 1 << 62)
        }
    }
}
