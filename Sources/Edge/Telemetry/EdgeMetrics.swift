public import Telemetry

/// What the edge counts, declared once.
public enum EdgeMetricTable {
    static let requests = MetricDeclaration(
        "weir_edge_requests_total", .counter, unit: "requests", help: "Responses finished, by what the cache did.",
        labels: ["result"])
    static let responseBytes = MetricDeclaration(
        "weir_edge_response_bytes_total", .counter, unit: "bytes", help: "Body bytes sent to clients.",
        labels: ["result"])
    static let duration = MetricDeclaration(
        "weir_edge_request_duration_seconds", .histogram(bounds: MetricDeclaration.latencyBounds), unit: "seconds",
        help: "From the complete request head to the last byte handed to the kernel, by what the cache did.",
        labels: ["result"])
    static let denials = MetricDeclaration(
        "weir_edge_denials_total", .counter, unit: "requests", help: "Requests refused by signed access, by code.",
        labels: ["code"])
    static let originRequests = MetricDeclaration(
        "weir_edge_origin_requests_total", .counter, unit: "requests", help: "Requests to origins: fills and passes.")
    static let originFailures = MetricDeclaration(
        "weir_edge_origin_failures_total", .counter, unit: "requests",
        help: "Origin requests without a complete response.")
    static let fills = MetricDeclaration(
        "weir_edge_fills", .gauge, unit: "fills", help: "Objects on their way from an origin.")
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
        [
            requests, responseBytes, duration, denials, originRequests, originFailures, fills, fillBytes, purges,
            certificateNotAfter,
            reloads, upgrades,
        ] + origins + prefetch + compression + control + StoreMetricTable.all
}

/// The edge's counters, looked up once so that counting on the hit path is an atomic addition.
final class EdgeMetrics: Sendable {
    let originRequests: Counter
    let originFailures: Counter
    let purges: Counter
    let registry: MetricsRegistry
    private let results: [PerResult]

    private struct PerResult: Sendable {
        let requests: Counter
        let bytes: Counter
        let duration: Histogram
    }

    init(_ registry: MetricsRegistry) {
        self.registry = registry
        registry.declare(EdgeMetricTable.all)
        originRequests = registry.counter(EdgeMetricTable.originRequests)
        originFailures = registry.counter(EdgeMetricTable.originFailures)
        purges = registry.counter(EdgeMetricTable.purges)
        results = CacheResult.allCases.map { result in
            let label = "\(result.label)"
            return PerResult(
                requests: registry.counter(EdgeMetricTable.requests, label),
                bytes: registry.counter(EdgeMetricTable.responseBytes, label),
                duration: registry.histogram(EdgeMetricTable.duration, label))
        }
    }

    func finished(_ result: CacheResult, bytes: Int, nanoseconds: UInt64) {
        let counters = results[Int(result.rawValue)]
        counters.requests.add()
        counters.bytes.add(bytes)
        counters.duration.observe(nanoseconds: nanoseconds)
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
