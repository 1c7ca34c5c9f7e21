public import Telemetry

extension HTTPClient {
    /// What every client counts.
    public static let metricDeclarations: [MetricDeclaration] = [
        requests, failures, connects, handshakes, reuses, retries, received, sent,
    ]

    static let requests = MetricDeclaration(
        "weir_http_client_requests_total", .counter, unit: "requests", help: "Requests started.")
    static let failures = MetricDeclaration(
        "weir_http_client_failures_total", .counter, unit: "requests",
        help: "Requests that failed, by kind of failure.",
        labels: ["kind"])
    static let connects = MetricDeclaration(
        "weir_http_client_connections_total", .counter, unit: "connections",
        help: "Connections made, TLS handshake included.")
    static let handshakes = MetricDeclaration(
        "weir_http_client_tls_handshakes_total", .counter, unit: "handshakes",
        help: "TLS handshakes completed: full with the server's certificate, or resumed from an earlier session.",
        labels: ["kind"])
    static let reuses = MetricDeclaration(
        "weir_http_client_reused_total", .counter, unit: "requests", help: "Requests sent on a kept connection.")
    static let retries = MetricDeclaration(
        "weir_http_client_retries_total", .counter, unit: "requests",
        help: "Requests sent again because a kept connection had died.")
    static let received = MetricDeclaration(
        "weir_http_client_received_bytes_total", .counter, unit: "bytes", help: "Bytes read, TLS overhead excluded.")
    static let sent = MetricDeclaration(
        "weir_http_client_sent_bytes_total", .counter, unit: "bytes", help: "Bytes written, TLS overhead excluded.")
}

/// A client's instruments, looked up once.
struct ClientMetrics: Sendable {
    private let registry: MetricsRegistry
    private let requests: Counter
    private let connects: Counter
    private let fullHandshakes: Counter
    private let resumedHandshakes: Counter
    private let reuses: Counter
    private let retries: Counter
    private let receivedBytes: Counter
    private let sentBytes: Counter

    init(registry: MetricsRegistry) {
        self.registry = registry
        requests = registry.counter(HTTPClient.requests)
        connects = registry.counter(HTTPClient.connects)
        fullHandshakes = registry.counter(HTTPClient.handshakes, "full")
        resumedHandshakes = registry.counter(HTTPClient.handshakes, "resumed")
        reuses = registry.counter(HTTPClient.reuses)
        retries = registry.counter(HTTPClient.retries)
        receivedBytes = registry.counter(HTTPClient.received)
        sentBytes = registry.counter(HTTPClient.sent)
    }

    func started() { requests.add() }
    func connected() { connects.add() }
    func shookHands(resumed: Bool) { (resumed ? resumedHandshakes : fullHandshakes).add() }
    func reused() { reuses.add() }
    func retried() { retries.add() }
    func received(_ bytes: Int) { receivedBytes.add(bytes) }
    func sent(_ bytes: Int) { sentBytes.add(bytes) }
    func failed(_ error: ClientError) { registry.counter(HTTPClient.failures, error.kind.description).add() }
}
