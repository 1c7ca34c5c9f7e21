internal import EventLoop
internal import Synchronization

/// Carries a request body from its loop to the task that reads it.
final class RequestBodyStream: BodySink, Sendable {
    /// Bytes held for a slow reader before the socket is left unread.
    static let highWater = 131_072

    private enum End {
        case open
        case ended
        case failed(RequestBodyError)
    }

    private struct State {
        var chunks: [[UInt8]] = []
        var bytes = 0
        var end = End.open
        var isStarted = false
        var isPaused = false
        var reader: CheckedContinuation<Result<[UInt8]?, RequestBodyError>, Never>?
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
            resumeReader(with: .failure(.exchangeEnded))
        }
        return try result.get()
    }

    private func takeReady() -> Result<[UInt8]?, RequestBodyError>? {
        let (result, resumes) = state.withLock { state in Self.take(&state) }
        if resumes { onLoop { $0.exchange.resumeBodyOnLoop() } }
        return result
    }

    private func wait(_ continuation: CheckedContinuation<Result<[UInt8]?, RequestBodyError>, Never>) {
        let (result, starts) = state.withLock { state -> (Result<[UInt8]?, RequestBodyError>?, Bool) in
            if let result = Self.take(&state).0 { return (result, false) }
            precondition(state.reader == nil, "a request body is read by one task at a time")
            if Task.isCancelled { return (.failure(.exchangeEnded), false) }
            state.reader = continuation
            defer { state.isStarted = true }
            return (nil, !state.isStarted)
        }
        if let result {
            continuation.resume(returning: result)
        } else if starts {
            onLoop { $0.exchange.readBodyOnLoop(into: $0) }
        }
    }

    /// What can be answered without waiting, and whether the paused socket should be read again.
    private static func take(_ state: inout State) -> (Result<[UInt8]?, RequestBodyError>?, Bool) {
        if !state.chunks.isEmpty {
            let chunk = state.chunks.removeFirst()
            state.bytes -= chunk.count
            let resumes = state.isPaused && state.bytes <= highWater / 2
            if resumes { state.isPaused = false }
            return (.success(chunk), resumes)
        }
        switch state.end {
        case .open: return (nil, false)
        case .ended: return (.success(nil), false)
        case .failed(let error): return (.failure(error), false)
        }
    }

    private func resumeReader(with result: Result<[UInt8]?, RequestBodyError>) {
        let reader = state.withLock { state in
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume(returning: result)
    }

    private func onLoop(_ body: @escaping @Sendable (RequestBodyStream) -> Void) {
        if loop.isOnLoop { body(self) } else { loop.submit { body(self) } }
    }

    // MARK: Producer, on the loop

    func receiveOnLoop(_ bytes: UnsafeRawBufferPointer) -> Flow {
        let chunk = [UInt8](bytes)
        let (reader, flow) = state.withLock { state in
            if let reader = state.reader {
                state.reader = nil
                return (Optional(reader), Flow.more)
            }
            state.chunks.append(chunk)
            state.bytes += chunk.count
            state.isPaused = state.bytes >= Self.highWater
            return (nil, state.isPaused ? .pause : .more)
        }
        reader?.resume(returning: .success(chunk))
        return flow
    }

    func endOnLoop() {
        finish(.ended, .success(nil))
    }

    func failedOnLoop(_ error: RequestBodyError) {
        finish(.failed(error), .failure(error))
    }

    private func finish(_ end: End, _ result: Result<[UInt8]?, RequestBodyError>) {
        let reader = state.withLock { state in
            state.end = end
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume(returning: result)
    }
}
