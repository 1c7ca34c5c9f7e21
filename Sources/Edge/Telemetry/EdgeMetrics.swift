public import Telemetry
import Tracing

/// What the edge counts, declared once.
public enum EdgeMetricTable {
    static let denials = MetricDeclaration(
        "weir_edge_denials_total", .counter, unit: "requests", help: "Requests refused by signed access, by code.",
        labels: ["code"])
    static let fills = MetricDeclaration(
        "weir_edge_fills", .gauge, unit: "fills", help: "Objects on their way from an origin.")
    static let fillsBegun = MetricDeclaration(
        "weir_edge_fills_total", .counter, unit: "fills",
        help: "Fills begun: objects and slices asked of an origin, each once for all clients that wait for it.")
    static let fillBytes = MetricDeclaration(
        "weir_edge_fill_bytes", .gauge, unit: "bytes",
        help: "Memory for bytes on their way from an origin that clients still read or the store does not have yet.")
    static let purges = MetricDeclaration(
        "weir_edge_purges_total", .counter, unit: "purges", help: "Purges in force since the start.")
    static let certificateNotAfter = MetricDeclaration(
        "weir_edge_certificate_not_after_seconds", .gauge, unit: "seconds",
        help: "When the first of the TLS listener's certificates expires, in seconds since 1970; 0 without TLS.")
    static let reloads = MetricDeclaration(
        "weir_edge_reloads_total", .counter, unit: "reloads", help: "Reloads asked for, by outcome.",
        labels: ["outcome"])
    static let upgrades = MetricDeclaration(
        "weir_edge_upgrades_total", .counter, unit: "upgrades",
        help: "Upgrades asked for, by outcome: done, failed or refused because one was under way.", labels: ["outcome"])

    /// Everything above, in the order it is shown.
    public static let all: [MetricDeclaration] =
        ofLoops + [
            denials, fills, fillsBegun, fillBytes, purges, certificateNotAfter, reloads,
            upgrades,
        ] + access + origins + prefetch + compression + control + limits + geo + [droppedLogLines]
        + StoreMetricTable.all + TraceMetricTable.all
}

/// The edge's counters of what does not happen at every request; that is in `LoopMetrics`.
final class EdgeMetrics: Sendable {
    let purges: Counter
    let fillsBegun: Counter
    let registry: MetricsRegistry

    init(_ registry: MetricsRegistry) {
        self.registry = registry
        registry.declare(EdgeMetricTable.all)
        purges = registry.counter(EdgeMetricTable.purges)
        fillsBegun = registry.counter(EdgeMetricTable.fillsBegun)
        exportRequests()
        exportAccess()
    }

    func denied(_ code: String) {
        registry.counter(EdgeMetricTable.denials, code).add()
    }

    func upgraded(_ outcome: String) {
        registry.counter(EdgeMetricTable.upgrades, outcome).add()
    }

    func reloaded(_ outcome: String) {
        registry.counter(EdgeMetricTable.reloads, outcome).add()
    }
}
