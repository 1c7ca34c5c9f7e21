internal import HTTPWire
public import Telemetry

/// What supervisors and operators ask of every process.
public enum OperatorRoutes {
    /// `GET /healthz` and `/readyz`, for processes whose listeners are bound last: whoever is answered is answered by a whole
    /// process.
    public static func addHealth(to router: inout Router) {
        for path in ["/healthz", "/readyz"] {
            router.add(.get, path) { _ in .text(.ok, "ok\n") }
        }
    }

    /// `GET /metrics`, for whoever reaches the listener: operators only.
    public static func addMetrics(_ metrics: MetricsRegistry, to router: inout Router) {
        router.add(.get, "/metrics") { _ in .metrics(metrics) }
    }
}

extension Response {
    /// All metrics in Prometheus' text format.
    public static func metrics(_ metrics: MetricsRegistry) -> Response {
        Response(
            status: .ok, contentType: "text/plain; version=0.0.4; charset=utf-8", bytes: metrics.renderPrometheus())
    }
}
