internal import Bytes
internal import EventLoop
internal import HTTPWire
internal import TLS
internal import Transport

extension HTTP1Connection: ExchangeTransport {
    /// Most bytes of answers to pipelined requests that wait for each other.
    private static let coalescedBytes = 16_384

    var headBytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: input.readable[..<min(headCount, input.count)])
    }

    var requestFacts: RequestFacts {
        RequestFacts(
            headBytes: headBytes, requestBytes: headCount + bodyBytes,
            httpVersion: exchange.head.minorVersion == 0 ? "HTTP/1.0" : "HTTP/1.1")
    }

    var tlsSession: TLSSession? { stream.tls }

    var isBodyComplete: Bool { machine.isAnnouncedLengthWritten }

    // MARK: Head

    func sendInterimOnLoop(_ status: HTTPStatus, _ fields: (inout HeadWriter) -> Void) {
        guard exchange.head.minorVersion == 1 else { return }
        writer.statusLine(status)
        fields(&writer)
        writer.end()
        flushOnLoop()
    }

    func beginResponseOnLoop(_ status: HTTPStatus, _ length: Int?, _ fields: (inout HeadWriter) -> Void) -> Bool {
        let start = machine.responseBegins(status: status.code, length: length)
        framing = start.framing
        sendsBody = start.sendsBody
        borrowOutputOnLoop()
        let mark = writer.buffer.count
        writer.statusLine(status)
        fields(&writer)
        server.appendDate(to: &writer.buffer)
        switch start.framing {
        case .none, .untilClose: break
        case .length(let length): writer.field("Content-Length", decimal: length)
        case .chunked: writer.field("Transfer-Encoding", "chunked")
        }
        if start.closes {
            writer.field("Connection", "close")
        } else if exchange.head.minorVersion == 0 {
            writer.field("Connection", "keep-alive")
        }
        writer.end()
        if server.configuration.notesResponses {
            let head = UnsafeRawBufferPointer(rebasing: writer.buffer.readable[mark...])
            exchange.notes.note(head, status: status.code, length: length)
        }
        return start.sendsBody
    }

    // MARK: Body

    /// Bodies up to this size are copied behind their head: cheaper than a system call with two pieces.
    private static let joinedBytes = 4_096

    func writeBodyOnLoop(_ bytes: UnsafeRawBufferPointer) -> Int {
        let allowed = machine.bodyBytesAllowed(bytes.count)
        guard allowed > 0, !isBroken, !isWriteBlocked else { return 0 }
        let piece = UnsafeRawBufferPointer(rebasing: bytes[..<allowed])
        let written = framing == .chunked ? writeChunkOnLoop(piece) : sendOnLoop(piece)
        machine.bodyBytesWritten(written)
        return written
    }

    func writeLastBodyOnLoop(_ bytes: UnsafeRawBufferPointer) {
        guard !isBroken else { return }
        if bytes.count <= Self.joinedBytes {
            writer.buffer.append(bytes)
            machine.bodyBytesWritten(bytes.count)
            return
        }
        var sent = 0
        if !isWriteBlocked { sent = sendOnLoop(bytes) }
        if sent < bytes.count { writer.buffer.append(UnsafeRawBufferPointer(rebasing: bytes[sent...])) }
        machine.bodyBytesWritten(bytes.count)
    }

    func flushOnLoop() {
        flushOutputOnLoop()
        if !isClosed { updateInterestOnLoop() }
    }

    func awaitWritableOnLoop() {
        if isBroken {
            closeOnLoop(reset: true)
            return
        }
        isAwaitingWritable = true
        updateInterestOnLoop()
    }

    // MARK: End

    func endResponseOnLoop() {
        if isClosed { return }
        let end = machine.responseEnds()
        if isBroken || end == .abort || chunkRemaining > 0 {
            abortOnLoop()
            return
        }
        if framing == .chunked, sendsBody { writeChunkedEnd() }
        readDeadline = Self.never
        afterFlush = end
        if !isWriteBlocked, end != .nextRequest || !mayWait { flushOutputOnLoop() }
        if isClosed { return }
        if !isWriteBlocked { finishResponseOnLoop() }
        if !isClosed { updateInterestOnLoop() }
    }

    /// Whether what is to be written may wait for the answer to the next request, which is already here. `processInputOnLoop`
    /// writes it at the end of the turn at the latest.
    private var mayWait: Bool {
        isProcessing && !isDelivering && cursor < input.count && writer.buffer.count <= Self.coalescedBytes
    }

    private func writeChunkedEnd() {
        guard let trailers = exchange.trailers else {
            writer.buffer.append(ChunkedEncoding.bodyEnd)
            return
        }
        writer.buffer.append(ChunkedEncoding.lastChunk)
        for field in trailers where Trailers.mayHold(field.name) {
            writer.field(name: field.name, value: field.value)
        }
        writer.end()
    }

    func abortOnLoop() {
        closeOnLoop(reset: isBroken || framing == .untilClose)
    }

    /// The response has left for the kernel completely.
    func finishResponseOnLoop() {
        guard let end = afterFlush else { return }
        afterFlush = nil
        let wasExchange = !exchange.isEnded
        if wasExchange {
            reportOnLoop(isComplete: true)
            exchange.completedOnLoop()
        }
        switch end {
        case .nextRequest:
            releaseRequest()
            processInputOnLoop()
        case .discard:
            if case .length(let left) = body, left > machine.discardLimit {
                machine.discardedTooMuch()
                startLingeringOnLoop()
            } else {
                beginBodySpanOnLoop()
                deliverBufferedBodyOnLoop()
            }
        case .linger:
            startLingeringOnLoop()
        case .close, .abort:
            closeOnLoop()
        }
    }

    /// The rest of an unread body has been thrown away.
    func finishDiscardOnLoop() {
        releaseRequest()
    }

    /// Drops the request from `input`; what follows it is the next one.
    private func releaseRequest() {
        input.consume(cursor)
        cursor = 0
        headCount = 0
        readDeadline = loop.nowNanoseconds + server.timeouts.idle
        server.resumeAcceptingOnLoop()
    }
}
