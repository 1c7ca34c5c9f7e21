internal import Bytes
internal import EventLoop
internal import HTTP2
internal import HTTPWire

/// One stream of an HTTP/2 connection and the exchange on it. The object, its exchange and its buffers belong to the loop and
/// are used again, so that a hit on an established connection makes nothing new.
///
///     headArrived → handler → response queued ─ last frame with the kernel → complete ┐
///          │ refused: an answer of our own                                            ├→ closed on the wire → released
///          └ reset by the client, or given up by the handler → abandoned ─────────────┘
final class HTTP2Exchange: HTTP2Stream {
    /// Body bytes of one stream before the next one gets its turn.
    static let quantum = 65_536

    let loop: EventLoop
    private(set) var connection: HTTP2Connection?
    var exchange: Exchange

    /// Body bytes that may still be written; nil if the source does not know.
    var remaining: Int?
    /// What the client's windows or the socket did not take of a whole response.
    var leftover = GrowableBuffer()
    /// Body bytes of the client that nobody has asked for yet; at most its window.
    var unread = GrowableBuffer()
    /// Body bytes until the next stream gets its turn.
    var quantumLeft = 0
    var isQueued = false
    var isWaitingForWindow = false
    var isAwaitingWritable = false
    var isDelivering = false
    var hasAskedForBody = false
    /// The connection's count of queued bytes behind this response's last one.
    var endMark: Int?
    /// Whether the response is whole and waits to be with the kernel.
    var isEnding = false
    /// The exchange ended, or there never was one.
    private var isOver = false
    /// Bytes of the request body that have come.
    var bodyBytes = 0
    /// Of those, how many in the span that ends at `bodyDeadline`.
    var bodyBytesInSpan = 0
    var bodyDeadline = HTTP2Connection.never
    var window = WindowWatch()

    init(loop: EventLoop, requestIDs: RequestIDSource) {
        self.loop = loop
        exchange = Exchange(
            loop: loop, connectionNumber: 0, peer: .loopback(port: 0), local: .loopback(port: 0), isTLS: false,
            requestIDs: requestIDs)
    }

    /// The object the connection gave the session.
    static func of(_ stream: HTTP2Stream) -> HTTP2Exchange {
        unsafeDowncast(stream, to: HTTP2Exchange.self)
    }

    // MARK: Life

    func adoptOnLoop(by connection: HTTP2Connection) {
        self.connection = connection
        if !isKnownUniquelyReferenced(&exchange) {
            exchange = Exchange(
                loop: loop, connectionNumber: connection.number, peer: connection.peer, local: connection.local,
                isTLS: connection.isTLS, requestIDs: connection.server.requestIDs)
        } else {
            exchange.connectionNumber = connection.number
            exchange.peer = connection.peer
            exchange.local = connection.local
            exchange.isTLS = connection.isTLS
        }
        remaining = nil
        quantumLeft = Self.quantum
        isWaitingForWindow = false
        isAwaitingWritable = false
        hasAskedForBody = false
        endMark = nil
        isEnding = false
        isOver = false
        bodyBytes = 0
        bodyDeadline = HTTP2Connection.never
        window.end()
    }

    func headArrivedOnLoop() {
        guard let connection, !isClosed else { return }
        connection.requestBeginsOnLoop()
        if let violation { return refuseOnLoop(violation.status, violation.description) }
        switch exchange.head.parse(head.readable, limits: connection.server.headLimits) {
        case .complete: break
        case .needMore: return refuseOnLoop(.badRequest, HTTPViolation.malformedStartLine.description)
        case .refused(let violation): return refuseOnLoop(violation.status, violation.description)
        }
        if case .length(let length) = exchange.head.framing, let limit = connection.server.configuration.maxBodyBytes,
            length > limit
        {
            return refuseOnLoop(.contentTooLarge, "a request body may have \(limit) bytes", hasHead: true)
        }
        exchange.transport = self
        exchange.beginOnLoop()
        connection.server.handler.handleOnLoop(exchange)
    }

    /// Answers a request no handler may see.
    private func refuseOnLoop(_ status: HTTPStatus, _ reason: String, hasHead: Bool = false) {
        guard let connection else { return }
        isOver = true
        connection.server.metrics.refused()
        leftover.append(string: reason)
        leftover.append("\n")
        remaining = leftover.count
        beginHead(status)
        response.field("Content-Type", "text/plain; charset=utf-8")
        response.field("Content-Length", decimal: leftover.count)
        exchange.transport = self
        exchange.refusedOnLoop(hasHead: hasHead)
        connection.server.handler.refusedOnLoop(
            exchange,
            RefusedRequest(
                status: status.code, hasHead: hasHead, requestBytes: head.count, headBytes: response.buffer.count,
                bodyBytes: leftover.count))
        connection.session.respond(on: self, hasBody: true)
        endOnLoop(connection)
        connection.enqueueOnLoop(self)
    }

    func beginHead(_ status: HTTPStatus) {
        response.buffer.append(decimal: status.code)
        response.buffer.append("\r\n")
        connection?.server.appendDate(to: &response.buffer)
    }

    /// Nothing more will be added to the response.
    func endOnLoop(_ connection: HTTP2Connection) {
        isEnding = true
        connection.ending.append(self)
    }

    /// The last byte of the response is with the kernel.
    func completeOnLoop() {
        isEnding = false
        if !isOver {
            reportOnLoop(isComplete: true)
            exchange.completedOnLoop()
        }
        bodyDeadline = HTTP2Connection.never
        // The answer is there; what is left of the request is not needed (RFC 9113 §8.1).
        if !isRemoteEnded { connection?.session.reset(self, .noError) }
        if isClosed { releaseOnLoop() }
    }

    /// The stream is over on the wire.
    func closedOnLoop() {
        if isLocalEnded, isEnding { return }
        abandonOnLoop()
        releaseOnLoop()
    }

    /// Ends an exchange that was not completed.
    func abandonOnLoop() {
        if isOver || exchange.isEnded {
            isOver = true
            return
        }
        exchange.abandonedOnLoop()
        reportOnLoop(isComplete: false)
    }

    /// Gives the object back to the loop.
    func releaseOnLoop() {
        guard let connection else { return }
        self.connection = nil
        connection.writers.removeAll { $0 === self }
        isQueued = false
        connection.ending.removeAll { $0 === self }
        dropUnread(of: connection)
        connection.session.release(self)
        exchange.transport = nil
        leftover.removeAll(keepingCapacity: leftover.capacity <= Self.quantum)
        connection.server.keepOnLoop(self)
    }

    private func reportOnLoop(isComplete: Bool) {
        guard !isOver, let connection else { return }
        isOver = true
        let outcome = exchange.outcome(isComplete: isComplete)
        connection.server.metrics.exchangeEnded(outcome)
        connection.server.handler.endedOnLoop(exchange, outcome)
    }

    // MARK: Deadlines

    var deadline: UInt64 { min(bodyDeadline, window.deadline) }

    func timedOutOnLoop(at now: UInt64) {
        if bodyDeadline <= now { judgeBodyOnLoop() }
        if window.deadline <= now { judgeWindowOnLoop(now) }
    }

    /// Resets the stream and ends its exchange.
    func giveUpOnLoop(_ code: HTTP2ErrorCode) {
        connection?.session.reset(self, code)
        abandonOnLoop()
    }
}
