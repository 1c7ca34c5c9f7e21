internal import Bytes
internal import EventLoop
internal import HTTPWire
internal import Transport

extension ClientConnection {
    /// Bytes of a body moved into `writer` at a time.
    private static let pieceSize = 65_536

    /// Fields the client writes itself.
    private static let ownFields: [String] = ["host", "content-length", "transfer-encoding", "connection", "te"]

    func writeHead(of request: ClientRequest) {
        writer.requestLine(request.method, target: request.target)
        writer.field("Host", string: request.headers.first("Host") ?? request.endpoint.authority)
        for field in request.headers where !Self.isOwn(field.name) {
            writer.field(name: field.name, value: field.value)
        }
        if request.acceptsTrailers {
            writer.field("TE", "trailers")
            writer.field("Connection", "TE")
        }
        switch request.body {
        case .none:
            if request.method == .post || request.method == .put { writer.field("Content-Length", decimal: 0) }
        case .bytes, .stream, .asyncStream:
            if let length = request.bodyLength {
                writer.field("Content-Length", decimal: length)
            } else {
                writer.field("Transfer-Encoding", "chunked")
            }
        }
        writer.end()
    }

    /// Sends what is queued and as much of the body as the socket takes.
    func sendBodyOnLoop() {
        while !isClosed, !isWriteBlocked {
            let isLast = queueBody()
            guard flushOnLoop() else { return }
            if isLast, !isWriteBlocked {
                if exchange != nil, !machine.isRequestComplete { machine.requestSent() }
                break
            }
            if writer.buffer.isEmpty, !hasBodyToQueue { break }
        }
        if isClosed { return }
        updateInterestOnLoop()
        if let exchange, exchange.outbox.isWriterWaiting,
            exchange.outbox.bytes.count < client.configuration.bodyHighWater / 2
        {
            exchange.outbox.isWriterWaiting = false
            exchange.receiver?.readyForBodyOnLoop()
        }
    }

    private static func isOwn(_ name: String) -> Bool {
        ownFields.contains { ASCII.equalsIgnoringCase($0, name) }
    }

    private var hasBodyToQueue: Bool {
        guard let exchange else { return false }
        switch exchange.request.body {
        case .none: return false
        case .bytes(let bytes): return bodyOffset < bytes.count
        case .stream, .asyncStream: return !exchange.outbox.bytes.isEmpty
        }
    }

    /// Moves body bytes into `writer` while it is short. True when the whole body has been moved.
    private func queueBody() -> Bool {
        guard let exchange, !machine.isRequestComplete else { return true }
        switch exchange.request.body {
        case .none:
            return true
        case .bytes(let bytes):
            if writer.buffer.count < Self.pieceSize, bodyOffset < bytes.count {
                let end = min(bytes.count, bodyOffset + Self.pieceSize)
                writer.buffer.append(bytes[bodyOffset..<end])
                bodyOffset = end
            }
            return bodyOffset == bytes.count
        case .stream(let length), .asyncStream(let length, _):
            if writer.buffer.count < Self.pieceSize, !exchange.outbox.bytes.isEmpty {
                let waiting = exchange.outbox.bytes.readable
                let piece = UnsafeRawBufferPointer(rebasing: waiting[..<min(waiting.count, Self.pieceSize)])
                if length == nil { ChunkedEncoding.writeStart(ofChunk: piece.count, into: &writer.buffer) }
                writer.buffer.append(piece)
                if length == nil { writer.buffer.append(ChunkedEncoding.chunkEnd) }
                exchange.outbox.bytes.consume(piece.count)
            }
            guard exchange.outbox.isFinished, exchange.outbox.bytes.isEmpty else { return false }
            if length == nil, !exchange.outbox.isEndQueued {
                exchange.outbox.isEndQueued = true
                writer.buffer.append(ChunkedEncoding.bodyEnd)
            }
            return true
        }
    }

    /// Writes `writer`. False if the connection is gone.
    private func flushOnLoop() -> Bool {
        while !writer.buffer.isEmpty || stream.hasPendingOutput {
            switch stream.write(writer.buffer.readable) {
            case .bytes(let count):
                hasSentBytes = true
                client.metrics.sent(count)
                writer.buffer.consume(count)
                if let exchange { exchange.watchdog.extendOnLoop(progressTimeout(of: exchange)) }
            case .blocked:
                isWriteBlocked = true
                return true
            case .ended, .broken:
                return writeFailedOnLoop()
            }
        }
        return true
    }

    private func progressTimeout(of exchange: ClientExchange) -> Duration {
        if case .awaitingHead = machine.phase { return exchange.request.responseTimeout }
        return exchange.request.idleTimeout
    }

    /// The server takes no more. It may have answered before it closed, so what it sent is read first.
    private func writeFailedOnLoop() -> Bool {
        writer.buffer.removeAll()
        readOnLoop(isReset: true)
        if !isClosed { endedOnLoop(isClean: false, reason: "connection broken while sending the request") }
        return false
    }
}
