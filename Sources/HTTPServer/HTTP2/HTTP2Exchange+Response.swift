internal import Bytes
internal import EventLoop
internal import HTTP2
internal import HTTPWire
internal import Telemetry

extension HTTP2Exchange: ExchangeTransport {
    /// Bodies larger than one frame are written from where they lie; smaller ones share a write with their neighbours.
    private static let copyLimit = 16_384

    var headBytes: UnsafeRawBufferPointer { head.readable }

    var connectionStorage: AnyObject? {
        get { connection?.connectionStorage }
        set { connection?.connectionStorage = newValue }
    }

    var isWriteBlocked: Bool { quantumLeft <= 0 || isWindowBlocked || connection?.isOutputFull ?? true }

    var isBodyComplete: Bool { remaining == 0 }

    func makeRequestIDOnLoop() -> RequestID {
        guard let connection else { return .random() }
        return RequestID(using: &connection.server.requestIDs)
    }

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
        if taken > 0 { windowDeadline = HTTP2Connection.never }
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
        guard windowDeadline == HTTP2Connection.never else { return }
        windowDeadline = loop.nowNanoseconds + connection.server.timeouts.write
        connection.expectOnLoop(by: windowDeadline)
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
