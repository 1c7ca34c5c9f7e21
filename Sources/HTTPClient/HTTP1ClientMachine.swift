internal import HTTPWire

/// Decides what an HTTP/1 client connection may do next: one method per event. It holds no socket, buffer or clock.
///
///     idle ─start→ awaiting head ─1xx→ awaiting head
///                        └─head→ body ─end→ idle (request sent, kept alive, delimited) or closed
struct HTTP1ClientMachine {
    /// Where the connection stands.
    enum Phase: Equatable {
        /// Kept for the next request.
        case idle
        /// A request is under way and no final head has come.
        case awaitingHead
        /// The body of the response is arriving.
        case body(ResponseFraming)
        /// Of no further use.
        case closed
    }

    /// What a response head means.
    enum HeadAction: Equatable {
        /// Deliver an interim response; the final one is still to come.
        case interim
        /// Deliver the head, then the body.
        case body(ResponseFraming)
        /// Deliver the head; there is no body.
        case complete
        /// More interim responses than allowed, or a switch of protocols nobody asked for.
        case refuse
    }

    /// What the end of the connection means.
    enum CloseAction: Equatable {
        /// Nobody was waiting.
        case forget
        /// No byte of a response had come.
        case failUnanswered
        /// The response is cut off.
        case failTruncated
        /// The end of the connection is the end of the body.
        case complete
    }

    /// Where the connection stands.
    private(set) var phase = Phase.idle
    /// Requests started on this connection.
    private(set) var requests = 0
    private var isHead = false
    private var isRequestSent = false
    private var keepAlive = true
    private var interim = 0
    private var hasResponseBytes = false
    private let maxInterim: Int

    /// Makes the machine of a new connection.
    init(maxInterim: Int) {
        self.maxInterim = maxInterim
    }

    /// Whether the connection may take another request once the present one is over.
    var isReusable: Bool { phase == .idle }

    /// Whether a byte of the present response has arrived.
    var isAnswered: Bool { hasResponseBytes }

    /// Whether the request has been written completely.
    var isRequestComplete: Bool { isRequestSent }

    /// A request begins.
    mutating func start(isHead: Bool) {
        precondition(phase == .idle, "a request on a busy connection")
        phase = .awaitingHead
        requests += 1
        self.isHead = isHead
        isRequestSent = false
        hasResponseBytes = false
        keepAlive = true
        interim = 0
    }

    /// The last byte of the request was handed to the kernel.
    mutating func requestSent() {
        isRequestSent = true
    }

    /// Bytes of a response arrived.
    mutating func bytesReceived() {
        hasResponseBytes = true
    }

    /// A complete response head arrived; `framing` is what its fields say.
    mutating func headReceived(status: Int, framing: ResponseFraming, keepAlive: Bool) -> HeadAction {
        if status < 200 {
            interim += 1
            return status == 101 || interim > maxInterim ? .refuse : .interim
        }
        self.keepAlive = keepAlive
        if isHead || framing == .none {
            end()
            return .complete
        }
        phase = .body(framing)
        return .body(framing)
    }

    /// The last byte of a delimited body arrived.
    mutating func bodyEnded() {
        end()
    }

    /// The server closed the connection; `isClean` unless by a reset or a broken TLS stream.
    mutating func connectionEnded(isClean: Bool) -> CloseAction {
        let before = phase
        phase = .closed
        switch before {
        case .idle, .closed: return .forget
        case .awaitingHead: return hasResponseBytes ? .failTruncated : .failUnanswered
        case .body(.untilClose): return isClean ? .complete : .failTruncated
        case .body: return .failTruncated
        }
    }

    /// The connection is given up.
    mutating func closed() {
        phase = .closed
    }

    /// A response that ends before its request was sent leaves the connection in an unclear state.
    private mutating func end() {
        phase = keepAlive && isRequestSent ? .idle : .closed
    }
}
