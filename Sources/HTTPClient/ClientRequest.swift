public import HTTPWire

/// A request to send. `Host`, `Content-Length`, `Transfer-Encoding`, `TE` and `Connection` are the client's; a `Host` among the
/// headers replaces the endpoint's name.
public struct ClientRequest: Sendable {
    /// Writes a request body; returning ends it, throwing abandons the request.
    public typealias BodyProducer = @Sendable (ClientBodyWriter) async throws -> Void

    /// The body of a request.
    public enum Body: Sendable {
        /// No bytes.
        case none
        /// Bytes in memory.
        case bytes([UInt8])
        /// Bytes given to `ClientExchange.writeBodyOnLoop`; chunked without a length.
        case stream(length: Int?)
        /// Bytes produced by a task as the server takes them; only for `HTTPClient.send`. Chunked without a length.
        case asyncStream(length: Int?, BodyProducer)
    }

    /// Where it goes.
    public var endpoint: Endpoint
    /// The method.
    public var method: HTTPMethod
    /// The request target in origin form, already encoded, for example `/media/a?b=c`.
    public var target: String
    /// Further header fields, in order.
    public var headers: Headers
    /// The body.
    public var body: Body
    /// Whether the server is told that trailers are welcome (`TE: trailers`, RFC 9110 §10.1.4). Default false.
    public var acceptsTrailers = false
    /// Time for a connection to be ready: waiting, DNS, TCP and TLS together. Default 5 s.
    public var connectTimeout = Duration.seconds(5)
    /// Time from the connection to the response head; restarted while a request body makes progress. Default 30 s.
    public var responseTimeout = Duration.seconds(30)
    /// Longest silence within a response body, or a request body the server does not take. Default 30 s.
    public var idleTimeout = Duration.seconds(30)

    /// Puts the parts together, with the default timeouts.
    public init(
        endpoint: Endpoint, method: HTTPMethod = .get, target: String, headers: Headers = Headers(), body: Body = .none
    ) {
        self.endpoint = endpoint
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
    }

    /// Whether it can be written without letting a stranger's bytes end a line.
    var isWellFormed: Bool {
        var writer = HeadWriter(capacity: 0)
        return writer.requestLine(method, target: target)
            && writer.field("Host", string: endpoint.authority) && !endpoint.host.isEmpty
    }

    /// Whether the client holds the whole body and can send it again.
    var isReplayable: Bool {
        switch body {
        case .none, .bytes: true
        case .stream, .asyncStream: false
        }
    }

    /// Whether the body comes from somebody who may be slow on purpose.
    var isUpload: Bool {
        if case .stream = body { return true }
        return false
    }

    /// Bytes of body; nil if unknown.
    var bodyLength: Int? {
        switch body {
        case .none: 0
        case .bytes(let bytes): bytes.count
        case .stream(let length), .asyncStream(let length, _): length
        }
    }
}
