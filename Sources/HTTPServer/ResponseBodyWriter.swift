internal import EventLoop

/// Why a response body could not be written.
public enum ResponseBodyError: Error, Sendable, Equatable {
    /// The client went away, or the announced length has been sent.
    case disconnected
}

/// The way of an async handler's body to the client. A write returns when the socket has taken the bytes, so a slow client
/// slows its handler and no one else.
public struct ResponseBodyWriter: Sendable {
    let source: AsyncBodySource

    /// Sends `bytes`. Throws `ResponseBodyError.disconnected` once the client is gone, which is how a handler learns of it.
    /// Only one write may be in progress.
    public func write(_ bytes: [UInt8]) async throws(ResponseBodyError) {
        if bytes.isEmpty { return }
        let result = await withCheckedContinuation { continuation in
            source.onLoop { $0.offerOnLoop(bytes, continuation) }
        }
        try result.get()
    }

    /// Sends the UTF-8 of `text`.
    public func write(_ text: String) async throws(ResponseBodyError) {
        try await write([UInt8](text.utf8))
    }
}

/// Feeds an exchange from a task. Loop-confined but for the hop.
final class AsyncBodySource: BodySource, @unchecked Sendable {
    // Sendable because everything but `loop` is touched on the loop only.

    typealias Continuation = CheckedContinuation<Result<Void, ResponseBodyError>, Never>

    private enum State {
        case open
        case finished
        case failed
        case cancelled
    }

    private let loop: EventLoop
    private let exchange: Exchange
    private var state = State.open
    private var pending: [UInt8] = []
    private var offset = 0
    private var writer: Continuation?

    init(_ exchange: Exchange) {
        self.exchange = exchange
        loop = exchange.loop
    }

    func onLoop(_ body: @escaping @Sendable (AsyncBodySource) -> Void) {
        if loop.isOnLoop { body(self) } else { loop.submit { body(self) } }
    }

    /// Whether the response carries this body and the client is there.
    var isOpenOnLoop: Bool { state == .open }

    func offerOnLoop(_ bytes: [UInt8], _ continuation: Continuation) {
        precondition(writer == nil, "a response body is written by one task at a time")
        guard state == .open else {
            continuation.resume(returning: .failure(.disconnected))
            return
        }
        pending = bytes
        offset = 0
        writer = continuation
        exchange.resumeResponseOnLoop()
    }

    /// Ends the body, short of its length if the handler failed.
    func endOnLoop(succeeded: Bool) {
        guard state == .open else { return }
        state = succeeded ? .finished : .failed
        exchange.resumeResponseOnLoop()
    }

    func produceOnLoop(into bodyWriter: borrowing BodyWriter) -> Production {
        switch state {
        case .finished: return .finished
        case .failed, .cancelled: return .failed
        case .open: break
        }
        guard offset < pending.count else { return .wait }
        offset += pending.withUnsafeBytes { bytes in
            bodyWriter.write(UnsafeRawBufferPointer(rebasing: bytes[offset...]))
        }
        guard offset == pending.count else { return .more }
        pending = []
        offset = 0
        resumeWriter(with: .success(()))
        return .wait
    }

    func cancelledOnLoop() {
        if state == .open { state = .cancelled }
        resumeWriter(with: .failure(.disconnected))
    }

    private func resumeWriter(with result: Result<Void, ResponseBodyError>) {
        let continuation = writer
        writer = nil
        continuation?.resume(returning: result)
    }
}

/// Feeds an exchange from an array too large to be copied into the connection's buffer.
final class ArrayBodySource: BodySource {
    private let bytes: [UInt8]
    private var offset = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    func produceOnLoop(into writer: borrowing BodyWriter) -> Production {
        offset += bytes.withUnsafeBytes { writer.write(UnsafeRawBufferPointer(rebasing: $0[offset...])) }
        return offset == bytes.count ? .finished : .more
    }

    func cancelledOnLoop() {}
}
