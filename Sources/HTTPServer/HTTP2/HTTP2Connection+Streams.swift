internal import Bytes
internal import EventLoop
internal import HTTP2
internal import Transport

extension HTTP2Connection: HTTP2SessionOwner {
    /// Body bytes of one connection in one turn, before the other connections get theirs.
    private static let bytesPerTurn = 1 << 20

    func makeStream() -> HTTP2Stream {
        let exchange = server.takeStreamOnLoop()
        exchange.adoptOnLoop(by: self)
        return exchange
    }

    func handle(_ event: HTTP2Event) {
        if isClosed { return }
        switch event {
        case .head(let stream): HTTP2Exchange.of(stream).headArrivedOnLoop()
        case .data(let stream, let bytes): HTTP2Exchange.of(stream).bodyArrivedOnLoop(bytes)
        case .bodyEnded(let stream): HTTP2Exchange.of(stream).bodyEndedOnLoop()
        case .windowOpened(let stream?): windowOpenedOnLoop(HTTP2Exchange.of(stream))
        case .windowOpened(nil):
            for stream in session.streams { windowOpenedOnLoop(HTTP2Exchange.of(stream)) }
        case .closed(let stream, _): HTTP2Exchange.of(stream).closedOnLoop()
        case .drainAcknowledged: session.finishDrain()
        }
    }

    func noteReset(_ code: HTTP2ErrorCode, byClient: Bool) {
        server.metrics.streamReset(code, byClient: byClient)
    }

    func noteGoAway(_ code: HTTP2ErrorCode, reason: String) {
        server.metrics.connectionEnded(code)
    }

    // MARK: Turns of the streams

    /// Lets `exchange` write when its turn comes.
    func enqueueOnLoop(_ exchange: HTTP2Exchange) {
        guard !exchange.isQueued else { return }
        exchange.isQueued = true
        // One that does not share goes on until it is done, as long as nothing more urgent waits.
        if exchange.priority.isIncremental || writers.isEmpty {
            writers.append(exchange)
        } else {
            writers.insert(exchange, at: 0)
        }
    }

    private func windowOpenedOnLoop(_ exchange: HTTP2Exchange) {
        guard exchange.isWaitingForWindow else { return }
        exchange.isWaitingForWindow = false
        enqueueOnLoop(exchange)
    }

    /// Lets sources produce, the most urgent first and otherwise in turn, until the socket is full.
    func writeBodiesOnLoop() {
        var left = Self.bytesPerTurn
        while left > 0, !isOutputFull, let exchange = nextWriterOnLoop() {
            let before = queuedBytes
            exchange.writeOnLoop()
            left -= max(queuedBytes - before, 1)
        }
    }

    private func nextWriterOnLoop() -> HTTP2Exchange? {
        guard var best = writers.indices.first else { return nil }
        for index in writers.indices.dropFirst()
        where writers[index].priority.urgency < writers[best].priority.urgency {
            best = index
        }
        let exchange = writers.remove(at: best)
        exchange.isQueued = false
        return exchange
    }

    // MARK: Ends

    /// Remembers behind which byte of the output each finished response lies.
    func markEndingOnLoop() {
        for exchange in ending where exchange.isLocalEnded && exchange.endMark == nil {
            exchange.endMark = queuedBytes
        }
    }

    /// Ends the exchanges whose last byte the kernel has.
    func completeFlushedOnLoop() {
        if stream.hasPendingOutput { return }
        var index = 0
        while index < ending.count {
            let exchange = ending[index]
            if let mark = exchange.endMark, mark <= flushedBytes {
                ending.remove(at: index)
                exchange.completeOnLoop()
            } else {
                index += 1
            }
        }
    }
}
