public import Outbound
internal import Queues

/// How files are fetched.
public struct ImportOptions: Sendable {
    /// Where from.
    public var rule: OutboundRule
    /// The largest file in bytes (default 5 GiB, as for an upload).
    public var maximumBytes: Int64
    /// How many are fetched at a time (default 4).
    public var concurrency: Int
    /// How many of one account (default 2).
    public var perAccount: Int
    /// How many an account may have waiting and under way (default 100).
    public var openPerAccount: Int
    /// The longest silence of a server (default 30 s).
    public var stallTimeout: Duration
    /// How long an attempt may take (default 6 h).
    public var totalTimeout: Duration
    /// How often one is tried (default 6).
    public var attempts: Int
    /// The usual wait after the first failure, in seconds (default 5); each further one is four times as long, up to five minutes.
    public var firstRetrySeconds: Int

    /// Options with the given values.
    public init(
        rule: OutboundRule = OutboundRule(), maximumBytes: Int64 = 5 << 30, concurrency: Int = 4, perAccount: Int = 2,
        openPerAccount: Int = 100, stallTimeout: Duration = .seconds(30), totalTimeout: Duration = .seconds(21_600),
        attempts: Int = 6, firstRetrySeconds: Int = 5
    ) {
        self.rule = rule
        self.maximumBytes = maximumBytes
        self.concurrency = concurrency
        self.perAccount = perAccount
        self.openPerAccount = openPerAccount
        self.stallTimeout = stallTimeout
        self.totalTimeout = totalTimeout
        self.attempts = attempts
        self.firstRetrySeconds = firstRetrySeconds
    }

    /// A message is held for as long as its file is fetched, ten seconds at a time, so another origin has it soon after this one
    /// died. Attempts are counted by the import; the queue ends what takes the origin's life each time.
    var queuePolicy: QueuePolicy {
        QueuePolicy(
            visibilityMilliseconds: 10_000, maximumReceives: 4 * attempts,
            firstRetryMilliseconds: Int64(firstRetrySeconds) * 1_000, longestRetryMilliseconds: 300_000)
    }
}
