/// Closes leaps of a file's clock, in the order in which packets are read.
///
/// Recordings of broadcasts are cut and joined with their clocks as they were, and a damaged time can lie years away. Each
/// leap moves everything that is read after it, in all streams alike, so that sound and pictures stay together.
public struct ClockRepair: Sendable {
    /// A longer step of one stream's decoding time is a leap where clocks are known to leap.
    public static let leapMicroseconds: Int64 = 10_000_000
    /// Elsewhere a step forward must be so long, and every stream silent for all of it.
    public static let longLeapMicroseconds: Int64 = 300_000_000

    private let isLeaping: Bool
    private var ends: [Int: Int64] = [:]
    private var latest: Int64?
    /// What is added to every time from now on.
    public private(set) var shift: Int64 = 0
    /// Leaps closed so far.
    public private(set) var leaps = 0

    /// For a container in which clocks may leap between any two packets, or for one in which they should not.
    public init(isLeaping: Bool) { self.isLeaping = isLeaping }

    /// Notes the next packet of `stream`, decoded at `time` for `duration`, both in microseconds; returns what to add to
    /// its times.
    public mutating func shift(stream: Int, time: Int64, duration: Int64) -> Int64 {
        let time = max(-Self.bound, min(Self.bound, time))
        let shifted = time &+ shift
        if let end = ends[stream], isLeap(from: end, to: shifted) {
            shift = (isLeaping || shifted < end ? end : latest ?? end) &- time
            leaps += 1
        }
        let end = time &+ shift &+ max(0, min(duration, Self.leapMicroseconds))
        ends[stream] = end
        latest = max(latest ?? end, end)
        return shift
    }

    private static let bound: Int64 = 1 << 60

    private func isLeap(from end: Int64, to time: Int64) -> Bool {
        if time < end &- Self.leapMicroseconds { return true }
        if isLeaping { return time > end &+ Self.leapMicroseconds }
        return time > (latest ?? end) &+ Self.longLeapMicroseconds
    }
}
