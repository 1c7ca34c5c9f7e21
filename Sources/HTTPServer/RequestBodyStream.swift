internal import EventLoop
internal import Synchronization
internal import Transport

/// Carries a request body from its loop to the task that reads it.
final class RequestBodyStream: BodySink, Sendable {
    /// Bytes held for a slow reader before the socket is left unread; with the 64 KiB of one read they make a piece of 256 KiB.
    static let highWater = 196_608

    private typealias Queue = BodyQueue<RequestBodyError>

    private struct State {
        var queue = Queue(highWater: highWater)
        var isStarted = false
    }

    private let state = Mutex(State())
    private let loop: EventLoop
    // Used on the loop only.
    private nonisolated(unsafe) let exchange: Exchange

    init(_ exchange: Exchange) {
        self.exchange = exchange
        loop = exchange.loop
    }

    // MARK: Reader, on any thread

    func next() async throws(RequestBodyError) -> [UInt8]? {
        if let ready = takeReady() { return try ready.get() }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in wait(continuation) }
        } onCancel: {
            cancelReader()
        }
        return try result.get()
    }

    private func takeReady() -> Queue.Next? {
        perform(state.withLock { $0.queue.take() })
    }

    private func wait(_ reader: Queue.Reader) {
        let (answer, starts) = state.withLock { state -> (Queue.Answer, Bool) in
            var answer = state.queue.wait(reader)
            if answer.next != nil { return (answer, false) }
            if Task.isCancelled {
                _ = state.queue.removeReader()
                answer.next = .failure(.exchangeEnded)
                return (answer, false)
            }
            defer { state.isStarted = true }
            return (answer, !state.isStarted)
        }
        if let next = perform(answer) {
            reader.resume(returning: next)
        } else if starts {
            onLoop { $0.exchange.readBodyOnLoop(into: $0) }
        }
    }

    private func perform(_ answer: Queue.Answer) -> Queue.Next? {
        if answer.resumesProducer { onLoop { $0.exchange.resumeBodyOnLoop() } }
        return answer.next
    }

    private func cancelReader() {
        let reader = state.withLock { $0.queue.removeReader() }
        reader?.resume(returning: .failure(.exchangeEnded))
    }

    private func onLoop(_ body: @escaping @Sendable (RequestBodyStream) -> Void) {
        if loop.isOnLoop { body(self) } else { loop.submit { body(self) } }
    }

    // MARK: Producer, on the loop

    func receiveOnLoop(_ bytes: UnsafeRawBufferPointer) -> Flow {
        let receipt = state.withLock { $0.queue.receive(bytes) }
        receipt.deliver()
        return receipt.pauses ? .pause : .more
    }

    func endOnLoop() {
        let reader = state.withLock { $0.queue.finish() }
        reader?.resume(returning: .success(nil))
    }

    func failedOnLoop(_ error: RequestBodyError) {
        let reader = state.withLock { $0.queue.finish(error) }
        reader?.resume(returning: .failure(error))
    }
}
