import EventLoop
import Glibc
import HTTP2
import HTTPServer
import HTTPWire
import TestKit
import Testing
import Transport

/// Clients of HTTP/2 that are slow on a stream, on their windows or on their socket.
///
/// Clients whose pace matters sleep on their thread: a task may be kept from its own by all the others.
@Suite struct HTTP2SlowClientTests {
    private func configuration(_ change: (inout HTTPServerConfiguration) -> Void) -> HTTPServerConfiguration {
        var configuration = HTTPServerConfiguration()
        change(&configuration)
        return configuration
    }

    /// Counts bodies of POST, and streams without end to everybody else.
    private func server(
        cancelled: CallCounter = CallCounter(), _ change: (inout HTTPServerConfiguration) -> Void
    ) throws -> TestServer {
        try TestServer(configuration: configuration(change)) { _ in
            ClosureHandler { exchange in
                switch exchange.head.method {
                case .post: exchange.readBodyOnLoop(into: WholeBodySink(exchange))
                case .put: exchange.readBodyOnLoop(into: PausedSink())
                default:
                    exchange.startResponseOnLoop(
                        status: .ok, length: 1 << 30, source: PatternSource(total: 1 << 30, cancelled: cancelled))
                }
            }
        }
    }

    private static let ping = Frame(type: Frame.ping, payload: [UInt8](repeating: 7, count: 8))

    /// Whether the connection still answers; frames up to then are in `seen`.
    private func isAlive(_ client: FrameConnection) -> Bool {
        client.send(Self.ping)
        return client.receive { $0.type == Frame.ping && $0.flags == Frame.ack } != nil
    }

    // MARK: Request bodies

    @Test func `a body that trickles is answered 408 on its stream although it never stops`() async throws {
        let slow = try server {
            $0.bodyTimeout = .milliseconds(80)
            $0.minBodyRate = 10_000
        }
        try await withServer(slow) { server in
            let client = try FrameConnection(to: server)
            client.send(.headers(1, Block.get(method: "POST"), ends: false))
            for _ in 0..<10_000 {
                guard client.send(.data(1, [1])) else { break }
                usleep(2_000)
                if server.count("weir_http_server_too_slow_total") == 1 { break }
            }
            #expect(client.response(on: 1).status == 408)
            client.send(.headers(3, Block.get(method: "POST"), ends: false), .data(3, [1, 2], ends: true))
            #expect(client.response(on: 3).status == 200)
        }
    }

    @Test func `a body that comes fast enough may take longer than the span`() async throws {
        let slow = try server {
            $0.bodyTimeout = .milliseconds(500)
            $0.minBodyRate = 10
        }
        try await withServer(slow) { server in
            let client = try FrameConnection(to: server)
            client.send(.headers(1, Block.get(method: "POST"), ends: false))
            for index in 0..<40 {
                client.send(.data(1, [UInt8](repeating: 1, count: 250), ends: index == 39))
                usleep(40_000)
            }
            #expect(String(decoding: client.response(on: 1).body, as: UTF8.self) == "10000")
        }
    }

    @Test func `a body that waits for our window is not called slow`() async throws {
        let slow = try server {
            $0.bodyTimeout = .milliseconds(50)
            $0.minBodyRate = 1_000
            $0.http2.connectionWindow = 65_536
            $0.http2.streamWindow = 65_536
        }
        try await withServer(slow) { server in
            let client = try FrameConnection(to: server)
            // The first upload fills the connection's window and is not read, so the second cannot be sent.
            client.send(.headers(1, Block.get(method: "PUT"), ends: false))
            client.send((0..<4).map { _ in .data(1, [UInt8](repeating: 1, count: 16_380)) })
            client.send(.headers(3, Block.get(method: "POST"), ends: false))
            usleep(400_000)
            #expect(isAlive(client))
            #expect(!client.seen.contains { $0.type == Frame.headers || $0.type == Frame.reset })
            // Its place is free when the first is given up.
            client.send(.reset(1), .data(3, [1, 2, 3], ends: true))
            #expect(String(decoding: client.response(on: 3).body, as: UTF8.self) == "3")
        }
    }

    // MARK: Readers

    @Test func `a window that opens byte by byte loses the stream although it never stops`() async throws {
        let cancelled = CallCounter()
        let slow = try server(cancelled: cancelled) {
            $0.writeTimeout = .milliseconds(80)
            $0.minWriteRate = 100_000
            $0.http2.windowUpdates = .max
        }
        try await withServer(slow) { server in
            let client = try FrameConnection(to: server, settings: [(4, 1)])
            client.send(.headers(1, Block.get()))
            for _ in 0..<10_000 where cancelled.value == 0 {
                client.send(.window(1, 1))
                usleep(1_000)
            }
            #expect(client.receive { $0.type == Frame.reset }?.errorCode == 8)
            #expect(server.count("weir_http_server_too_slow_total") == 1)
            #expect(isAlive(client))
        }
    }

    @Test func `a window that opens slowly but fast enough keeps the stream`() async throws {
        let slow = try server {
            $0.writeTimeout = .milliseconds(500)
            $0.minWriteRate = 100
        }
        try await withServer(slow) { server in
            let client = try FrameConnection(to: server, settings: [(4, 100)])
            client.send(.headers(1, Block.get()))
            for _ in 0..<40 {
                client.send(.window(1, 50))
                usleep(40_000)
            }
            #expect(isAlive(client) && !client.seen.contains { $0.type == Frame.reset })
        }
    }

    @Test func `a stream that waits behind a more urgent one is kept as long as the connection moves`() async throws {
        let slow = try server {
            $0.writeTimeout = .milliseconds(400)
            $0.minWriteRate = 1_000
        }
        try await withServer(slow) { server in
            let client = try FrameConnection(to: server, settings: [(4, 0x7fff_ffff)])
            client.send(
                .headers(1, Block.get("/", ("priority", "u=0"))), .headers(3, Block.get("/", ("priority", "u=5"))))
            for _ in 0..<40 {
                client.send(.window(0, 4_000))
                usleep(40_000)
            }
            #expect(isAlive(client) && !client.seen.contains { $0.type == Frame.reset })
            // What it had room for at its very beginning is all it got.
            let waiting = client.seen.filter { $0.type == Frame.data && $0.stream == 3 }
            #expect(waiting.reduce(0) { $0 + $1.payload.count } <= 4_000)
        }
    }

    @Test func `a reader of single bytes is reset although it never stops`() async throws {
        let cancelled = CallCounter()
        let slow = try server(cancelled: cancelled) {
            $0.writeTimeout = .milliseconds(80)
            $0.minWriteRate = 100_000
        }
        try await withServer(slow) { server in
            let client = try FrameConnection(to: server, settings: [(4, 0x7fff_ffff)], receiveBuffer: 1)
            client.send(.window(0, 0x7fff_0000), .headers(1, Block.get()))
            for _ in 0..<10_000 where cancelled.value == 0 {
                _ = client.raw.receive(upTo: 1)
                usleep(1_000)
            }
            #expect(cancelled.value == 1)
            #expect(server.count("weir_http_server_too_slow_total") == 1)
        }
    }

    // MARK: The beginning

    @Test func `settings that are not acknowledged in time end the connection`() async throws {
        try await withServer(server { $0.settingsTimeout = .milliseconds(40) }) { server in
            let client = try FrameConnection(to: server, acknowledges: false)
            client.send(.headers(1, Block.get(method: "POST"), ends: false), .data(1, [1], ends: true))
            #expect(client.response(on: 1).status == 200)
            #expect(client.goAway() == 4)
            let punctual = try FrameConnection(to: server)
            usleep(200_000)
            #expect(isAlive(punctual))
        }
    }
}

/// Takes nothing more of a body once it has begun.
private final class PausedSink: BodySink {
    func receiveOnLoop(_ bytes: UnsafeRawBufferPointer) -> Flow { .pause }
    func endOnLoop() {}
    func failedOnLoop(_ error: RequestBodyError) {}
}
