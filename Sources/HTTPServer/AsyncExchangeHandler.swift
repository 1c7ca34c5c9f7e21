internal import Bytes
internal import EventLoop
internal import HTTPWire
internal import Telemetry

/// Answers every request with an async route, run as a task on the connection's loop. The route may suspend and hop as it
/// likes; it must not block the loop.
public final class AsyncExchangeHandler: ExchangeHandler {
    /// Bodies in memory beyond this many bytes are sent from where they are instead of being copied.
    static let copyLimit = 65_536

    private let route: AsyncRoute

    /// Makes the handler of one loop.
    public init(_ route: @escaping AsyncRoute) {
        self.route = route
    }

    /// Runs the route as a task on the exchange's loop.
    public func handleOnLoop(_ exchange: Exchange) {
        let request = Request(exchange)
        let conversation = AsyncConversation(exchange)
        let route = route
        Task(executorPreference: exchange.loop) {
            let response = await route(request)
            await conversation.respond(with: response)
        }
    }
}

extension Request {
    /// Copies the head of `exchange` out of its connection.
    public init(_ exchange: Exchange) {
        let head = exchange.head
        let bytes = exchange.headBytes
        method = head.method
        target = head.target.string(in: bytes)
        path = head.path.isEmpty && target != "*" ? "/" : head.path.string(in: bytes)
        query = head.query.map { $0.string(in: bytes) }
        headers = Headers(head.fields, in: bytes)
        peer = exchange.peer
        local = exchange.local
        isTLS = exchange.isTLS
        requestID = exchange.requestID.description
        switch head.framing {
        case .none: body = RequestBody([])
        case .length(let length): body = RequestBody(RequestBodyStream(exchange), length: length)
        case .chunked: body = RequestBody(RequestBodyStream(exchange), length: nil)
        }
    }
}

/// Brings a task's response back to its exchange.
private final class AsyncConversation: @unchecked Sendable {
    // Sendable because `exchange` is touched on its loop only.

    private let loop: EventLoop
    private let exchange: Exchange

    init(_ exchange: Exchange) {
        self.exchange = exchange
        loop = exchange.loop
    }

    func respond(with response: Response) async {
        switch response.body {
        case .none:
            await onLoop { $0.respondOnLoop(to: response, bytes: []) }
        case .bytes(let bytes):
            await onLoop { $0.respondOnLoop(to: response, bytes: bytes) }
        case .stream(let length, let produce):
            let source = AsyncBodySource(exchange)
            let isOpen = await onLoop { conversation in
                conversation.exchange.startResponseOnLoop(status: response.status, length: length, source: source) {
                    response.writeFields(into: &$0)
                }
                return source.isOpenOnLoop
            }
            guard isOpen else { return }
            do {
                try await produce(ResponseBodyWriter(source: source))
                source.onLoop { $0.endOnLoop(succeeded: true) }
            } catch {
                source.onLoop { $0.endOnLoop(succeeded: false) }
            }
        }
    }

    private func respondOnLoop(to response: Response, bytes: [UInt8]) {
        if bytes.isEmpty, exchange.head.method == .head, let length = response.announcedLength {
            exchange.startResponseOnLoop(status: response.status, length: length, source: ArrayBodySource([])) {
                response.writeFields(into: &$0)
            }
        } else if bytes.count > AsyncExchangeHandler.copyLimit {
            let source = ArrayBodySource(bytes)
            exchange.startResponseOnLoop(status: response.status, length: bytes.count, source: source) {
                response.writeFields(into: &$0)
            }
        } else {
            bytes.withUnsafeBytes { body in
                exchange.respondOnLoop(status: response.status, body: body) { response.writeFields(into: &$0) }
            }
        }
    }

    private func onLoop<Result: Sendable>(
        _ body: @escaping @Sendable (AsyncConversation) -> Result
    ) async -> Result {
        if loop.isOnLoop { return body(self) }
        return await withCheckedContinuation { continuation in
            loop.submit { continuation.resume(returning: body(self)) }
        }
    }
}
