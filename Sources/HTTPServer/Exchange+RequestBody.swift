internal import EventLoop
internal import Transport

extension Exchange {
    /// Starts delivering the request body to `sink`, sending `100 Continue` first if the client waits for it; a handler
    /// that refuses a request therefore answers without calling this. A request without a body ends at once. Bytes
    /// already received may be delivered before this returns.
    public func readBodyOnLoop(into sink: any BodySink) {
        loop.assertOnLoop()
        guard !isEnded, let transport, self.sink == nil else {
            sink.failedOnLoop(.exchangeEnded)
            return
        }
        self.sink = sink
        isSinkPaused = false
        transport.readBodyOnLoop()
    }

    /// Continues after the sink returned `.pause`.
    public func resumeBodyOnLoop() {
        loop.assertOnLoop()
        guard !isEnded, isSinkPaused, sink != nil, let transport else { return }
        isSinkPaused = false
        transport.readBodyOnLoop()
    }

    /// Stops delivering; what is left of the body is treated as unread.
    public func stopReadingBodyOnLoop() {
        loop.assertOnLoop()
        sink = nil
        isSinkPaused = false
    }

    /// Delivers bytes of the body. Returns whether more may follow now.
    func deliverBodyOnLoop(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let sink else { return false }
        if bytes.isEmpty { return !isSinkPaused }
        if sink.receiveOnLoop(bytes) == .pause { isSinkPaused = true }
        return !isSinkPaused && !isEnded
    }

    func bodyEndedOnLoop() {
        let sink = sink
        self.sink = nil
        sink?.endOnLoop()
    }

    func bodyFailedOnLoop(_ error: RequestBodyError) {
        let sink = sink
        self.sink = nil
        sink?.failedOnLoop(error)
    }
}
