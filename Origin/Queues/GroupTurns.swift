/// Which groups of a queue may be received from: each has a few places, and one whose receivers get no answer rests, so that it
/// takes no place from the others.
struct GroupTurns {
    private static let firstRestMilliseconds: Int64 = 5_000
    private static let longestRestMilliseconds: Int64 = 300_000

    private struct Rest {
        var failures: Int
        var until: Int64
    }

    private let slots: Int
    private let perGroup: Int
    private var busy: [String: Int] = [:]
    private var resting: [String: Rest] = [:]

    /// `slots` messages are under way at a time, `perGroup` of one group.
    init(slots: Int, perGroup: Int) {
        self.slots = slots
        self.perGroup = perGroup
    }

    /// How many more may be begun.
    var free: Int { slots - busy.values.reduce(0, +) }

    /// Whose turn it is not.
    func excluded(now: Int64) -> Set<String> {
        Set(busy.filter { $0.value >= perGroup }.keys).union(resting.filter { now < $0.value.until }.keys)
    }

    mutating func begin(_ group: String) { busy[group, default: 0] += 1 }

    /// A rest grows with each message in a row that nobody answered. One that has been over for as long as the longest is
    /// forgotten.
    mutating func end(_ group: String, isAnswered: Bool, now: Int64) {
        let left = (busy[group] ?? 1) - 1
        busy[group] = left > 0 ? left : nil
        resting = resting.filter { now < $0.value.until + Self.longestRestMilliseconds }
        guard !isAnswered else {
            resting[group] = nil
            return
        }
        let failures = (resting[group]?.failures ?? 0) + 1
        let rest = min(Self.longestRestMilliseconds, Self.firstRestMilliseconds << Int64(min(failures - 1, 6)))
        resting[group] = Rest(failures: failures, until: now + rest)
    }
}
