internal import Bytes
internal import EventLoop
internal import HTTP2
internal import TLS
internal import Transport

/// One HTTP/2 connection: moves bytes between its socket and an `HTTP2Session`, and gives every stream its turn. It lives on
/// its loop and dies by `closeOnLoop`.
///
/// Everything happens in turns: what arrived is told, sources produce, and what they made is written, with as few system
/// calls as the bytes allow. A call from outside (a fill, a task) opens a turn of its own.
final class HTTP2Connection: EventHandler, ServerConnection {
    static let never = UInt64.max

    private enum Phase {
        case open
        /// Our side is shut; what still arrives is thrown away so that the client gets to read why.
        case lingering
        case closed
    }

    let server: ServerLoop
    let loop: EventLoop
    let peer: SocketAddress
    let number: UInt64
    let local: SocketAddress
    var stream: ConnectionStream
    private(set) lazy var session = HTTP2Session(limits: server.http2Limits, owner: self)
    var index = 0
    var connectionStorage: AnyObject?

    /// Frames that wait for the socket, and under TLS for a full record.
    var output = GrowableBuffer()
    /// Bodies that go out straight from their source, each behind a prefix of `output`; only within one offer.
    var gathered: [GatheredBody] = []
    /// Bytes ever given to the output, and how many of them the kernel has.
    var queuedBytes = 0
    var flushedBytes = 0
    /// Bytes of bodies ever framed.
    var framedBodyBytes = 0
    var isWriteBlocked = false
    /// A write failed; the turn closes the connection.
    var isBroken = false
    /// Whether the body on offer is worth a system call of its own instead of a copy.
    var isGathering = false

    /// Streams whose sources want to write, in order.
    var writers: [HTTP2Exchange] = []
    /// Streams whose last frame is queued or about to be.
    var ending: [HTTP2Exchange] = []

    private var phase = Phase.open
    private var interest: Interest = .read
    private var isInTurn = false
    private var isDraining = false
    private var discarded = 0
    private var requests = 0
    private(set) var readDeadline = never
    var reader = ReaderWatch()
    private var idleDeadline = never
    private var headDeadline = never
    private var drainDeadline = never
    private var settingsDeadline = never

    /// Reads of the scratch buffer in one turn, before other connections get theirs.
    private static let readsPerTurn = 4
    /// Ends of exchanges cause frames, and frames cause ends; more of that waits for the next turn.
    private static let roundsPerTurn = 8

    init(server: ServerLoop, stream: ConnectionStream, peer: SocketAddress, local: SocketAddress) {
        self.server = server
        self.stream = stream
        self.peer = peer
        self.local = local
        number = server.requestIDs.nextConnection()
        loop = server.loop
    }

    var isClosed: Bool { phase == .closed }
    var isTLS: Bool { stream.tls != nil }

    /// Starts with what the client's first read brought.
    func startOnLoop(with bytes: UnsafeRawBufferPointer) {
        idleDeadline = loop.nowNanoseconds + server.timeouts.head
        settingsDeadline = loop.nowNanoseconds + server.timeouts.settings
        do {
            try loop.registerOnLoop(stream.socket.descriptor, interest: interest, handler: self)
        } catch {
            closeOnLoop(reset: false)
            return
        }
        turnOnLoop {
            if !bytes.isEmpty { session.receive(bytes, at: loop.nowNanoseconds) }
            if isTLS { readOnLoop() }
        }
    }

    func startOnLoop() {
        startOnLoop(with: UnsafeRawBufferPointer(start: nil, count: 0))
    }

    // MARK: Turns

    func readyOnLoop(_ readiness: Readiness) {
        turnOnLoop {
            if readiness.contains(.write) { isWriteBlocked = false }
            if readiness.contains(.read) {
                readOnLoop()
            } else if !readiness.isDisjoint(with: [.hangUp, .error]) {
                closeOnLoop(reset: false)
            }
        }
    }

    /// Runs `body`, and then, unless a turn is going on already, writes what it caused.
    func turnOnLoop(_ body: () -> Void) {
        if isInTurn { return body() }
        isInTurn = true
        if !isClosed { body() }
        if !isClosed { finishTurnOnLoop() }
        isInTurn = false
    }

    private func finishTurnOnLoop() {
        if phase == .open {
            var rounds = 0
            repeat {
                writeOnLoop()
                if isClosed { return }
                rounds += 1
            } while rounds < Self.roundsPerTurn && !isOutputFull && (session.wantsOutput || hasUnsentOutput)
            if session.isFinished, !hasUnsentOutput { startLingeringOnLoop() }
        }
        if isClosed { return }
        refreshDeadlinesOnLoop()
        updateInterestOnLoop()
    }

    /// One round of the streams, and what they caused to the socket. What ends with it may cause more.
    private func writeOnLoop() {
        session.deliverEvents()
        writeBodiesOnLoop()
        session.pump()
        session.checkFloods()
        session.deliverEvents()
        markEndingOnLoop()
        flushOnLoop()
        if isBroken { return closeOnLoop(reset: true) }
        completeFlushedOnLoop()
    }

    // MARK: Input

    private func readOnLoop() {
        if phase == .lingering { return discardOnLoop() }
        for _ in 0..<Self.readsPerTurn {
            // What cannot be answered is not read: a client that sends and never reads feels it.
            if isWriteBlocked || phase != .open { return }
            switch stream.read(into: server.scratch) {
            case .bytes(let count):
                server.metrics.received(count)
                session.receive(UnsafeRawBufferPointer(rebasing: server.scratch[..<count]), at: loop.nowNanoseconds)
                if count < server.scratch.count, !stream.hasBufferedInput { return }
            case .blocked:
                return
            case .ended, .broken:
                closeOnLoop(reset: false)
                return
            }
        }
    }

    // MARK: Deadlines

    private func refreshDeadlinesOnLoop() {
        guard phase == .open else { return }
        if !session.streams.isEmpty {
            idleDeadline = Self.never
        } else if idleDeadline == Self.never {
            idleDeadline = loop.nowNanoseconds + server.timeouts.idle
            server.resumeAcceptingOnLoop()
        }
        if !session.isReadingHead {
            headDeadline = Self.never
        } else if headDeadline == Self.never {
            headDeadline = loop.nowNanoseconds + server.timeouts.head
        }
        if session.areSettingsAcknowledged { settingsDeadline = Self.never }
        readDeadline = min(readDeadline, idleDeadline, headDeadline, settingsDeadline)
    }

    /// A stream waits for something until then.
    func expectOnLoop(by deadline: UInt64) {
        readDeadline = min(readDeadline, deadline)
    }

    func timedOutOnLoop() {
        if isClosed { return }
        let now = loop.nowNanoseconds
        if phase == .lingering { return closeOnLoop(reset: false) }
        if writeDeadline <= now {
            let taken = flushedBytes - stream.socket.unacknowledgedBytes
            guard reader.isKept(server.writePace, taken: taken, at: now) else {
                server.metrics.tooSlow()
                return closeOnLoop(reset: true)
            }
        }
        turnOnLoop {
            if headDeadline <= now {
                tooSlowOnLoop(.enhanceYourCalm, "a header block took too long")
            } else if settingsDeadline <= now {
                tooSlowOnLoop(.settingsTimeout, "the settings were not acknowledged")
            } else if idleDeadline <= now || drainDeadline <= now {
                drainDeadline = Self.never
                session.finishDrain()
            }
            readDeadline = drainDeadline
            for stream in session.streams {
                let exchange = HTTP2Exchange.of(stream)
                exchange.timedOutOnLoop(at: now)
                readDeadline = min(readDeadline, exchange.deadline)
            }
        }
    }

    private func tooSlowOnLoop(_ code: HTTP2ErrorCode, _ reason: String) {
        if !session.hasFailed { server.metrics.tooSlow() }
        session.terminate(code, reason: reason)
    }

    // MARK: ServerConnection

    var writeDeadline: UInt64 { reader.deadline }

    var isIdle: Bool {
        phase == .open && session.streams.isEmpty && requests > 0 && !hasUnsentOutput
    }

    func sweptOnLoop(_ now: UInt64) {
        guard isIdle, now + server.timeouts.idle > idleDeadline &+ 1_000_000_000 else { return }
        stream.releaseIdleBuffers()
    }

    /// The protocol itself says which requests still count, so nothing is lost by beginning at once.
    func retireOnLoop() { drainOnLoop() }

    func drainOnLoop() {
        guard phase == .open, !isDraining else { return }
        isDraining = true
        drainDeadline = loop.nowNanoseconds + server.timeouts.linger
        readDeadline = min(readDeadline, drainDeadline)
        turnOnLoop { session.beginDrain() }
    }

    func requestBeginsOnLoop() {
        requests += 1
        // It may be over by the end of the turn, where only the streams that are left would be seen.
        idleDeadline = Self.never
        server.metrics.streamOpened()
    }

    // MARK: Interest

    private func updateInterestOnLoop() {
        var wanted: Interest = isWriteBlocked ? [] : .read
        if isWriteBlocked || !writers.isEmpty {
            wanted.insert(.write)
            reader.begin()
        } else {
            reader.end()
        }
        if wanted != interest {
            interest = wanted
            loop.updateOnLoop(stream.socket.descriptor, interest: wanted)
        }
        if !isWriteBlocked, stream.hasBufferedInput { readBufferedLater() }
    }

    private func readBufferedLater() {
        let connection = LoopBound(self, loop: loop)
        loop.submit {
            let connection = connection.valueOnLoop
            if connection.isClosed || !connection.stream.hasBufferedInput { return }
            connection.turnOnLoop { connection.readOnLoop() }
        }
    }

    // MARK: End

    /// Everything to be said has been said.
    private func startLingeringOnLoop() {
        abandonStreamsOnLoop()
        if isClosed { return }
        phase = .lingering
        writers.removeAll()
        stream.shutdownWrite()
        reader.end()
        readDeadline = loop.nowNanoseconds + server.timeouts.linger
    }

    private func discardOnLoop() {
        switch stream.read(into: server.scratch) {
        case .bytes(let count):
            server.metrics.received(count)
            discarded += count
            if discarded > server.configuration.lingerLimit { closeOnLoop(reset: false) }
        case .blocked: break
        case .ended, .broken: closeOnLoop(reset: false)
        }
    }

    private func abandonStreamsOnLoop() {
        while let stream = session.streams.last {
            let exchange = HTTP2Exchange.of(stream)
            exchange.abandonOnLoop()
            exchange.releaseOnLoop()
        }
        ending.removeAll()
    }

    func closeOnLoop(reset: Bool) {
        if isClosed { return }
        phase = .closed
        loop.deregisterOnLoop(stream.socket.descriptor)
        stream.close(reset: reset)
        writers.removeAll()
        session.stop()
        abandonStreamsOnLoop()
        connectionStorage = nil
        server.removeOnLoop(self)
    }
}
