/// Decides from what happened to one origin server whether it should get requests. It holds no clock, lock or socket.
///
///     usable ─n requests failed in a row→ ejected ─its time is over→ on trial ─success→ usable
///        ↑                                   ↑───────── one failure ────┘ (for twice as long)
///        └─n checks good in a row── down ←─n checks failed in a row── (any of them)
///
/// Whether a server that should get none gets requests all the same, because no other is left, is `ServerChoice`'s
/// matter.
struct HealthMachine: Equatable {
    /// When a server is taken out and for how long.
    struct Policy: Sendable, Equatable {
        /// Requests failed in a row that eject; 0 never ejects.
        var failuresToEject = 5
        /// Of the first ejection, in nanoseconds; each one that follows is twice as long.
        var ejection: UInt64 = 10_000_000_000
        /// Of any ejection, in nanoseconds.
        var longestEjection: UInt64 = 300_000_000_000
        /// Checks failed in a row that take a server down.
        var checksToFail = 3
        /// Checks passed in a row that bring it back.
        var checksToRecover = 2
    }

    enum Condition: Equatable {
        case usable
        /// Until that monotonic time; after it, on trial.
        case ejected(until: UInt64)
        /// By checks.
        case down
    }

    /// What to tell the operator.
    enum Change: Equatable {
        case ejected(nanoseconds: UInt64)
        /// A server on trial has answered.
        case readmitted
        case down
        case up
    }

    var policy: Policy
    private(set) var condition = Condition.usable
    /// Requests failed since the last success.
    private(set) var failures = 0
    private var lastEjection: UInt64 = 0
    private var lastReturn: UInt64 = 0
    private var failedChecks = 0
    private var goodChecks = 0

    init(policy: Policy) {
        self.policy = policy
    }

    /// Nanoseconds before which the server should get nothing: 0 for now, `.max` for as long as checks fail.
    var unusableUntil: UInt64 {
        switch condition {
        case .usable: 0
        case .ejected(let end): end
        case .down: .max
        }
    }

    /// A request was answered, if only with an error that is the request's own.
    mutating func requestSucceeded(at now: UInt64) -> Change? {
        failures = 0
        guard case .ejected(let end) = condition, now >= end else { return nil }
        condition = .usable
        lastReturn = now
        return .readmitted
    }

    /// A request got no answer, or one that says the server cannot work.
    mutating func requestFailed(at now: UInt64) -> Change? {
        failures += 1
        guard policy.failuresToEject > 0 else { return nil }
        switch condition {
        case .down: return nil
        case .ejected(let end): return now >= end ? eject(at: now) : nil
        case .usable:
            guard failures >= policy.failuresToEject else { return nil }
            // A server that has done well for longer than it was out starts afresh.
            if now &- lastReturn > lastEjection { lastEjection = 0 }
            return eject(at: now)
        }
    }

    /// A check found the server fit.
    mutating func checkSucceeded() -> Change? {
        failedChecks = 0
        guard condition == .down else { return nil }
        goodChecks += 1
        guard goodChecks >= policy.checksToRecover else { return nil }
        goodChecks = 0
        failures = 0
        condition = .usable
        return .up
    }

    /// A check found no server, or an unfit one.
    mutating func checkFailed() -> Change? {
        goodChecks = 0
        guard condition != .down else { return nil }
        failedChecks += 1
        guard failedChecks >= policy.checksToFail else { return nil }
        failedChecks = 0
        condition = .down
        return .down
    }

    private mutating func eject(at now: UInt64) -> Change {
        let doubled = lastEjection == 0 ? policy.ejection : lastEjection &* 2
        lastEjection = min(doubled, policy.longestEjection)
        failures = 0
        condition = .ejected(until: now &+ lastEjection)
        return .ejected(nanoseconds: lastEjection)
    }
}
