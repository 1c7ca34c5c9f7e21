public import Telemetry

/// What is exported of pings.
public enum ViewingMetricTable {
    static let pings = MetricDeclaration(
        "weir_origin_pings_total", .counter, unit: "pings",
        help: "Pings of players, by what became of them: taken, or refused because too much waited to be written.",
        labels: ["result"])
    static let writes = MetricDeclaration(
        "weir_origin_ping_writes_total", .counter, unit: "writes",
        help: "Transactions that wrote what pings said, by outcome: written, or failed and tried again.",
        labels: ["outcome"])
    static let waiting = MetricDeclaration(
        "weir_origin_ping_sessions_waiting", .gauge, unit: "sessions",
        help: "Sessions whose pings were not written after the last attempt.")

    /// All of them.
    public static let all = [pings, writes, waiting]
}

/// The figures of pings.
public final class ViewingMetrics: Sendable {
    let taken: Counter
    let refused: Counter
    let written: Counter
    let failed: Counter
    let waiting: Gauge

    /// Declares the figures in `registry`.
    public init(_ registry: MetricsRegistry) {
        registry.declare(ViewingMetricTable.all)
        taken = registry.counter(ViewingMetricTable.pings, "taken")
        refused = registry.counter(ViewingMetricTable.pings, "refused")
        written = registry.counter(ViewingMetricTable.writes, "written")
        failed = registry.counter(ViewingMetricTable.writes, "failed")
        waiting = registry.gauge(ViewingMetricTable.waiting)
    }
}
