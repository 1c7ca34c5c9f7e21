/// Whether an origin's body arrives fast enough, looked at once per `interval`: a drip of a byte now and then keeps no
/// fill alive.
///
/// Time in which we did not want to read does not count.
struct FillPace {
    /// Seconds between two looks.
    static let intervalSeconds = 5

    /// Seconds of reading a whole response may take.
    private let limitSeconds: Int
    /// Bytes a second, on average over an interval; 0 asks for none.
    private let leastBytesPerSecond: Int
    private var seconds = 0
    private var received = 0
    private var wasPaused = false

    init(limitSeconds: Int, leastBytesPerSecond: Int) {
        self.limitSeconds = limitSeconds
        self.leastBytesPerSecond = leastBytesPerSecond
    }

    mutating func arrived(_ bytes: Int) {
        received += bytes
    }

    /// We stopped reading.
    mutating func paused() {
        wasPaused = true
    }

    /// An interval is over. False when the origin is too slow.
    mutating func intervalEnded(isPaused: Bool) -> Bool {
        defer {
            received = 0
            wasPaused = isPaused
        }
        if wasPaused || isPaused { return true }
        seconds += Self.intervalSeconds
        return seconds < limitSeconds && received >= leastBytesPerSecond * Self.intervalSeconds
    }
}
