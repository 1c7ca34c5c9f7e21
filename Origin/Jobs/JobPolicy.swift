/// How patient the queue is, and how it shares workers out.
public struct JobPolicy: Sendable, Equatable {
    /// How long a worker has a unit without a heartbeat (default 30 s).
    public var leaseSeconds: Int
    /// Leases a unit may use up before it is dead (default 3).
    public var maximumAttempts: Int
    /// The wait before the second attempt; each further one waits four times as long (default 5 s).
    public var firstRetrySeconds: Int
    /// The longest wait between attempts (default 300 s).
    public var maximumRetrySeconds: Int
    /// How long a unit that no worker has the memory for waits before one that does nothing else is given it (default 60 s).
    public var oversizePatienceSeconds: Int
    /// After so many seconds work that was done for an owner counts half (default 300 s).
    public var servedHalfLifeSeconds: Int
    /// Leases in a row that go to what a video needs to begin while other work waits (default 3).
    public var openingsInARow: Int

    /// A policy with the given values.
    public init(
        leaseSeconds: Int = 30, maximumAttempts: Int = 3, firstRetrySeconds: Int = 5, maximumRetrySeconds: Int = 300,
        oversizePatienceSeconds: Int = 60, servedHalfLifeSeconds: Int = 300, openingsInARow: Int = 3
    ) {
        self.leaseSeconds = leaseSeconds
        self.maximumAttempts = maximumAttempts
        self.firstRetrySeconds = firstRetrySeconds
        self.maximumRetrySeconds = maximumRetrySeconds
        self.oversizePatienceSeconds = oversizePatienceSeconds
        self.servedHalfLifeSeconds = servedHalfLifeSeconds
        self.openingsInARow = openingsInARow
    }

    /// Milliseconds between the end of attempt number `attempts` (from 1) and the next.
    func retryDelay(after attempts: Int) -> Int64 {
        var seconds = firstRetrySeconds
        for _ in 1..<max(attempts, 1) where seconds < maximumRetrySeconds { seconds *= 4 }
        return Int64(min(seconds, maximumRetrySeconds)) * 1_000
    }
}
