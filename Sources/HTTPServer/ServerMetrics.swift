internal import HTTP2
internal import HTTPWire
public import Telemetry

extension HTTPServer {
    /// What every listener counts, labelled with its name.
    public static let metricDeclarations: [MetricDeclaration] = [
        requests, refusals, tooSlow, duration, connections, opened, refusedConnections, handshakeFailures, received,
        sent, streams, resets, endings,
    ]

    static let requests = MetricDeclaration(
        "weir_http_server_requests_total", .counter, unit: "requests",
        help: "Requests that ended, by class of their status; aborted ones had no complete response.",
        labels: ["listener", "class"])
    static let refusals = MetricDeclaration(
        "weir_http_server_refused_total", .counter, unit: "requests",
        help: "Requests refused before any handler saw them: malformed, too large or too slow.",
        labels: ["listener"])
    static let tooSlow = MetricDeclaration(
        "weir_http_server_too_slow_total", .counter, unit: "connections",
        help:
            "Connections, or streams of HTTP/2, ended because the client sent a head or a body, or took a response, too slowly.",
        labels: ["listener"])
    static let duration = MetricDeclaration(
        "weir_http_server_request_seconds", .histogram(bounds: MetricDeclaration.latencyBounds), unit: "seconds",
        help: "Time from the complete request head until the last byte of the response was handed to the kernel.",
        labels: ["listener"])
    static let connections = MetricDeclaration(
        "weir_http_server_connections", .gauge, unit: "connections", help: "Connections open now.",
        labels: ["listener"])
    static let opened = MetricDeclaration(
        "weir_http_server_connections_total", .counter, unit: "connections", help: "Connections accepted.",
        labels: ["listener"])
    static let refusedConnections = MetricDeclaration(
        "weir_http_server_refused_connections_total", .counter, unit: "connections",
        help: "Connections reset because their address had as many as it may.", labels: ["listener"])
    static let handshakeFailures = MetricDeclaration(
        "weir_http_server_tls_failures_total", .counter, unit: "handshakes", help: "TLS handshakes that failed.",
        labels: ["listener"])
    static let received = MetricDeclaration(
        "weir_http_server_received_bytes_total", .counter, unit: "bytes",
        help: "Bytes read from clients, TLS overhead excluded.", labels: ["listener"])
    static let sent = MetricDeclaration(
        "weir_http_server_sent_bytes_total", .counter, unit: "bytes",
        help: "Bytes written to clients, TLS overhead excluded.", labels: ["listener"])
    static let streams = MetricDeclaration(
        "weir_http_server_h2_streams_total", .counter, unit: "streams", help: "Requests begun over HTTP/2.",
        labels: ["listener"])
    static let resets = MetricDeclaration(
        "weir_http_server_h2_resets_total", .counter, unit: "streams",
        help: "HTTP/2 streams reset, by error code and by whom (client or server).", labels: ["listener", "code", "by"])
    static let endings = MetricDeclaration(
        "weir_http_server_h2_goaways_total", .counter, unit: "connections",
        help: "HTTP/2 connections ended by the server, by error code.", labels: ["listener", "code"])
}

/// A listener's instruments, looked up once. A class, so that counting copies no reference but one.
final class ServerMetrics: Sendable {
    private let classes: [Counter]
    private let aborted: Counter
    private let refusals: Counter
    private let slowOnes: Counter
    private let refusedConnections: Counter
    private let duration: Histogram
    private let connections: Gauge
    private let openings: Counter
    private let handshakeFailures: Counter
    private let receivedBytes: Counter
    private let sentBytes: Counter
    private let streams: Counter
    private let registry: MetricsRegistry
    private let listener: String

    init(registry: MetricsRegistry, listener: String) {
        classes = ["1xx", "2xx", "3xx", "4xx", "5xx"].map { registry.counter(HTTPServer.requests, listener, $0) }
        aborted = registry.counter(HTTPServer.requests, listener, "aborted")
        refusals = registry.counter(HTTPServer.refusals, listener)
        slowOnes = registry.counter(HTTPServer.tooSlow, listener)
        refusedConnections = registry.counter(HTTPServer.refusedConnections, listener)
        duration = registry.histogram(HTTPServer.duration, listener)
        connections = registry.gauge(HTTPServer.connections, listener)
        openings = registry.counter(HTTPServer.opened, listener)
        handshakeFailures = registry.counter(HTTPServer.handshakeFailures, listener)
        receivedBytes = registry.counter(HTTPServer.received, listener)
        sentBytes = registry.counter(HTTPServer.sent, listener)
        streams = registry.counter(HTTPServer.streams, listener)
        self.registry = registry
        self.listener = listener
    }

    func opened() {
        openings.add()
        connections.add(1)
    }

    func closed() { connections.add(-1) }
    func handshakeFailed() { handshakeFailures.add() }
    func refused() { refusals.add() }
    func tooSlow() { slowOnes.add() }
    func connectionRefused() { refusedConnections.add() }
    func received(_ bytes: Int) { receivedBytes.add(bytes) }
    func sent(_ bytes: Int) { sentBytes.add(bytes) }
    func streamOpened() { streams.add() }

    func streamReset(_ code: HTTP2ErrorCode, byClient: Bool) {
        registry.counter(HTTPServer.resets, listener, code.label, byClient ? "client" : "server").add()
    }

    func connectionEnded(_ code: HTTP2ErrorCode) {
        registry.counter(HTTPServer.endings, listener, code.label).add()
    }

    func exchangeEnded(_ outcome: ExchangeOutcome) {
        let position = outcome.status / 100 - 1
        if outcome.isComplete, classes.indices.contains(position) { classes[position].add() } else { aborted.add() }
        duration.observe(nanoseconds: outcome.nanoseconds)
    }
}
