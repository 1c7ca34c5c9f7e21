import HTTPServer
import HTTPWire
import Telemetry

/// What supervisors and operators ask.
enum Health {
    /// `GET /healthz` and `/readyz`: the listeners are bound last, so whoever is answered is answered by a whole origin.
    static func addRoutes(to router: inout Router) {
        for path in ["/healthz", "/readyz"] {
            router.add(.get, path) { _ in .text(.ok, "ok\n") }
        }
    }

    /// `GET /metrics` in Prometheus text format; for the operator's listener only.
    static func addMetrics(_ metrics: MetricsRegistry, to router: inout Router) {
        router.add(.get, "/metrics") { _ in
            Response(status: .ok, contentType: "text/plain; version=0.0.4", bytes: metrics.renderPrometheus())
        }
    }
}
