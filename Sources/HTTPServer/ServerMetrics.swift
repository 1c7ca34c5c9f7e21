internal import HTTP2
internal import HTTPWire
public import Telemetry

extension HTTPServer {
    /// What every listener counts, labelled with its name.
    public static let metricDeclarations: [MetricDeclaration] = [
        requests, refusals, tooSlow, duration, connections, opened, refusedConnections, handshakes,
        handshakeFailures, received, sent, streams, resets, endings,
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
        "weir_http_server_connections", .gauge, unit: "connections",
        help: "Connections open now, by protocol: http/1.1, or h2 once that is agreed on.",
        labels: ["listener", "protocol"])
    static let opened = MetricDeclaration(
        "weir_http_server_connections_total", .counter, unit: "connections", help: "Connections accepted.",
        labels: ["listener"])
    static let refusedConnections = MetricDeclaration(
        "weir_http_server_refused_connections_total", .counter, unit: "connections",
        help: "Connections reset because their address had as many as it may.", labels: ["listener"])
    static let handshakes = MetricDeclaration(
        "weir_http_server_tls_handshakes_total", .counter, unit: "handshakes",
        help: "TLS handshakes completed: full, or resumed from an earlier session.", labels: ["listener", "kind"])
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

/// A listener's instruments on one loop, looked up once. A class, so that counting copies no reference but one.
final class ServerMetrics: Sendable {
    /// Of the five classes of status, and of requests without a complete response.
    private let classes: [CounterPart]
    private let refusals: Counter
    private let slowOnes: Counter
    private let refusedConnections: Counter
    private let duration: HistogramPart
    private let connections: Gauge
    private let connectionsOfHTTP2: Gauge
    private let openings: Counter
    private let fullHandshakes: Counter
    private let resumedHandshakes: Counter
    private let handshakeFailures: Counter
    private let receivedBytes: CounterPart
    private let sentBytes: CounterPart
    private let streams: CounterPart
    private let registry: MetricsRegistry
    private let listener: String

    init(registry: MetricsRegistry, listener: String) {
        let shard = registry.shard()
        classes = ["1xx", "2xx", "3xx", "4xx", "5xx", "aborted"].map {
            shard.counter(HTTPServer.requests, listener, $0)
        }
        refusals = registry.counter(HTTPServer.refusals, listener)
        slowOnes = registry.counter(HTTPServer.tooSlow, listener)
        refusedConnections = registry.counter(HTTPServer.refusedConnections, listener)
        duration = shard.histogram(HTTPServer.duration, listener)
        connections = registry.gauge(HTTPServer.connections, listener, "http/1.1")
        connectionsOfHTTP2 = registry.gauge(HTTPServer.connections, listener, "h2")
        openings = registry.counter(HTTPServer.opened, listener)
        fullHandshakes = registry.counter(HTTPServer.handshakes, listener, "full")
        resumedHandshakes = registry.counter(HTTPServer.handshakes, listener, "resumed")
        handshakeFailures = registry.counter(HTTPServer.handshakeFailures, listener)
        receivedBytes = shard.counter(HTTPServer.received, listener)
        sentBytes = shard.counter(HTTPServer.sent, listener)
        streams = shard.counter(HTTPServer.streams, listener)
        self.registry = registry
        self.listener = listener
    }

    func opened() {
        openings.add()
        connections.add(1)
    }

    func becameHTTP2() {
        connections.add(-1)
        connectionsOfHTTP2.add(1)
    }

    func closed(isHTTP2: Bool) { (isHTTP2 ? connectionsOfHTTP2 : connections).add(-1) }
    func shookHands(isResumed: Bool) { (isResumed ? resumedHandshakes : fullHandshakes).add() }
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
        classes[outcome.isComplete && 0..<5 ~= position ? position : 5].add()
        duration.observe(nanoseconds: outcome.nanoseconds)
    }
}
