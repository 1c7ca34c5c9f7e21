internal import EventLoop
public import HTTPWire

extension Exchange {
    /// Bytes a source may send in one turn of the loop before the other connections get theirs: about a chunk of the edge's
    /// store. More at once is dearer by half, for the second piece meets the client reading and acknowledging the first.
    static let bytesPerTurn = 256_000

    /// Answers with a whole response, head and body in one system call if the socket takes them. `body` is copied only
    /// where the socket does not. `fields` writes the header fields other than `Date`, `Content-Length`,
    /// `Transfer-Encoding` and `Connection`, which the connection adds. A HEAD request gets the head alone.
    public func respondOnLoop(
        status: HTTPStatus, body: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0),
        fields: (inout HeadWriter) -> Void = { _ in }
    ) {
        loop.assertOnLoop()
        guard !isEnded, self.status == 0, let transport else { return }
        self.status = status.code
        if transport.beginResponseOnLoop(status, body.count, fields) {
            transport.writeLastBodyOnLoop(body)
            bodyBytesWritten = body.count
            throttle?.spentOnLoop(body.count)
        }
        transport.endResponseOnLoop()
        noteFirstByteOnLoop()
    }

    /// Sends an interim response (RFC 9110 §15.2), such as 103, ahead of the final one. Does nothing once that has begun, or
    /// for a client of HTTP/1.0. `status` is 102 to 199: `100` is the connection's, `101` is not offered.
    public func sendInterimOnLoop(_ status: HTTPStatus, fields: (inout HeadWriter) -> Void) {
        loop.assertOnLoop()
        precondition(102..<200 ~= status.code, "not an interim status of a handler's")
        guard !isEnded, self.status == 0, let transport else { return }
        transport.sendInterimOnLoop(status, fields)
    }

    /// Starts a response whose body `source` produces as the socket drains. With a `length` the body must have exactly
    /// that many bytes: one that ends short closes the connection. Without, it is chunked (or, for HTTP/1.0, ends with
    /// the connection). The source of a response that carries no body (HEAD, 204, 304) is cancelled at once.
    public func startResponseOnLoop(
        status: HTTPStatus, length: Int?, source: any BodySource, fields: (inout HeadWriter) -> Void = { _ in }
    ) {
        loop.assertOnLoop()
        guard !isEnded, self.status == 0, let transport else {
            source.cancelledOnLoop()
            return
        }
        self.status = status.code
        if transport.beginResponseOnLoop(status, length, fields) {
            self.source = source
            pumpOnLoop()
        } else {
            source.cancelledOnLoop()
            transport.endResponseOnLoop()
        }
    }

    /// Asks the source for bytes again after it returned `.wait`.
    public func resumeResponseOnLoop() {
        loop.assertOnLoop()
        guard !isEnded, source != nil, let transport else { return }
        if isPumping {
            isResumeRequested = true
        } else if !transport.isAwaitingWritable, hold == nil {
            pumpOnLoop()
        }
    }

    /// Gives the exchange up: the connection is closed, so that a response already begun is seen to be truncated.
    public func abortOnLoop() {
        loop.assertOnLoop()
        guard !isEnded else { return }
        transport?.abortOnLoop()
    }

    /// Lets the source produce until it is done, waits, is held back, or the socket is full.
    func pumpOnLoop() {
        guard !isPumping, hold == nil, let transport else { return }
        let limit = bodyBytesWritten + Self.bytesPerTurn
        while !isEnded, let source {
            if let throttle, isHeldBackOnLoop(by: throttle) { return }
            isPumping = true
            isResumeRequested = false
            let before = bodyBytesWritten
            let production = source.produceOnLoop(into: BodyWriter(self))
            isPumping = false
            if isEnded { return }
            switch production {
            case .more:
                if transport.isBodyComplete {
                    self.source = nil
                    source.cancelledOnLoop()
                    transport.endResponseOnLoop()
                    return
                }
                noteFirstByteOnLoop()
                if transport.isWriteBlocked || bodyBytesWritten >= limit || bodyBytesWritten == before {
                    transport.awaitWritableOnLoop()
                    return
                }
            case .wait:
                if isResumeRequested { continue }
                transport.flushOnLoop()
                noteFirstByteOnLoop()
                return
            case .finished:
                self.source = nil
                transport.endResponseOnLoop()
                return
            case .failed:
                self.source = nil
                hasSourceFailed = true
                transport.abortOnLoop()
                return
            }
        }
    }

    /// The body of `BodyWriter.write`.
    func writeFromSourceOnLoop(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard !isEnded, let transport, !bytes.isEmpty else { return 0 }
        guard let throttle else {
            let accepted = transport.writeBodyOnLoop(bytes)
            bodyBytesWritten += accepted
            return accepted
        }
        let accepted = transport.writeBodyOnLoop(
            UnsafeRawBufferPointer(rebasing: bytes[..<min(bytes.count, allowance)]))
        bodyBytesWritten += accepted
        allowance -= accepted
        throttle.spentOnLoop(accepted)
        return accepted
    }
}
