public import Outbound
internal import Queues

/// How messages are delivered.
public struct WebhookOptions: Sendable {
    /// Where to.
    public var rule: OutboundRule
    /// How many messages are under way at a time (default 16).
    public var concurrency: Int
    /// How long a receiver may take, from the connection to the end of its answer (default 10 s).
    public var timeout: Duration
    /// The usual wait after the first failure, in seconds (default 5); each further one is four times as long.
    public var firstRetrySeconds: Int
    /// How long deliveries that are over are kept, in milliseconds (default 30 days).
    public var keptMilliseconds: Int64

    /// Options with the given values.
    public init(
        rule: OutboundRule = OutboundRule(), concurrency: Int = 16, timeout: Duration = .seconds(10),
        firstRetrySeconds: Int = 5, keptMilliseconds: Int64 = 30 * 86_400_000
    ) {
        self.rule = rule
        self.concurrency = concurrency
        self.timeout = timeout
        self.firstRetrySeconds = firstRetrySeconds
        self.keptMilliseconds = keptMilliseconds
    }

    /// Eleven attempts, at most a day apart: with 5 s at first over 78 hours. A receiver that dies with a message loses it to the
    /// next attempt when it has had twice the time.
    var queuePolicy: QueuePolicy {
        QueuePolicy(
            visibilityMilliseconds: max(30_000, 2 * Int64(timeout.components.seconds) * 1_000), maximumReceives: 11,
            firstRetryMilliseconds: Int64(firstRetrySeconds) * 1_000, longestRetryMilliseconds: 86_400_000)
    }
}
