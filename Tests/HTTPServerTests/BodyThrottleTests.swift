import Bytes
import EventLoop
import HTTPServer
import HTTPWire
import TestKit
import Testing

/// Lets a body go out in pieces with a pause between them.
private final class PieceThrottle: BodyThrottle {
    private let piece: Int
    private let pause: Duration
    private let pauses: CallCounter
    private let spent: CallCounter
    private var left: Int

    init(piece: Int, pause: Duration, pauses: CallCounter, spent: CallCounter) {
        (self.piece, self.pause, self.pauses, self.spent) = (piece, pause, pauses, spent)
        left = piece
    }

    func allowanceOnLoop() -> BodyAllowance {
        if left > 0 { return .bytes(left) }
        left = piece
        pauses.add()
        return .after(pause)
    }

    func spentOnLoop(_ bytes: Int) {
        left -= bytes
        spent.add(bytes)
    }
}

@Suite struct BodyThrottleTests {
    private static let total = 1_000_000
    private static let piece = 30_001
    private static let body = String(
        decoding: (0..<total).map { UInt8(truncatingIfNeeded: $0 % 65_536) }, as: UTF8.self)

    private func server(length: Int?, pauses: CallCounter, spent: CallCounter) throws -> TestServer {
        try TestServer { _ in
            ClosureHandler { exchange in
                if exchange.head.path.string(in: exchange.headBytes) == "/free" { return exchange.respond("free") }
                exchange.throttle = PieceThrottle(
                    piece: Self.piece, pause: .milliseconds(1), pauses: pauses, spent: spent)
                exchange.startResponseOnLoop(
                    status: .ok, length: length,
                    source: PatternSource(total: Self.total))
            }
        }
    }

    @Test func `a body goes out in the pieces its throttle allows`() async throws {
        let (pauses, spent) = (CallCounter(), CallCounter())
        try await withServer(server(length: Self.total, pauses: pauses, spent: spent)) { server in
            let connection = try server.connect()
            for _ in 0..<2 {
                connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                #expect(connection.receiveResponse().body == Self.body)
            }
            // The next request on the connection is not held to anything.
            connection.send("GET /free HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(connection.receiveResponse().body == "free")
        }
        #expect(spent.value == 2 * Self.total)
        #expect(pauses.value == 2 * (Self.total / Self.piece))
    }

    @Test func `so does a body of unknown length`() async throws {
        let (pauses, spent) = (CallCounter(), CallCounter())
        try await withServer(server(length: nil, pauses: pauses, spent: spent)) { server in
            let connection = try server.connect()
            connection.send("GET / HTTP/1.0\r\n\r\n")
            #expect(connection.receiveAll().hasSuffix("\r\n\r\n" + Self.body))
            let chunked = try server.connect()
            chunked.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            #expect(chunked.receiveAll().hasSuffix("\r\n0\r\n\r\n"))
        }
        #expect(spent.value == 2 * Self.total)
    }

    @Test func `streams of one HTTP 2 connection wait each for itself`() async throws {
        let (pauses, spent) = (CallCounter(), CallCounter())
        try await withServer(server(length: Self.total, pauses: pauses, spent: spent)) { server in
            let client = try FrameConnection(to: server)
            client.send(.headers(1, Block.get()))
            client.send(.headers(3, Block.get("/free")))
            #expect(String(decoding: client.response(on: 1).body, as: UTF8.self) == Self.body)
            let free = client.seen.firstIndex { $0.stream == 3 && $0.type == Frame.data }
            let last = client.seen.lastIndex { $0.stream == 1 && $0.type == Frame.data }
            #expect(try #require(free) < #require(last))
        }
        #expect(spent.value == Self.total)
        #expect(pauses.value == Self.total / Self.piece)
    }

    @Test func `a client that leaves a held response ends it`() async throws {
        let (produced, cancelled) = (CallCounter(), CallCounter())
        let server = try TestServer { _ in
            ClosureHandler { exchange in
                exchange.throttle = PieceThrottle(
                    piece: 10_000, pause: .seconds(600), pauses: CallCounter(), spent: CallCounter())
                exchange.startResponseOnLoop(
                    status: .ok, length: Self.total,
                    source: PatternSource(total: Self.total, produced: produced, cancelled: cancelled))
            }
        }
        try await withServer(server) { server in
            var connection: RawConnection? = try server.connect()
            connection?.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(await eventually { produced.value == 10_000 })
            connection?.resetOnClose()
            connection = nil
            #expect(await eventually { cancelled.value == 1 })
        }
        #expect(produced.value == 10_000)
    }

    @Test func `bytes of a whole response are counted and not held back`() async throws {
        let spent = CallCounter()
        let server = try TestServer { _ in
            ClosureHandler { exchange in
                exchange.throttle = PieceThrottle(
                    piece: 1, pause: .seconds(600), pauses: CallCounter(), spent: spent)
                exchange.respond("whole")
            }
        }
        try await withServer(server) { server in
            let connection = try server.connect()
            connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(connection.receiveResponse().body == "whole")
        }
        #expect(spent.value == 5)
    }
}
