import EventLoop
import HTTPServer
import HTTPWire
import Synchronization
import TestKit
import Testing

/// What a handler is told of a response's time.
@Suite struct OutcomeTests {
    @Test func `the first byte is timed apart from the last one where the body takes its time`() async throws {
        let outcomes = Mutex<[ExchangeOutcome]>([])
        let server = try TestServer { _ in
            ClosureHandler { exchange in
                exchange.startResponseOnLoop(status: .ok, length: 2, source: HesitantSource(exchange))
            } ended: { _, outcome in
                outcomes.withLock { $0.append(outcome) }
            }
        }
        try await withServer(server) { server in
            let connection = try server.connect()
            connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(connection.receiveResponse().body == "ab")
            #expect(await eventually { outcomes.withLock { $0.count } == 1 })
        }
        let outcome = try #require(outcomes.withLock { $0.first })
        #expect(outcome.nanoseconds >= outcome.firstByteNanoseconds + HesitantSource.nanoseconds)
    }

    @Test func `a response that goes at once has one time for both`() async throws {
        let outcomes = Mutex<[ExchangeOutcome]>([])
        let server = try TestServer { _ in
            ClosureHandler {
                $0.respondOnLoop(status: .noContent)
            } ended: { _, outcome in
                outcomes.withLock { $0.append(outcome) }
            }
        }
        try await withServer(server) { server in
            let connection = try server.connect()
            connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(connection.receiveResponse().head.contains("204"))
            #expect(await eventually { outcomes.withLock { $0.count } == 1 })
        }
        let outcome = try #require(outcomes.withLock { $0.first })
        #expect(outcome.firstByteNanoseconds == outcome.nanoseconds && outcome.nanoseconds > 0)
    }
}

/// Produces two bytes, the second one a little later.
private final class HesitantSource: BodySource {
    static let nanoseconds: UInt64 = 20_000_000
    private let exchange: Exchange
    private var isSecond = false

    init(_ exchange: Exchange) { self.exchange = exchange }

    func produceOnLoop(into writer: borrowing BodyWriter) -> Production {
        let byte = UInt8(ascii: isSecond ? "b" : "a")
        _ = withUnsafeBytes(of: byte) { writer.write($0) }
        if isSecond { return .finished }
        isSecond = true
        exchange.loop.scheduleOnLoop(after: .nanoseconds(Int64(Self.nanoseconds))) { [exchange] in
            exchange.resumeResponseOnLoop()
        }
        return .wait
    }

    func cancelledOnLoop() {}
}
