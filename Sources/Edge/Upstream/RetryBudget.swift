import Synchronization

/// How many retries an origin's requests have earned, so that an origin in trouble is not asked twice for everything.
///
/// A pure value: time and the count of requests come in.
struct RetryBudget: Equatable {
    /// Retries that may be saved up, and that an origin not asked for long has.
    static let savedRetries = 10
    /// Retries earned each second whatever the traffic: a quiet edge may retry too.
    private static let perSecond = 1.0

    /// Retries for each request, 0…1.
    let ratio: Double
    private var balance = Double(savedRetries)
    private var lastRequests = 0
    private var lastTime: UInt64 = 0

    init(ratio: Double) {
        self.ratio = ratio
    }

    /// Takes one retry; false if there is none.
    ///
    /// - Parameter requests: sent to the origin so far, retries excluded.
    mutating func withdraw(requests: Int, at now: UInt64) -> Bool {
        if ratio == 0 { return false }
        let seconds = lastTime == 0 ? 0 : Double(now &- lastTime) / 1e9
        let earned = Double(requests &- lastRequests) * ratio + seconds * Self.perSecond
        balance = min(Double(Self.savedRetries), balance + earned)
        lastRequests = requests
        lastTime = now
        guard balance >= 1 else { return false }
        balance -= 1
        return true
    }
}

/// The retry budget of one origin for all loops: a request costs one atomic addition, only a retry takes the lock.
final class SharedRetryBudget: Sendable {
    private let requests = Atomic<Int>(0)
    private let budget: Mutex<RetryBudget>

    init(ratio: Double) {
        budget = Mutex(RetryBudget(ratio: ratio))
    }

    func requestStarted() {
        requests.wrappingAdd(1, ordering: .relaxed)
    }

    func withdraw(at now: UInt64) -> Bool {
        let count = requests.load(ordering: .relaxed)
        return budget.withLock { $0.withdraw(requests: count, at: now) }
    }
}
