internal import Bytes
internal import EventLoop
internal import HTTP2
internal import HTTPWire
internal import Transport

extension HTTP1Connection {
    /// Least free room given to a read, in bytes; a typical head fits.
    private static let readSize = 8_192

    func readHeadOnLoop() {
        var result = ConnectionStream.Result.blocked
        borrowInputOnLoop()
        input.withWritable(atLeast: Self.readSize) { free in
            result = self.stream.read(into: free)
            if case .bytes(let count) = result { return count }
            return 0
        }
        switch result {
        case .bytes(let count):
            server.metrics.received(count)
            processInputOnLoop()
        case .blocked: returnInputOnLoop()
        case .ended, .broken:
            closeOnLoop()
            returnInputOnLoop()
        }
    }

    /// Takes complete requests from `input` until one has to wait. Small answers to requests that came together leave
    /// together.
    func processInputOnLoop() {
        if isProcessing { return }
        isProcessing = true
        takeRequestsOnLoop()
        isProcessing = false
        if !isClosed { flushOutputOnLoop() }
        returnInputOnLoop()
    }

    private func takeRequestsOnLoop() {
        while !isClosed, machine.phase == .idle, afterFlush == nil {
            if input.isEmpty {
                readDeadline = loop.nowNanoseconds + server.timeouts.idle
                return
            }
            if machine.requests == 0, stream.tls == nil, HTTP2Preface.isPrefix(of: input.readable) {
                if input.count >= HTTP2Preface.byteCount {
                    becomeHTTP2OnLoop()
                } else {
                    readDeadline = loop.nowNanoseconds + server.timeouts.head
                }
                return
            }
            renewExchange()
            switch exchange.head.parse(input.readable, limits: server.headLimits) {
            case .needMore:
                if !isReadingHead {
                    isReadingHead = true
                    readDeadline = loop.nowNanoseconds + server.timeouts.head
                }
                return
            case .complete(let headBytes):
                isReadingHead = false
                if case .length(let length) = exchange.head.framing, let limit = server.configuration.maxBodyBytes,
                    length > limit
                {
                    headCount = headBytes
                    refuseOnLoop(.contentTooLarge, "a request body may have \(limit) bytes", hasHead: true)
                } else {
                    startExchangeOnLoop(headBytes)
                }
            case .refused(let violation):
                refuseOnLoop(violation.status, violation.description)
            }
        }
    }

    /// Gives the next request its own object if the handler kept the last one.
    private func renewExchange() {
        if isKnownUniquelyReferenced(&exchange) { return }
        let old = exchange
        exchange = Exchange(
            loop: loop, connectionNumber: old.connectionNumber, peer: old.peer, local: old.local, isTLS: old.isTLS,
            requestIDs: server.requestIDs)
        exchange.transport = self
        old.transport = nil
    }

    private func startExchangeOnLoop(_ headBytes: Int) {
        headCount = headBytes
        cursor = headBytes
        discarded = 0
        bodyBytes = 0
        readDeadline = Self.never
        var shape = HTTP1ServerMachine.RequestShape()
        switch exchange.head.framing {
        case .none: shape.bodyLength = 0
        case .length(let length): shape.bodyLength = length
        case .chunked: shape.bodyLength = nil
        }
        body = BodyDecoder(exchange.head.framing)
        shape.keepAlive = exchange.head.keepAlive
        shape.expectContinue = exchange.head.expectContinue
        shape.isHead = exchange.head.method == .head
        shape.isHTTP10 = exchange.head.minorVersion == 0
        machine.headReceived(shape)
        exchange.beginOnLoop()
        server.handler.handleOnLoop(exchange)
    }

    /// Answers a request no handler may see, and closes once the client has had a chance to read the answer.
    func refuseOnLoop(_ status: HTTPStatus, _ reason: String, hasHead: Bool = false) {
        machine.requestRefused()
        server.metrics.refused()
        let before = writer.buffer.count
        writer.statusLine(status)
        server.appendDate(to: &writer.buffer)
        writer.field("Content-Type", "text/plain; charset=utf-8")
        writer.field("Content-Length", decimal: reason.utf8.count + 1)
        writer.field("Connection", "close")
        writer.end()
        writer.buffer.append(string: reason)
        writer.buffer.append("\n")
        exchange.refusedOnLoop(hasHead: hasHead)
        let bodyBytes = reason.utf8.count + 1
        server.handler.refusedOnLoop(
            exchange,
            RefusedRequest(
                status: status.code, hasHead: hasHead, requestBytes: hasHead ? headCount : input.count,
                headBytes: writer.buffer.count - before - bodyBytes, bodyBytes: bodyBytes))
        input.removeAll()
        afterFlush = .linger
        flushOutputOnLoop()
        if !isClosed, !isWriteBlocked { finishResponseOnLoop() }
        if !isClosed { updateInterestOnLoop() }
    }

    // MARK: After the last response

    func startLingeringOnLoop() {
        stream.shutdownWrite()
        readDeadline = loop.nowNanoseconds + server.timeouts.linger
    }

    /// Reads and forgets, so that the kernel does not reset the connection under the client's nose.
    func lingerOnLoop() {
        switch stream.read(into: server.scratch) {
        case .bytes(let count):
            server.metrics.received(count)
            discarded += count
            if discarded > server.configuration.lingerLimit { closeOnLoop() }
        case .blocked: break
        case .ended, .broken: closeOnLoop()
        }
    }
}
