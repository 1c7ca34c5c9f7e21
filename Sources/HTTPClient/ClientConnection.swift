internal import Bytes
internal import EventLoop
internal import HTTPWire
internal import TLS
internal import Transport

/// One connection to an endpoint: performs what `HTTP1ClientMachine` decides, for one exchange after the other.
/// Loop-confined.
final class ClientConnection: EventHandler {
    let client: HTTPClient
    let pool: ConnectionPool
    let endpoint: Endpoint
    /// Whom it is connected to.
    let address: SocketAddress
    /// Monotonic nanoseconds.
    let openedAt: UInt64
    /// When the server's certificate was verified, which may have been on an earlier connection.
    let verifiedAt: UInt64
    private var hasKeptSession = false
    var stream: ConnectionStream
    var machine: HTTP1ClientMachine
    var parser = ResponseHeadParser()
    /// Bytes read and not yet taken: part of a head, or a body its receiver does not want yet.
    var input = GrowableBuffer()
    /// The request head, framing, and bytes of a body in memory.
    var writer = HeadWriter()
    var exchange: ClientExchange?
    var body = BodyDecoder.none
    /// How much of a body in memory has been queued.
    var bodyOffset = 0
    var hasSentBytes = false
    var isWriteBlocked = false
    var isClosed = false
    var isProcessing = false
    private var interest: Interest = .read

    init(client: HTTPClient, pool: ConnectionPool, endpoint: Endpoint, connected: Connector.Connected) {
        self.client = client
        self.pool = pool
        self.endpoint = endpoint
        stream = connected.stream
        address = connected.address
        verifiedAt = connected.verifiedAt
        openedAt = client.loop.nowNanoseconds
        machine = HTTP1ClientMachine(maxInterim: client.configuration.maxInterimResponses)
    }

    /// Starts to watch the socket; from here on it is the connection's to close.
    func openOnLoop() {
        do {
            try client.loop.registerOnLoop(stream.socket.descriptor, interest: interest, handler: self)
        } catch {
            isClosed = true
            machine.closed()
            stream.close(reset: false)
            pool.closedOnLoop(nil)
        }
    }

    /// Sends the request of `next`, which is the connection's until it ends.
    func startOnLoop(_ next: ClientExchange) {
        exchange = next
        next.state = .active(self)
        machine.start(isHead: next.request.method == .head)
        hasSentBytes = false
        bodyOffset = 0
        watchResponseOnLoop(next)
        writeHead(of: next.request)
        sendBodyOnLoop()
        if !isClosed { updateInterestOnLoop() }
    }

    // MARK: Events

    func readyOnLoop(_ readiness: Readiness) {
        if readiness.contains(.write) {
            isWriteBlocked = false
            sendBodyOnLoop()
        }
        if isClosed { return }
        let isGone = !readiness.isDisjoint(with: [.hangUp, .error])
        if readiness.contains(.read) {
            if wantsInput {
                readOnLoop(isReset: readiness.contains(.error))
            } else if isGone {
                endedOnLoop(isClean: false, reason: "connection reset")
            } else {
                setInterestOnLoop(interest.subtracting(.read))
            }
        } else if isGone {
            endedOnLoop(isClean: false, reason: "connection reset")
        }
        if !isClosed { updateInterestOnLoop() }
    }

    var wantsInput: Bool { !(exchange?.isPaused ?? false) }

    func updateInterestOnLoop() {
        var wanted = interest
        if wantsInput { wanted.insert(.read) }
        if isWriteBlocked { wanted.insert(.write) } else { wanted.remove(.write) }
        setInterestOnLoop(wanted)
        if wantsInput, stream.hasBufferedInput {
            let connection = LoopBound(self, loop: client.loop)
            client.loop.submit { connection.valueOnLoop.resumeReadingOnLoop() }
        }
    }

    private func setInterestOnLoop(_ wanted: Interest) {
        guard wanted != interest else { return }
        interest = wanted
        client.loop.updateOnLoop(stream.socket.descriptor, interest: wanted)
    }

    // MARK: Ends

    /// The exchange is over and complete; the connection goes back to its pool if it can.
    func finishOnLoop() {
        let finished = exchange
        exchange = nil
        body = .none
        keepSessionOnLoop()
        // Bytes after a complete response belong to nobody: such a connection cannot be trusted with another request.
        if machine.isReusable, input.isEmpty, writer.buffer.isEmpty, !stream.hasBufferedInput {
            updateInterestOnLoop()
            finished?.completeOnLoop()
            if !isClosed { pool.returnOnLoop(self) }
        } else {
            closeOnLoop()
            finished?.completeOnLoop()
        }
    }

    /// By the end of the first response the server's ticket has come, if one comes at all.
    private func keepSessionOnLoop() {
        guard !hasKeptSession, let tls = stream.tls else { return }
        hasKeptSession = true
        guard let resumption = tls.resumption else { return }
        client.tlsSessions.keep(TLSSessionCache.Entry(resumption: resumption, verifiedAt: verifiedAt), for: endpoint)
    }

    /// The server ended the connection, or it broke.
    func endedOnLoop(isClean: Bool, reason: String) {
        let hadSentBytes = hasSentBytes
        let wasReused = machine.requests > 1
        let action = machine.connectionEnded(isClean: isClean)
        let orphan = exchange
        exchange = nil
        closeOnLoop()
        guard let orphan else { return }
        switch action {
        case .forget:
            break
        case .complete:
            orphan.completeOnLoop()
        case .failUnanswered:
            if wasReused || !hadSentBytes, client.retryOnLoop(orphan) { return }
            let retry: ClientError.Retry = !hadSentBytes ? .yes : wasReused ? .onlyIfReused : .no
            failOnLoop(orphan, .closedBeforeResponse, retry, "closed the connection before it answered (\(reason))")
        case .failTruncated:
            failOnLoop(orphan, .truncated, .no, "cut its response off (\(reason))")
        }
    }

    /// Gives the exchange up because of what the server sent or did not send.
    func failOnLoop(_ kind: ClientError.Kind, _ reason: String) {
        let failed = exchange
        exchange = nil
        closeOnLoop()
        if let failed { failOnLoop(failed, kind, .no, reason) }
    }

    private func failOnLoop(
        _ failed: ClientExchange, _ kind: ClientError.Kind, _ retry: ClientError.Retry, _ reason: String
    ) {
        failed.failOnLoop(
            ClientError(kind: kind, side: .upstream, retry: retry, message: "\(endpoint) \(reason)"))
    }

    /// Closes without a word to the exchange.
    func closeOnLoop() {
        if isClosed { return }
        isClosed = true
        machine.closed()
        exchange = nil
        client.loop.deregisterOnLoop(stream.socket.descriptor)
        stream.close(reset: false)
        pool.closedOnLoop(self)
    }

    // MARK: Time

    private func watchResponseOnLoop(_ next: ClientExchange) {
        next.watchdog.startOnLoop(next.request.responseTimeout) { [weak self] in self?.timedOutOnLoop() }
    }

    private func timedOutOnLoop() {
        guard let exchange, !isClosed else { return }
        if case .awaitingHead = machine.phase {
            failOnLoop(.responseTimeout, "sent no response head within \(exchange.request.responseTimeout)")
        } else {
            failOnLoop(.idleTimeout, "sent nothing for \(exchange.request.idleTimeout) in the middle of a body")
        }
    }
}
