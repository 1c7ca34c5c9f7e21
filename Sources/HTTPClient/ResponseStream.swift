internal import EventLoop
internal import Synchronization
internal import Transport

/// Carries a response from its loop to the task that reads it. Owned by the response's body: when that is dropped, the
/// request is cancelled.
final class ResponseStream: Sendable {
    private let channel: ResponseChannel

    init(_ channel: ResponseChannel) {
        self.channel = channel
    }

    deinit {
        channel.cancel()
    }

    func next() async throws(ClientError) -> [UInt8]? {
        try await channel.next()
    }

    func tooLarge(_ limit: Int) -> ClientError {
        ClientError(
            kind: .tooLarge, side: .own, retry: .no,
            message: "the response of \(channel.endpoint) is larger than the \(limit) bytes allowed")
    }
}

/// The receiver behind `HTTPClient.send`: filled on the loop, emptied by one task anywhere.
final class ResponseChannel: ResponseReceiver, @unchecked Sendable {
    // Sendable because `exchange` is touched on the loop only and the rest is locked or immutable.

    /// Bytes held for a slow reader before the socket is left unread.
    private static let highWater = 262_144

    typealias HeadContinuation = CheckedContinuation<Result<ClientResponseHead, ClientError>, Never>
    private typealias Queue = BodyQueue<ClientError>

    private struct State {
        var head: Result<ClientResponseHead, ClientError>?
        var headWaiter: HeadContinuation?
        var queue = Queue(highWater: highWater)
        var bodyWaiter: CheckedContinuation<Bool, Never>?
    }

    let endpoint: Endpoint
    private let loop: EventLoop
    private let state = Mutex(State())
    private var exchange: ClientExchange?
    private var isCancelled = false

    init(endpoint: Endpoint, loop: EventLoop) {
        self.endpoint = endpoint
        self.loop = loop
    }

    // MARK: Caller, on any thread

    /// Starts the request and waits for the head of its response.
    func start(_ request: ClientRequest, on client: HTTPClient) async throws(ClientError) -> ClientResponseHead {
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                state.withLock { $0.headWaiter = continuation }
                onLoop { channel in
                    channel.exchange = client.startOnLoop(request, receiver: channel)
                    if channel.isCancelled { channel.cancelOnLoop() }
                    if case .asyncStream(_, let producer) = request.body { channel.produceOnLoop(producer) }
                }
            }
        } onCancel: {
            cancel()
        }
        return try result.get()
    }

    func next() async throws(ClientError) -> [UInt8]? {
        if let ready = takeReady() { return try ready.get() }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { reader in
                if let next = perform(state.withLock({ $0.queue.wait(reader) })) { reader.resume(returning: next) }
            }
        } onCancel: {
            cancel()
        }
        return try result.get()
    }

    /// Gives the request up; whoever waits for it gets an error.
    func cancel() {
        onLoop { $0.cancelOnLoop() }
    }

    private func takeReady() -> Queue.Next? {
        perform(state.withLock { $0.queue.take() })
    }

    private func perform(_ answer: Queue.Answer) -> Queue.Next? {
        if answer.resumesProducer { onLoop { $0.exchange?.resumeOnLoop() } }
        return answer.next
    }

    private func onLoop(_ body: @escaping @Sendable (ResponseChannel) -> Void) {
        if loop.isOnLoop { body(self) } else { loop.submit { body(self) } }
    }

    // MARK: Receiver, on the loop

    func headOnLoop(_ head: ClientResponseHead) {
        let waiter = state.withLock { state in
            state.head = .success(head)
            defer { state.headWaiter = nil }
            return state.headWaiter
        }
        waiter?.resume(returning: .success(head))
    }

    func bodyOnLoop(_ bytes: UnsafeRawBufferPointer) -> Flow {
        let receipt = state.withLock { $0.queue.receive(bytes) }
        receipt.deliver()
        return receipt.pauses ? .pause : .more
    }

    func endOnLoop() {
        finishOnLoop(nil)
    }

    func failedOnLoop(_ error: ClientError) {
        finishOnLoop(error)
    }

    func readyForBodyOnLoop() {
        resumeBodyWaiter(true)
    }

    private func cancelOnLoop() {
        isCancelled = true
        guard let exchange, !exchange.isEnded else { return }
        exchange.cancelOnLoop()
        failedOnLoop(
            ClientError(
                kind: .cancelled, side: .caller, retry: .no, message: "the request to \(endpoint) was cancelled"))
    }

    private func finishOnLoop(_ error: ClientError?) {
        exchange = nil
        let (headWaiter, reader) = state.withLock { state in
            defer { state.headWaiter = nil }
            return (state.headWaiter, state.queue.finish(error))
        }
        if let error {
            headWaiter?.resume(returning: .failure(error))
            reader?.resume(returning: .failure(error))
        } else {
            reader?.resume(returning: .success(nil))
        }
        resumeBodyWaiter(false)
    }

    // MARK: Request body

    /// Runs the producer of a streamed request body beside the exchange.
    private func produceOnLoop(_ producer: @escaping ClientRequest.BodyProducer) {
        let writer = ClientBodyWriter(channel: self)
        Task(executorPreference: loop) {
            do {
                try await producer(writer)
                self.onLoop { $0.exchange?.finishBodyOnLoop() }
            } catch {
                self.onLoop { $0.exchange?.failRequestBodyOnLoop("the request body failed: \(error)") }
            }
        }
    }

    func write(_ bytes: [UInt8]) async -> Bool {
        await withCheckedContinuation { continuation in
            onLoop { channel in
                guard let exchange = channel.exchange, !exchange.isEnded else {
                    continuation.resume(returning: false)
                    return
                }
                let flow = bytes.withUnsafeBytes { exchange.writeBodyOnLoop($0) }
                if exchange.isEnded {
                    continuation.resume(returning: false)
                } else if flow == .more {
                    continuation.resume(returning: true)
                } else {
                    channel.state.withLock { $0.bodyWaiter = continuation }
                }
            }
        }
    }

    private func resumeBodyWaiter(_ canWrite: Bool) {
        let waiter = state.withLock { state in
            defer { state.bodyWaiter = nil }
            return state.bodyWaiter
        }
        waiter?.resume(returning: canWrite)
    }
}
