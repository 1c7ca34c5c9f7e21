/// How patient a queue is with its messages.
public struct QueuePolicy: Sendable, Equatable {
    /// How long a receiver has a message before another may receive it, in milliseconds.
    public var visibilityMilliseconds: Int64
    /// How often a message is received before it is a dead letter.
    public var maximumReceives: Int
    /// The usual wait after the first failure, in milliseconds; each further one is four times as long.
    public var firstRetryMilliseconds: Int64
    /// The longest usual wait, in milliseconds.
    public var longestRetryMilliseconds: Int64

    /// A policy with the given values.
    public init(
        visibilityMilliseconds: Int64, maximumReceives: Int, firstRetryMilliseconds: Int64,
        longestRetryMilliseconds: Int64
    ) {
        self.visibilityMilliseconds = visibilityMilliseconds
        self.maximumReceives = maximumReceives
        self.firstRetryMilliseconds = firstRetryMilliseconds
        self.longestRetryMilliseconds = longestRetryMilliseconds
    }

    /// Ten receives over about 26 minutes: what does not become a job by then will not do so by itself.
    public static let objectEvents = QueuePolicy(
        visibilityMilliseconds: 5_000, maximumReceives: 10, firstRetryMilliseconds: 1_000,
        longestRetryMilliseconds: 300_000)

    /// How far a wait may be from the usual one, to either side: messages that failed together come back one by one.
    static let jitter = 0.2

    /// The wait after receive number `receives` (from 1), in milliseconds; `chance` is from 0 to 1.
    public func retryDelay(after receives: Int, chance: Double) -> Int64 {
        var usual = firstRetryMilliseconds
        for _ in 1..<max(receives, 1) where usual < longestRetryMilliseconds { usual *= 4 }
        let factor = 1 - Self.jitter + 2 * Self.jitter * min(max(chance, 0), 1)
        return max(1, Int64(Double(min(usual, longestRetryMilliseconds)) * factor))
    }
}

/// What becomes of a message that its receiver could do nothing with.
public enum QueueFailure: Sendable, Equatable {
    /// It comes back at this time, in epoch milliseconds.
    case willRetry(at: Int64)
    /// It is a dead letter.
    case dead
    /// Somebody else has it by now, or it is gone.
    case lost
}
