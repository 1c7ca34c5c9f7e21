import EventLoop
import HTTPServer
import HTTPWire
import Synchronization
import Transport

/// A synchronous handler made of a closure.
final class ClosureHandler: ExchangeHandler {
    private let body: (Exchange) -> Void
    private let ended: (Exchange, ExchangeOutcome) -> Void
    private let refused: (Exchange, RefusedRequest) -> Void

    init(
        _ body: @escaping (Exchange) -> Void, ended: @escaping (Exchange, ExchangeOutcome) -> Void = { _, _ in },
        refused: @escaping (Exchange, RefusedRequest) -> Void = { _, _ in }
    ) {
        self.body = body
        self.ended = ended
        self.refused = refused
    }

    func handleOnLoop(_ exchange: Exchange) { body(exchange) }
    func endedOnLoop(_ exchange: Exchange, _ outcome: ExchangeOutcome) { ended(exchange, outcome) }
    func refusedOnLoop(_ exchange: Exchange, _ refusal: RefusedRequest) { refused(exchange, refusal) }
}

/// Produces `total` bytes of a pattern, counting what the socket took.
final class PatternSource: BodySource {
    private let total: Int
    private let produced: CallCounter
    private let cancelled: CallCounter
    private var offset = 0
    private let piece = (0..<65_536).map { UInt8(truncatingIfNeeded: $0) }

    init(total: Int, produced: CallCounter = CallCounter(), cancelled: CallCounter = CallCounter()) {
        self.total = total
        self.produced = produced
        self.cancelled = cancelled
    }

    func produceOnLoop(into writer: borrowing BodyWriter) -> Production {
        while offset < total {
            let start = offset % piece.count
            let count = min(piece.count - start, total - offset)
            let accepted = piece.withUnsafeBytes {
                writer.write(UnsafeRawBufferPointer(rebasing: $0[start..<start + count]))
            }
            offset += accepted
            produced.add(accepted)
            if accepted < count { return .more }
        }
        return .finished
    }

    func cancelledOnLoop() { cancelled.add() }
}

/// Counts a request body and answers with the count, pausing now and then.
final class CountingSink: BodySink {
    private let exchange: Exchange
    private let pausesEvery: Int?
    private var count = 0
    private var calls = 0

    init(_ exchange: Exchange, pausesEvery: Int? = nil) {
        self.exchange = exchange
        self.pausesEvery = pausesEvery
    }

    func receiveOnLoop(_ bytes: UnsafeRawBufferPointer) -> Flow {
        count += bytes.count
        calls += 1
        guard let pausesEvery, calls % pausesEvery == 0 else { return .more }
        let exchange = exchange
        exchange.loop.scheduleOnLoop(after: .microseconds(100)) { exchange.resumeBodyOnLoop() }
        return .pause
    }

    func endOnLoop() {
        respond("\(count)")
    }

    func failedOnLoop(_ error: RequestBodyError) {
        respond("\(error)")
    }

    private func respond(_ text: String) {
        exchange.respond(text)
    }
}

/// Answers with the length of a request body once it is whole; what becomes of another is the server's to say.
final class WholeBodySink: BodySink {
    private let exchange: Exchange
    private var count = 0

    init(_ exchange: Exchange) { self.exchange = exchange }

    func receiveOnLoop(_ bytes: UnsafeRawBufferPointer) -> Flow {
        count += bytes.count
        return .more
    }

    func endOnLoop() { exchange.respond("\(count)") }
    func failedOnLoop(_ error: RequestBodyError) {}
}

extension Exchange {
    /// Answers 200 with text.
    func respond(_ text: String, status: HTTPStatus = .ok) {
        var text = text
        text.withUTF8 { respondOnLoop(status: status, body: UnsafeRawBufferPointer($0)) }
    }
}
