/// Decides what an HTTP/1 connection may do next (RFC 9112 §9): one method per event, each answering with what the
/// connection must perform. It holds no socket, buffer or clock, so its rules are tested as plain values.
///
///     idle ─head→ exchange ─response and request complete→ idle
///                    │ response complete, request body unread→ discarding ─body ended→ idle
///                    │                                             └─ too much ─→ lingering → closed
///                    └─ response ended short, or the peer is gone ───────────────→ closed
struct HTTP1ServerMachine {
    /// Where the connection stands.
    enum Phase: Equatable {
        /// Waiting for the first byte, or the rest, of a request head.
        case idle
        /// A request is with its handler.
        case exchange
        /// The response is out; the rest of the request body is being thrown away so that the connection can be reused.
        case discarding
        /// Our side is shut; what still arrives is thrown away so that the peer gets to read our last response.
        case lingering
        /// Nothing more will be read or written.
        case closed
    }

    /// What the head of a request says about its connection and its body.
    struct RequestShape: Equatable {
        /// Bytes of body announced; nil for a chunked body; 0 for none.
        var bodyLength: Int?
        /// Whether the client allows another request on the connection.
        var keepAlive = true
        /// Whether the client waits for `100 Continue` before it sends the body (RFC 9110 §10.1.1).
        var expectContinue = false
        /// Whether the response must not carry a body.
        var isHead = false
        /// Whether the client speaks HTTP/1.0 and therefore knows no chunked coding.
        var isHTTP10 = false
    }

    /// How a response's body is delimited on the wire (RFC 9112 §6.3).
    enum Framing: Equatable {
        /// No body and no length: 1xx, 204, 304.
        case none
        /// `Content-Length`.
        case length(Int)
        /// `Transfer-Encoding: chunked`.
        case chunked
        /// Until the connection ends, for HTTP/1.0 clients.
        case untilClose
    }

    /// What to write for a response that starts.
    struct ResponseStart: Equatable {
        /// The delimiter to announce.
        var framing: Framing
        /// Whether body bytes follow the head (never for HEAD, 204 and 304).
        var sendsBody: Bool
        /// Whether `Connection: close` must be announced.
        var closes: Bool
    }

    /// What to do when a handler asks for the request body.
    enum BodyWanted: Equatable {
        /// Write `100 Continue`, then read.
        case sendContinueThenRead
        /// Read.
        case read
        /// There is no body, or it is complete.
        case ended
        /// The exchange is over.
        case refused
    }

    /// What to do when a response is complete.
    enum ResponseEnd: Equatable {
        /// Wait for, or parse, the next request.
        case nextRequest
        /// Throw the rest of the request body away, at most the configured amount, then go on.
        case discard
        /// Flush, shut our side, and read until the peer closes.
        case linger
        /// Flush and close.
        case close
        /// Close at once: the body ended short of its announced length.
        case abort
    }

    private enum Body: Equatable {
        case ended
        case unread(expectsContinue: Bool)
        case reading
    }

    private enum ResponseState: Equatable {
        case notStarted
        case streaming(Framing, remaining: Int?)
        case ended
    }

    /// Where the connection stands.
    private(set) var phase = Phase.idle
    private var body = Body.ended
    private var response = ResponseState.ended
    private var request = RequestShape()
    private var keepAlive = true
    private var draining = false
    /// The next response that begins is the last one.
    private var retiring = false
    /// Requests begun on this connection.
    private(set) var requests = 0
    /// Most bytes of an unread body worth reading to keep the connection.
    let discardLimit: Int

    /// Makes the machine of a connection just accepted; `discardLimit` in bytes.
    init(discardLimit: Int) {
        self.discardLimit = discardLimit
    }

    /// Whether the current response has begun.
    var responseStarted: Bool { response != .notStarted }

    /// Whether the body of the current request has been received completely.
    var bodyEnded: Bool { body == .ended }

    /// A complete, valid request head arrived.
    mutating func headReceived(_ shape: RequestShape) {
        precondition(phase == .idle, "a head while a request is in progress")
        phase = .exchange
        request = shape
        requests += 1
        keepAlive = shape.keepAlive && !draining && !retiring
        body = shape.bodyLength == 0 ? .ended : .unread(expectsContinue: shape.expectContinue)
        response = .notStarted
    }

    /// The handler wants the request body; `alreadyArriving` when bytes of it are here, so that `100` is not needed.
    mutating func bodyWanted(alreadyArriving: Bool) -> BodyWanted {
        guard phase == .exchange else { return .refused }
        switch body {
        case .ended: return .ended
        case .reading: return .read
        case .unread(let expectsContinue):
            body = .reading
            return expectsContinue && !alreadyArriving && response == .notStarted ? .sendContinueThenRead : .read
        }
    }

    /// The last byte of the request body arrived. True when that ends a discard, so the next request may be read.
    mutating func bodyCompleted() -> Bool {
        body = .ended
        guard phase == .discarding else { return false }
        phase = .idle
        return true
    }

    /// The request body will never be complete: malformed, or too slow. The connection ends with this exchange.
    mutating func bodyFailed() {
        keepAlive = false
    }

    /// The handler starts its response; `length` nil when it does not know it.
    mutating func responseBegins(status: Int, length: Int?) -> ResponseStart {
        precondition(phase == .exchange && response == .notStarted, "a second response to one request")
        if draining || retiring || !isWorthReading { keepAlive = false }
        let framing: Framing
        if status < 200 || status == 204 || status == 304 {
            framing = .none
        } else if let length {
            framing = .length(length)
        } else if request.isHTTP10 {
            framing = .untilClose
            keepAlive = false
        } else {
            framing = .chunked
        }
        if status == 101 { keepAlive = false }
        let sendsBody = framing != .none && !request.isHead
        var remaining: Int?
        if !sendsBody { remaining = 0 } else if case .length(let count) = framing { remaining = count }
        response = .streaming(framing, remaining: remaining)
        return ResponseStart(framing: framing, sendsBody: sendsBody, closes: !keepAlive)
    }

    /// How many of `offered` body bytes may go out: fewer than offered when the announced length would be exceeded.
    mutating func bodyBytesAllowed(_ offered: Int) -> Int {
        guard case .streaming(_, let remaining) = response else { return 0 }
        return min(offered, remaining ?? offered)
    }

    /// Whether every byte of an announced length has been written.
    var isAnnouncedLengthWritten: Bool {
        if case .streaming(_, 0?) = response { return true }
        return false
    }

    /// `count` body bytes were handed to the kernel.
    mutating func bodyBytesWritten(_ count: Int) {
        guard case .streaming(let framing, let remaining?) = response else { return }
        response = .streaming(framing, remaining: remaining - count)
    }

    /// The handler has produced its whole response.
    mutating func responseEnds() -> ResponseEnd {
        guard phase == .exchange, case .streaming(let framing, let remaining) = response else { return .abort }
        response = .ended
        if let remaining, remaining > 0 {
            phase = .closed
            return .abort
        }
        if framing == .untilClose {
            phase = .closed
            return .close
        }
        if body != .ended {
            guard keepAlive, !draining else {
                phase = .lingering
                return .linger
            }
            phase = .discarding
            return .discard
        }
        guard keepAlive, !draining else {
            phase = .closed
            return .close
        }
        phase = .idle
        return .nextRequest
    }

    /// More than the discard limit arrived after a response.
    mutating func discardedTooMuch() {
        phase = .lingering
    }

    /// The request was malformed: an error response goes out, then the connection lingers.
    mutating func requestRefused() {
        precondition(phase == .idle, "only a head can be refused")
        phase = .lingering
    }

    /// The next response that begins says that it is the last one; the connection stays open for it.
    mutating func retire() {
        retiring = true
    }

    /// The server is shutting down gently. True when the connection has nothing in progress and should close now.
    mutating func drain() -> Bool {
        draining = true
        return phase == .idle
    }

    /// The connection is gone.
    mutating func closed() {
        phase = .closed
        response = .ended
        body = .ended
    }

    /// Whether an unread body is small enough, and certain enough to arrive, to be read for the sake of the connection.
    /// A client that still waits for `100 Continue` may or may not send its body: only closing is unambiguous.
    private var isWorthReading: Bool {
        guard case .unread(let expectsContinue) = body else { return true }
        if expectsContinue { return false }
        return request.bodyLength.map { $0 <= discardLimit } ?? true
    }
}
