public import HTTP2

/// Limits and timeouts of one listener. Every timeout is a promise to the other clients that a slow or silent one cannot
/// hold a connection for ever.
public struct HTTPServerConfiguration: Sendable {
    /// Name of the listener in logs and in the `listener` label of its metrics.
    public var name = "http"
    /// Most bytes of a request head, request line included; beyond it 431. Default 20,480.
    public var maxHeadBytes = 20_480
    /// Most bytes of a request target; beyond it 414. Default 8,192.
    public var maxTargetBytes = 8_192
    /// Most header fields of a request; beyond it 431. Default 256.
    public var maxFields = 256
    /// From accept to the end of the TLS handshake. Default 10 s.
    public var handshakeTimeout = Duration.seconds(10)
    /// Most TLS handshakes at a time, all loops together; beyond it the oldest gives way, which is a stalled one before it is
    /// an honest one. Default 1,000.
    public var maxHandshakes = 1_000
    /// From the first byte of a request (or from accept) to the end of its head. Default 10 s.
    public var headTimeout = Duration.seconds(10)
    /// How long a kept connection may wait for its next request. Default 60 s.
    public var idleTimeout = Duration.seconds(60)
    /// The span in which an awaited request body must bring `minBodyRate`. Default 30 s.
    public var bodyTimeout = Duration.seconds(30)
    /// Least bytes per second of a request body, on average over `bodyTimeout`; 0 asks for one byte in that time.
    /// Default 0.
    public var minBodyRate = 0
    /// The span in which a client must take `minWriteRate` of a response that is ready for it. Default 60 s.
    public var writeTimeout = Duration.seconds(60)
    /// Least bytes per second a client must acknowledge, on average over `writeTimeout`; 0 asks for one byte in that time.
    /// Default 0.
    public var minWriteRate = 0
    /// Most bytes of a request body; beyond it 413. Default nil: no limit.
    public var maxBodyBytes: Int?
    /// How long a connection is read after its last response so that the client can see it. Default 5 s.
    public var lingerTimeout = Duration.seconds(5)
    /// Most connections of the listener, all loops together; at the limit idle ones are closed to make room, else new
    /// ones wait in the kernel's queue. Default 10,000.
    public var maxConnections = 10_000
    /// Most connections of one client address, IPv6 addresses by their first 64 bits; further ones are reset. Default nil:
    /// no limit, as proxies and shared addresses need it.
    public var maxConnectionsPerPeer: Int?
    /// Length of the kernel's queue of connections not yet accepted. Default 1,024.
    public var backlog: Int32 = 1_024
    /// Most bytes that wait in the kernel for a client's window, about; what a slow reader holds beside what is on its way.
    /// Default 512 KiB.
    public var maxUnsentBytes: Int32 = 524_288
    /// Most bytes of an unread request body that are thrown away to keep its connection; beyond it the connection
    /// closes. Default 65,536.
    public var discardLimit = 65_536
    /// Most bytes read while lingering, so that a flood ends. Default 16 MiB.
    public var lingerLimit = 16 << 20
    /// From the start of an HTTP/2 connection to the client's acknowledgement of our SETTINGS (RFC 9113 §6.5.3). Default 10 s.
    public var settingsTimeout = Duration.seconds(10)
    /// Whether `Exchange.notes` is kept, for access logs. Default false.
    public var notesResponses = false
    /// Budgets of HTTP/2; the limits on heads are those above for both versions.
    public var http2 = HTTP2Limits()

    /// The defaults.
    public init() {}
}
