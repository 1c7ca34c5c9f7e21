internal import Bytes
internal import EventLoop
internal import HTTP2
internal import HTTPWire
internal import TLS
internal import Transport

extension HTTP2Exchange: ExchangeTransport {
    /// Bodies larger than one frame are written from where they lie; smaller ones share a write with their neighbours.
    private static let copyLimit = 16_384

    var headBytes: UnsafeRawBufferPointer { head.readable }

    var requestFacts: RequestFacts {
        RequestFacts(headBytes: headBytes, requestBytes: head.count + bodyBytes, httpVersion: "HTTP/2.0")
    }

    var tlsSession: TLSSession? { connection?.stream.tls }

    var connectionStorage: AnyObject? {
        get { connection?.connectionStorage }
        set { connection?.connectionStorage = newValue }
    }

    var isWriteBlocked: Bool { quantumLeft <= 0 || isWindowBlocked || connection?.isOutputFull ?? true }

    var isBodyComplete: Bool { remaining == 0 }

    // MARK: Head

    func sendInterimOnLoop(_ status: HTTPStatus, _ fields: (inout HeadWriter) -> Void) {
        guard let connection else { return }
        response.buffer.append(decimal: status.code)
        response.buffer.append("\r\n")
        fields(&response)
        connection.turnOnLoop { connection.session.inform(on: self) }
        response.buffer.removeAll()
    }

    func beginResponseOnLoop(_ status: HTTPStatus, _ length: Int?, _ fields: (inout HeadWriter) -> Void) -> Bool {
        guard let connection else { return false }
        let sendsBody = !status.forbidsBody && exchange.head.method != .head
        beginHead(status)
        fields(&response)
        if !status.forbidsBody, let length { response.field("Content-Length", decimal: length) }
        if connection.server.configuration.notesResponses {
            exchange.notes.note(response.buffer.readable, status: status.code, length: length)
        }
        remaining = sendsBody ? length : 0
        connection.session.respond(on: self, hasBody: remaining != 0)
        return sendsBody
    }

    // MARK: Body

    func writeBodyOnLoop(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard let connection, !isWriteBlocked else { return 0 }
        let allowed = min(bytes.count, remaining ?? .max, quantumLeft)
        guard allowed > 0 else { return 0 }
        return offerOnLoop(UnsafeRawBufferPointer(rebasing: bytes[..<allowed]), to: connection)
    }

    func writeLastBodyOnLoop(_ bytes: UnsafeRawBufferPointer) {
        guard let connection else { return }
        let sent = bytes.isEmpty || connection.isOutputFull ? 0 : offerOnLoop(bytes, to: connection)
        if sent < bytes.count { leftover.append(UnsafeRawBufferPointer(rebasing: bytes[sent...])) }
    }

    private func offerOnLoop(_ bytes: UnsafeRawBufferPointer, to connection: HTTP2Connection) -> Int {
        connection.isGathering = !connection.isTLS && bytes.count > Self.copyLimit
        let taken = connection.session.offer(bytes, on: self, endsBody: remaining == bytes.count)
        if connection.isGathering {
            connection.writeGatheredOnLoop()
            connection.isGathering = false
        }
        if let remaining { self.remaining = remaining - taken }
        quantumLeft -= taken
        window.framed(taken, isAll: taken == bytes.count)
        return taken
    }

    func flushOnLoop() {
        connection?.turnOnLoop {}
    }

    func awaitWritableOnLoop() {
        guard let connection else { return }
        isAwaitingWritable = true
        if isWindowBlocked {
            waitForWindowOnLoop(connection)
        } else {
            connection.enqueueOnLoop(self)
        }
        connection.turnOnLoop {}
    }

    private func waitForWindowOnLoop(_ connection: HTTP2Connection) {
        isWaitingForWindow = true
        window.begin(
            span: connection.server.writePace.span, connectionBytes: connection.framedBodyBytes, at: loop.nowNanoseconds
        )
        connection.expectOnLoop(by: window.deadline)
    }

    /// A stream whose own window is open waits for the connection's: then all streams together are judged.
    func judgeWindowOnLoop(_ now: UInt64) {
        guard let connection, isWaitingForWindow else { return window.end() }
        let moved =
            connection.session.sendWindow(of: self) > 0
            ? connection.framedBodyBytes - window.connectionBytesBefore : window.bytesInSpan
        if connection.server.writePace.isKept(byMoving: moved) {
            window.end()
            waitForWindowOnLoop(connection)
        } else {
            connection.server.metrics.tooSlow()
            window.end()
            giveUpOnLoop(.cancel)
        }
    }

    /// It is this stream's turn.
    func writeOnLoop() {
        guard let connection else { return }
        quantumLeft = Self.quantum
        isWindowBlocked = false
        isAwaitingWritable = false
        if leftover.isEmpty {
            exchange.pumpOnLoop()
            return
        }
        let sent = offerOnLoop(leftover.readable, to: connection)
        leftover.consume(sent)
        if leftover.isEmpty { return }
        if isWindowBlocked { waitForWindowOnLoop(connection) } else { connection.enqueueOnLoop(self) }
    }

    // MARK: End

    func endResponseOnLoop() {
        guard let connection else { return }
        if let remaining, remaining != leftover.count {
            abortOnLoop()
            return
        }
        endOnLoop(connection)
        if remaining == nil {
            connection.session.endBody(on: self, trailers: trailerLines())
        } else if !leftover.isEmpty {
            if isWindowBlocked { waitForWindowOnLoop(connection) } else { connection.enqueueOnLoop(self) }
        }
        connection.turnOnLoop {}
    }

    private func trailerLines() -> [UInt8] {
        guard let trailers = exchange.trailers else { return [] }
        var writer = HeadWriter(capacity: 256)
        for field in trailers where Trailers.mayHold(field.name) { writer.field(name: field.name, value: field.value) }
        return writer.buffer.bytes
    }

    func abortOnLoop() {
        guard let connection else { return }
        connection.turnOnLoop { giveUpOnLoop(.internalError) }
    }
}
