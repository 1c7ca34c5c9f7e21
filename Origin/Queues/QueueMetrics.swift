public import Catalog
public import Telemetry

/// What is exported of the queues.
public enum QueueMetricTable {
    static let messages = MetricDeclaration(
        "weir_origin_queue_messages", .gauge, unit: "messages",
        help: """
            Messages by queue and state: waiting (to be received), hidden (with a receiver, or until the next attempt), dead \
            (given up; see docs/queues.md).
            """, labels: ["queue", "state"])
    static let oldest = MetricDeclaration(
        "weir_origin_queue_oldest_seconds", .gauge, unit: "seconds",
        help: "Age of the oldest message of a queue that is not dead; 0 without one.", labels: ["queue"])

    /// All of them.
    public static let all = [messages, oldest]
}

/// Keeps the figures of all queues current.
public struct QueueGauges: Sendable {
    private static let rest = Duration.seconds(2)

    private struct Gauges {
        let waiting: Gauge
        let hidden: Gauge
        let dead: Gauge
        let oldest: Gauge
    }

    private let catalog: any CatalogStore
    private let now: @Sendable () -> Int64
    private let log: @Sendable (any Error) -> Void
    private let gauges: [QueueName: Gauges]

    /// Declares the figures in `registry`; `now` gives epoch milliseconds, `log` hears of a catalog that does not answer.
    public init(
        _ registry: MetricsRegistry, catalog: any CatalogStore, now: @escaping @Sendable () -> Int64,
        log: @escaping @Sendable (any Error) -> Void = { _ in }
    ) {
        registry.declare(QueueMetricTable.all)
        self.catalog = catalog
        self.now = now
        self.log = log
        gauges = Dictionary(
            uniqueKeysWithValues: QueueName.allCases.map { name in
                func gauge(_ state: String) -> Gauge { registry.gauge(QueueMetricTable.messages, name.rawValue, state) }
                return (
                    name,
                    Gauges(
                        waiting: gauge("waiting"), hidden: gauge("hidden"), dead: gauge("dead"),
                        oldest: registry.gauge(QueueMetricTable.oldest, name.rawValue))
                )
            })
    }

    /// Looks every two seconds, until the task is cancelled.
    public func run() async {
        while !Task.isCancelled {
            do {
                try await measure()
            } catch is CancellationError {
                return
            } catch {
                log(error)
            }
            try? await Task.sleep(for: Self.rest)
        }
    }

    /// Brings the figures up to date.
    public func measure() async throws {
        let now = now()
        for (name, gauges) in gauges {
            let depth = try await catalog.read { try $0.depth(of: name, now: now) }
            gauges.waiting.set(Int64(depth.waiting))
            gauges.hidden.set(Int64(depth.hidden))
            gauges.dead.set(Int64(depth.dead))
            gauges.oldest.set(depth.oldestSentAt.map { max(0, now - $0) / 1_000 } ?? 0)
        }
    }
}
