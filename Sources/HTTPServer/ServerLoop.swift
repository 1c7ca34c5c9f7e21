internal import Bytes
internal import EventLoop
internal import HTTP2
internal import HTTPWire
internal import TLS
internal import Telemetry

/// A server's part on one loop: its listening sockets, its connections, and what they share. Loop-confined.
final class ServerLoop {
    /// The configuration's timeouts in nanoseconds.
    struct Timeouts {
        var handshake: UInt64
        var head: UInt64
        var idle: UInt64
        var body: UInt64
        var write: UInt64
        var linger: UInt64
        var settings: UInt64

        init(_ configuration: HTTPServerConfiguration) {
            handshake = configuration.handshakeTimeout.nanosecondsClamped
            head = configuration.headTimeout.nanosecondsClamped
            idle = configuration.idleTimeout.nanosecondsClamped
            body = configuration.bodyTimeout.nanosecondsClamped
            write = configuration.writeTimeout.nanosecondsClamped
            linger = configuration.lingerTimeout.nanosecondsClamped
            settings = configuration.settingsTimeout.nanosecondsClamped
        }

        /// How often deadlines are looked at: late by at most a quarter, and never more than a second.
        var sweepInterval: Duration {
            let shortest = min(handshake, head, idle, body, write, linger, settings)
            return .nanoseconds(Int64(min(max(shortest / 4, 5_000_000), 1_000_000_000)))
        }
    }

    let loop: EventLoop
    let configuration: HTTPServerConfiguration
    /// A drain shortens the one of idle connections.
    var timeouts: Timeouts
    let headLimits: HeadLimits
    let http2Limits: HTTP2Limits
    let bodyPace: TransferPace
    let writePace: TransferPace
    private(set) lazy var handler: any ExchangeHandler = makeHandler(loop)
    let metrics: ServerMetrics
    /// Where bodies are read to; shared by the loop's connections because it is used only within one call.
    let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)

    /// HTTP/2 streams that serve no request now, with their buffers; shared by the loop's connections.
    private(set) var spareStreams: [HTTP2Exchange] = []
    private static let spareStreamLimit = 64
    /// Lent to the HTTP/1 connection that reads.
    var spareInput = GrowableBuffer(capacity: 16_384)
    /// Lent to the connection that writes.
    var spareOutput = GrowableBuffer(capacity: 4_096)

    /// What new connections take; nil without TLS, then for good.
    var tls: TLSServerContext?
    /// Lent to whichever connection writes.
    let tlsOutput = TLSOutput()
    let requestIDs = RequestIDSource()
    let connectionLimit: Int
    let peers: PeerConnections?
    /// Connections in their TLS handshake, oldest first.
    private var handshakes: [HTTP1Connection] = []
    var listeners: [Listener] = []
    var connections: [any ServerConnection] = []
    var isSweeping = false
    var isDraining = false
    /// Whether a listener waits for room.
    var isAcceptingPaused = false
    var drained: [() -> Void] = []
    private let makeHandler: @Sendable (EventLoop) -> any ExchangeHandler
    private var date = GrowableBuffer()
    private var dateSeconds: Int64 = -1

    init(
        loop: EventLoop, configuration: HTTPServerConfiguration, connectionLimit: Int, peers: PeerConnections?,
        tls: TLSServerContext?, metrics: ServerMetrics,
        makeHandler: @escaping @Sendable (EventLoop) -> any ExchangeHandler
    ) {
        self.loop = loop
        self.configuration = configuration
        self.connectionLimit = connectionLimit
        self.peers = peers
        self.tls = tls
        self.makeHandler = makeHandler
        self.metrics = metrics
        timeouts = Timeouts(configuration)
        bodyPace = TransferPace(span: timeouts.body, bytesPerSecond: configuration.minBodyRate)
        writePace = TransferPace(span: timeouts.write, bytesPerSecond: configuration.minWriteRate)
        headLimits = HeadLimits(
            maximumTargetBytes: configuration.maxTargetBytes, maximumHeadBytes: configuration.maxHeadBytes,
            maximumFields: configuration.maxFields)
        var http2 = configuration.http2
        http2.headBytes = configuration.maxHeadBytes
        http2.fields = configuration.maxFields
        http2Limits = http2
    }

    deinit {
        scratch.deallocate()
    }

    /// A stream for a request that begins.
    func takeStreamOnLoop() -> HTTP2Exchange {
        spareStreams.popLast() ?? HTTP2Exchange(loop: loop, requestIDs: requestIDs)
    }

    /// Takes a stream back.
    func keepOnLoop(_ stream: HTTP2Exchange) {
        if spareStreams.count < Self.spareStreamLimit { spareStreams.append(stream) }
    }

    /// A handshake begins; beyond the limit it takes the place of the oldest, which has had the longest time to finish.
    func handshakeBeginsOnLoop(_ connection: HTTP1Connection) {
        let limit = max(1, configuration.maxHandshakes * connectionLimit / max(1, configuration.maxConnections))
        if handshakes.count >= limit { handshakes.first?.handshakeFailedOnLoop() }
        handshakes.append(connection)
    }

    /// It is complete, or its connection is gone.
    func handshakeEndsOnLoop(_ connection: HTTP1Connection) {
        guard let index = handshakes.firstIndex(where: { $0 === connection }) else { return }
        handshakes.remove(at: index)
    }

    /// Appends the `Date` field, formatted once a second.
    func appendDate(to output: inout GrowableBuffer) {
        if loop.epochSeconds != dateSeconds {
            dateSeconds = loop.epochSeconds
            date.removeAll()
            date.append("Date: ")
            HTTPDate.write(dateSeconds, into: &date)
            date.append("\r\n")
        }
        output.append(date.readable)
    }
}
