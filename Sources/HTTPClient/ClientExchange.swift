internal import Bytes
internal import EventLoop
public import Transport

/// One request under way, for the caller to steer. Every method is called on the client's loop; once the receiver has been
/// told the end, they do nothing.
public final class ClientExchange {
    enum State {
        /// Waiting for a connection to be free.
        case queued
        /// A connection is being made for it.
        case connecting(Connector)
        /// It has a connection.
        case active(ClientConnection)
        /// The receiver knows the end.
        case ended
    }

    let request: ClientRequest
    let client: HTTPClient
    let watchdog: Watchdog
    var state = State.queued
    var receiver: (any ResponseReceiver)?
    /// Sent on a kept connection before: a second failure is final.
    var wasRetried = false
    /// Where it counts as an upload, once it has a place there.
    var uploadPool: ConnectionPool?
    /// The receiver asked for a pause.
    var isPaused = false
    /// Body bytes written by the caller before there was a connection, and what it may still write.
    var outbox = RequestOutbox()

    init(request: ClientRequest, client: HTTPClient, receiver: any ResponseReceiver) {
        self.request = request
        self.client = client
        self.receiver = receiver
        watchdog = Watchdog(client.loop)
    }

    /// Whether the receiver has been told the end, or the exchange was cancelled.
    public var isEnded: Bool {
        if case .ended = state { return true }
        return false
    }

    /// Continues after the receiver returned `.pause`.
    public func resumeOnLoop() {
        client.loop.assertOnLoop()
        guard isPaused else { return }
        isPaused = false
        if case .active(let connection) = state { connection.resumeReadingOnLoop() }
    }

    /// Gives the request up. The connection is closed unless the response is complete; the receiver hears nothing more.
    public func cancelOnLoop() {
        client.loop.assertOnLoop()
        guard !isEnded else { return }
        let before = state
        endOnLoop()
        client.abandonOnLoop(self, in: before)
    }

    /// Sends bytes of a streamed request body. They are copied; `.pause` asks the caller to wait for
    /// `ResponseReceiver.readyForBodyOnLoop()` before it writes more. Bytes beyond the announced length fail the request.
    public func writeBodyOnLoop(_ bytes: UnsafeRawBufferPointer) -> Flow {
        client.loop.assertOnLoop()
        guard !isEnded, !outbox.isFinished else { return .pause }
        guard outbox.append(bytes, announced: request.bodyLength) else {
            failRequestBodyOnLoop("the request body is longer than the \(request.bodyLength ?? 0) bytes announced")
            return .pause
        }
        if case .active(let connection) = state { connection.sendBodyOnLoop() }
        outbox.isWriterWaiting = outbox.bytes.count >= client.configuration.bodyHighWater
        return outbox.isWriterWaiting ? .pause : .more
    }

    /// Ends a streamed request body. A body shorter than announced fails the request.
    public func finishBodyOnLoop() {
        client.loop.assertOnLoop()
        guard !isEnded, !outbox.isFinished else { return }
        if let length = request.bodyLength, outbox.written < length {
            failRequestBodyOnLoop("the request body ended after \(outbox.written) of \(length) bytes")
            return
        }
        outbox.isFinished = true
        if case .active(let connection) = state { connection.sendBodyOnLoop() }
    }

    /// Fails the request because its body cannot be produced.
    func failRequestBodyOnLoop(_ reason: String) {
        let before = state
        failOnLoop(
            ClientError(
                kind: .requestBody, side: .caller, retry: .no, message: "request to \(request.endpoint): \(reason)"))
        client.abandonOnLoop(self, in: before)
    }

    // MARK: Ends

    func failOnLoop(_ error: ClientError) {
        guard let receiver = endOnLoop() else { return }
        client.metrics.failed(error)
        receiver.failedOnLoop(error)
    }

    func completeOnLoop() {
        endOnLoop()?.endOnLoop()
    }

    /// Takes the exchange out of the game; the receiver may be told one last thing.
    @discardableResult
    func endOnLoop() -> (any ResponseReceiver)? {
        guard !isEnded else { return nil }
        state = .ended
        watchdog.stopOnLoop()
        uploadPool?.uploadEndedOnLoop()
        uploadPool = nil
        outbox = RequestOutbox()
        outbox.isFinished = true
        defer { receiver = nil }
        return receiver
    }
}
