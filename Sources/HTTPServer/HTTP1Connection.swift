internal import Bytes
internal import EventLoop
internal import HTTPWire
internal import TLS
internal import Transport

/// One HTTP/1 connection: performs what `HTTP1ServerMachine` decides. It lives on its loop and dies by `closeOnLoop`.
///
/// `input` holds the current head at its front until the exchange ends, so the head's slices stay valid; body bytes that
/// came with the head follow it, and bytes read later go through the loop's scratch buffer instead. The socket is read only
/// when somebody wants the bytes: the next request waits in the kernel until this one is answered.
final class HTTP1Connection: EventHandler, ServerConnection {
    static let never = UInt64.max

    let server: ServerLoop
    let loop: EventLoop
    var stream: ConnectionStream
    var exchange: Exchange
    var machine: HTTP1ServerMachine
    var input = GrowableBuffer()
    /// What waits to be sent: heads, chunk sizes, and body bytes the socket would not take.
    var writer = HeadWriter(capacity: 0)
    /// Position in the server's list of connections.
    var index = 0
    var connectionStorage: AnyObject?

    var interest: Interest = .read
    var isHandshaking: Bool
    var isClosed = false
    /// A write failed; the next step closes the connection.
    var isBroken = false
    var isWriteBlocked = false
    var isAwaitingWritable = false
    /// True while requests or bodies are being taken from `input`, so that a response completed meanwhile does not recurse.
    var isProcessing = false
    /// What to do when `writer` has drained.
    var afterFlush: HTTP1ServerMachine.ResponseEnd?
    /// The connection is judged when the loop's clock passes it; see `timedOutOnLoop`.
    var readDeadline = never
    var reader = ReaderWatch()
    /// Body bytes read since the span began that ends at `readDeadline`.
    var bodyBytesInSpan = 0
    /// Bytes handed to the socket.
    var sentBytes = 0

    /// Length of the current head within `input`.
    var headCount = 0
    /// Where the next byte of the current body, or the next head, starts within `input`.
    var cursor = 0
    var body = BodyDecoder.none
    var framing = HTTP1ServerMachine.Framing.none
    var sendsBody = false
    /// Bytes of the started chunk of a response that are still to be written.
    var chunkRemaining = 0
    /// Whether the first bytes of a head are here and its time is running.
    var isReadingHead = false
    /// True while body bytes are being handed to the sink.
    var isDelivering = false
    /// Bytes of the current request's body, its coding excluded.
    var bodyBytes = 0
    /// Bytes thrown away since the response.
    var discarded = 0

    init(server: ServerLoop, stream: ConnectionStream, peer: SocketAddress, local: SocketAddress) {
        self.server = server
        self.stream = stream
        loop = server.loop
        machine = HTTP1ServerMachine(discardLimit: server.configuration.discardLimit)
        isHandshaking = stream.tls != nil
        exchange = Exchange(
            loop: server.loop, connectionNumber: server.requestIDs.nextConnection(), peer: peer, local: local,
            isTLS: stream.tls != nil, requestIDs: server.requestIDs)
        exchange.transport = self
    }

    func startOnLoop() {
        let timeout = isHandshaking ? server.timeouts.handshake : server.timeouts.head
        readDeadline = loop.nowNanoseconds + timeout
        if isHandshaking { server.handshakeBeginsOnLoop(self) }
        do {
            try loop.registerOnLoop(stream.socket.descriptor, interest: interest, handler: self)
        } catch {
            closeOnLoop()
        }
    }

    // MARK: Events

    func readyOnLoop(_ readiness: Readiness) {
        if isHandshaking {
            handshakeOnLoop()
            return
        }
        if readiness.contains(.write) { writableOnLoop() }
        if isClosed { return }
        if readiness.contains(.read) {
            readableOnLoop(isGone: !readiness.isDisjoint(with: [.hangUp, .error]))
        } else if !readiness.isDisjoint(with: [.hangUp, .error]) {
            closeOnLoop()
        }
        if !isClosed { updateInterestOnLoop() }
    }

    private func handshakeOnLoop() {
        guard let tls = stream.tls else { return }
        switch tls.handshake() {
        case .complete:
            isHandshaking = false
            server.handshakeEndsOnLoop(self)
            server.metrics.shookHands(isResumed: tls.isResumed)
            if tls.applicationProtocol == "h2" {
                becomeHTTP2OnLoop()
                return
            }
            readDeadline = loop.nowNanoseconds + server.timeouts.head
            setInterestOnLoop(.read)
            readableOnLoop(isGone: false)
            if !isClosed { updateInterestOnLoop() }
        case .wantRead: setInterestOnLoop(.read)
        case .wantWrite: setInterestOnLoop([.read, .write])
        case .closed, .failed: handshakeFailedOnLoop()
        }
    }

    func handshakeFailedOnLoop() {
        server.metrics.handshakeFailed()
        closeOnLoop()
    }

    private func readableOnLoop(isGone: Bool) {
        switch machine.phase {
        case .idle where afterFlush == nil: readHeadOnLoop()
        case .exchange where wantsBody: readBodyFromSocketOnLoop()
        case .discarding where afterFlush == nil: readBodyFromSocketOnLoop()
        case .lingering where afterFlush == nil: lingerOnLoop()
        case .closed where afterFlush == nil: closeOnLoop()
        case .idle, .exchange, .discarding, .lingering, .closed:
            if isGone { closeOnLoop() } else { setInterestOnLoop(interest.subtracting(.read)) }
        }
    }

    private func writableOnLoop() {
        isWriteBlocked = false
        flushOutputOnLoop()
        if isClosed || isWriteBlocked { return }
        if afterFlush != nil {
            finishResponseOnLoop()
        } else if isAwaitingWritable {
            isAwaitingWritable = false
            exchange.pumpOnLoop()
        }
        if !isWriteBlocked { reader.end() }
    }

    /// The sweep found a deadline in the past.
    func timedOutOnLoop() {
        if isClosed { return }
        let now = loop.nowNanoseconds
        if writeDeadline <= now {
            let taken = sentBytes - stream.socket.unacknowledgedBytes
            guard reader.isKept(server.writePace, taken: taken, at: now) else {
                server.metrics.tooSlow()
                return closeOnLoop(reset: true)
            }
        }
        if readDeadline > now { return }
        if isHandshaking { return handshakeFailedOnLoop() }
        switch machine.phase {
        case .idle where !input.isEmpty:
            server.metrics.tooSlow()
            refuseOnLoop(.requestTimeout, "the request head took too long")
        case .exchange where wantsBody:
            if keepsBodyPaceOnLoop(now) { return }
            server.metrics.tooSlow()
            failBodyOnLoop(.timedOut, answer: .requestTimeout)
        case .exchange: readDeadline = Self.never
        case .discarding where keepsBodyPaceOnLoop(now): break
        case .idle, .discarding, .lingering, .closed: closeOnLoop()
        }
    }

    /// Begins the next span if the body brought enough in the last one.
    private func keepsBodyPaceOnLoop(_ now: UInt64) -> Bool {
        guard server.bodyPace.isKept(byMoving: bodyBytesInSpan) else { return false }
        bodyBytesInSpan = 0
        readDeadline = now + server.bodyPace.span
        return true
    }

    /// The sweep came by: a connection idle for a second gives back what it does not need to wait.
    func sweptOnLoop(_ now: UInt64) {
        guard isIdle, now + server.timeouts.idle > readDeadline + 1_000_000_000 else { return }
        stream.releaseIdleBuffers()
    }

    var peer: SocketAddress { exchange.peer }
    var writeDeadline: UInt64 { reader.deadline }

    /// Whether nothing is lost by closing the connection now.
    var isIdle: Bool {
        machine.phase == .idle && !isHandshaking && input.isEmpty && afterFlush == nil && !isWriteBlocked
            && machine.requests > 0
    }

    /// The next response that begins says `Connection: close`. One that has begun without it is followed by another: its
    /// client may have asked again already.
    func retireOnLoop() {
        machine.retire()
        if isIdle { readDeadline = min(readDeadline, loop.nowNanoseconds + server.timeouts.idle) }
    }

    /// The server shuts down gently.
    func drainOnLoop() {
        guard machine.drain(), input.isEmpty, afterFlush == nil else { return }
        if isWriteBlocked { afterFlush = .close } else { closeOnLoop() }
    }

    // MARK: Interest

    private var wantsInput: Bool {
        switch machine.phase {
        case .idle, .discarding, .lingering: afterFlush == nil
        case .exchange: wantsBody
        case .closed: false
        }
    }

    var wantsBody: Bool {
        machine.phase == .exchange && exchange.sink != nil && !exchange.isSinkPaused && !machine.bodyEnded
    }

    /// Watches for what is wanted now. Reading is stopped lazily, when bytes nobody wants arrive, so that a request answered
    /// at once costs no system call here.
    func updateInterestOnLoop() {
        var wanted = interest
        if wantsInput { wanted.insert(.read) }
        if isWriteBlocked || isAwaitingWritable { wanted.insert(.write) } else { wanted.remove(.write) }
        setInterestOnLoop(wanted)
        if wantsInput, stream.hasBufferedInput { readBufferedLater() }
    }

    func setInterestOnLoop(_ wanted: Interest) {
        guard wanted != interest else { return }
        interest = wanted
        loop.updateOnLoop(stream.socket.descriptor, interest: wanted)
    }

    private func readBufferedLater() {
        let connection = LoopBound(self, loop: loop)
        loop.submit {
            let connection = connection.valueOnLoop
            if connection.isClosed || !connection.stream.hasBufferedInput { return }
            connection.readableOnLoop(isGone: false)
            if !connection.isClosed { connection.updateInterestOnLoop() }
        }
    }

    // MARK: End

    /// Hands the socket and what was read from it to a connection of the other version; nothing has been asked yet.
    func becomeHTTP2OnLoop() {
        isClosed = true
        machine.closed()
        loop.deregisterOnLoop(stream.socket.descriptor)
        exchange.transport = nil
        server.replaceOnLoop(
            self, with: HTTP2Connection(server: server, stream: stream, peer: exchange.peer, local: exchange.local),
            received: input.readable)
    }

    /// Closes now. An unfinished exchange is abandoned; with `reset` the peer cannot mistake it for a complete one.
    func closeOnLoop(reset: Bool = false) {
        if isClosed { return }
        isClosed = true
        if isHandshaking { server.handshakeEndsOnLoop(self) }
        machine.closed()
        loop.deregisterOnLoop(stream.socket.descriptor)
        stream.close(reset: reset)
        if !exchange.isEnded {
            exchange.abandonedOnLoop()
            reportOnLoop(isComplete: false)
        }
        exchange.transport = nil
        connectionStorage = nil
        server.removeOnLoop(self)
    }

    /// Tells the handler and the metrics how the exchange ended.
    func reportOnLoop(isComplete: Bool) {
        let outcome = exchange.outcome(isComplete: isComplete)
        server.metrics.exchangeEnded(outcome)
        server.handler.endedOnLoop(exchange, outcome)
    }
}
