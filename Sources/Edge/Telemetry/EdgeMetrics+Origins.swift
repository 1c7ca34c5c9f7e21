import EventLoop
import Telemetry

/// What is counted of origins and their servers, by the origin's id: there are as many as the operator wrote down.
extension EdgeMetricTable {
    static let originRequests = MetricDeclaration(
        "weir_edge_origin_requests_total", .counter, unit: "requests",
        help: "Requests to origins, by origin: fills and passes, each attempt of them.", labels: ["origin"])
    static let originResponses = MetricDeclaration(
        "weir_edge_origin_responses_total", .counter, unit: "responses",
        help: "Response heads that came from origins, by origin and class of their status.",
        labels: ["origin", "class"])
    static let originFailures = MetricDeclaration(
        "weir_edge_origin_failures_total", .counter, unit: "requests",
        help: "Origin requests without a complete response, by origin and kind of failure.", labels: ["origin", "kind"])
    static let originFirstByte = MetricDeclaration(
        "weir_edge_origin_first_byte_seconds", .histogram(bounds: MetricDeclaration.latencyBounds), unit: "seconds",
        help: "From the start of a request to an origin until its response head was here, by origin.",
        labels: ["origin"])
    static let originLastByte = MetricDeclaration(
        "weir_edge_origin_last_byte_seconds", .histogram(bounds: MetricDeclaration.latencyBounds), unit: "seconds",
        help: "From the start of a request to an origin until its whole response was here, by origin.",
        labels: ["origin"])
    static let originRetries = MetricDeclaration(
        "weir_edge_origin_retries_total", .counter, unit: "requests",
        help: "Requests sent to the same origin once more, by origin.", labels: ["origin"])
    static let originRetriesDenied = MetricDeclaration(
        "weir_edge_origin_retries_denied_total", .counter, unit: "requests",
        help: "Retries that the origin's retry budget did not allow, by origin.", labels: ["origin"])
    static let originFailovers = MetricDeclaration(
        "weir_edge_origin_failovers_total", .counter, unit: "requests",
        help: "Requests that went on to the next origin of their group, by the origin that failed.",
        labels: ["origin"])
    static let originEjections = MetricDeclaration(
        "weir_edge_origin_ejections_total", .counter, unit: "ejections",
        help: "Servers left alone for a while because they failed requests, by origin.", labels: ["origin"])
    static let originChecks = MetricDeclaration(
        "weir_edge_origin_checks_total", .counter, unit: "checks", help: "Health checks, by origin and outcome.",
        labels: ["origin", "outcome"])
    static let originServers = MetricDeclaration(
        "weir_edge_origin_servers", .gauge, unit: "servers", help: "Servers of an origin.", labels: ["origin"])
    static let originServersUsable = MetricDeclaration(
        "weir_edge_origin_servers_usable", .gauge, unit: "servers",
        help: "Servers of an origin that are neither ejected nor down. At 0 all of them are asked all the same.",
        labels: ["origin"])

    static let origins: [MetricDeclaration] = [
        originRequests, originResponses, originFailures, originFirstByte, originLastByte, originRetries,
        originRetriesDenied, originFailovers, originEjections, originChecks, originServers, originServersUsable,
    ]
}

extension EdgeMetrics {
    func originAsked(_ origin: String) {
        registry.counter(EdgeMetricTable.originRequests, origin).add()
    }

    func originAnswered(_ origin: String, status: Int, afterNanoseconds nanoseconds: UInt64) {
        registry.counter(EdgeMetricTable.originResponses, origin, "\(status / 100)xx").add()
        registry.histogram(EdgeMetricTable.originFirstByte, origin).observe(nanoseconds: nanoseconds)
    }

    func originFinished(_ origin: String, afterNanoseconds nanoseconds: UInt64) {
        registry.histogram(EdgeMetricTable.originLastByte, origin).observe(nanoseconds: nanoseconds)
    }

    func originFailed(_ origin: String, kind: String) {
        registry.counter(EdgeMetricTable.originFailures, origin, kind).add()
    }

    func retried(_ origin: String) {
        registry.counter(EdgeMetricTable.originRetries, origin).add()
    }

    func retryDenied(_ origin: String) {
        registry.counter(EdgeMetricTable.originRetriesDenied, origin).add()
    }

    func failedOver(_ origin: String) {
        registry.counter(EdgeMetricTable.originFailovers, origin).add()
    }

    func ejected(_ origin: String) {
        registry.counter(EdgeMetricTable.originEjections, origin).add()
    }

    func checked(_ origin: String, isFit: Bool) {
        registry.counter(EdgeMetricTable.originChecks, origin, isFit ? "passed" : "failed").add()
    }

    /// Lets each scrape count the servers of `origins` as they are then.
    func watch(_ origins: [OriginTarget]) {
        for origin in origins {
            registry.read(EdgeMetricTable.originServers, origin.id) { Double(origin.servers.count) }
            registry.read(EdgeMetricTable.originServersUsable, origin.id) {
                let now = MonotonicClock.nanoseconds()
                return Double(origin.servers.count { $0.health.isUsable(at: now) })
            }
        }
    }
}
