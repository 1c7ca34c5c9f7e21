import EventLoop
import Glibc
import HTTP2
import HTTPServer
import HTTPWire
import TestKit
import Testing
import Transport

/// Timeouts, stalls, resets and shutdown.
@Suite struct HTTP2LifeTests {
    private func configuration(_ change: (inout HTTPServerConfiguration) -> Void) -> HTTPServerConfiguration {
        var configuration = HTTPServerConfiguration()
        change(&configuration)
        return configuration
    }

    private func patterns(
        _ total: Int, cancelled: CallCounter = CallCounter(), produced: CallCounter = CallCounter(),
        _ change: (inout HTTPServerConfiguration) -> Void = { _ in }
    ) throws -> TestServer {
        try TestServer(configuration: configuration(change)) { _ in
            ClosureHandler {
                let source = PatternSource(total: total, produced: produced, cancelled: cancelled)
                $0.startResponseOnLoop(status: .ok, length: total, source: source)
            }
        }
    }

    @Test func `an idle connection is told so and closed`() async throws {
        try await withServer(patterns(10) { $0.idleTimeout = .milliseconds(40) }) { server in
            let client = try FrameConnection(to: server)
            #expect(client.ask("/") == 200)
            #expect(client.goAway() == 0)
            #expect(client.receive() == nil)
        }
    }

    @Test func `a connection whose requests are answered at once is not idle`() async throws {
        let server = try patterns(10) {
            $0.headTimeout = .milliseconds(250)
            $0.idleTimeout = .seconds(5)
        }
        try await withServer(server) { server in
            let client = try FrameConnection(to: server)
            for index in 0..<40 {
                client.send(.headers(2 * index + 1, Block.get()))
                try #require(client.response(on: 2 * index + 1).status == 200)
                usleep(10_000)
            }
            #expect(!client.seen.contains { $0.type == Frame.goAway })
        }
    }

    @Test func `a header block that does not end in time ends the connection`() async throws {
        try await withServer(patterns(10) { $0.headTimeout = .milliseconds(250) }) { server in
            let client = try FrameConnection(to: server)
            client.send(Frame(type: Frame.headers, flags: Frame.endStream, stream: 1, payload: Block.get()))
            #expect(client.goAway() == 11)
        }
    }

    @Test func `a preface that does not end in time closes the connection`() async throws {
        try await withServer(patterns(10) { $0.headTimeout = .milliseconds(40) }) { server in
            let connection = try server.connect()
            connection.send("PRI * HTTP/2.0\r\n\r\nSM")
            #expect(!connection.receiveAll().contains("200"))
        }
    }

    @Test func `a body that stops coming is answered 408 on its stream alone`() async throws {
        let server = try TestServer(configuration: configuration { $0.bodyTimeout = .milliseconds(40) }) { _ in
            ClosureHandler {
                $0.head.method == .post ? $0.readBodyOnLoop(into: WholeBodySink($0)) : $0.respond("fine")
            }
        }
        try await withServer(server) { server in
            let client = try FrameConnection(to: server)
            client.send(.headers(1, Block.get(method: "POST"), ends: false), .data(1, [1]))
            #expect(client.response(on: 1).status == 408)
            client.send(.headers(3, Block.get()))
            #expect(client.response(on: 3).status == 200)
        }
    }

    @Test func `a client that never opens its window loses the stream after the write timeout`() async throws {
        let cancelled = CallCounter()
        try await withServer(patterns(1 << 20, cancelled: cancelled) { $0.writeTimeout = .milliseconds(60) }) {
            server in
            let client = try FrameConnection(to: server, settings: [(4, 0)])
            client.send(.headers(1, Block.get()))
            #expect(client.receive { $0.type == Frame.reset }?.errorCode == 8)
            #expect(await eventually { cancelled.value == 1 })
            client.send(Frame(type: Frame.ping, payload: [UInt8](repeating: 0, count: 8)))
            #expect(client.receive { $0.type == Frame.ping } != nil)
        }
    }

    @Test func `a client that reads nothing is reset after the write timeout, and its requests stop early`()
        async throws
    {
        let (cancelled, produced) = (CallCounter(), CallCounter())
        let server = try patterns(100 << 20, cancelled: cancelled, produced: produced) {
            $0.writeTimeout = .milliseconds(100)
        }
        try await withServer(server) { server in
            let client = try FrameConnection(to: server, settings: [(4, 0x7fff_ffff)], receiveBuffer: 4_096)
            client.send(.window(0, 0x7fff_0000))
            client.send((0..<10).map { .headers(2 * $0 + 1, Block.get()) })
            #expect(await eventually { cancelled.value == 10 })
            #expect(produced.value < 100 << 20)
        }
    }

    @Test func `a window of one byte is served one byte at a time`() async throws {
        try await withServer(patterns(20)) { server in
            let client = try FrameConnection(to: server, settings: [(4, 1)])
            client.send(.headers(1, Block.get()))
            #expect(client.response(on: 1).body == (0..<20).map { UInt8($0) })
        }
    }

    @Test func `a reset cancels the source and frees its place`() async throws {
        let cancelled = CallCounter()
        var limits = HTTP2Limits()
        limits.concurrentStreams = 2
        try await withServer(patterns(1 << 20, cancelled: cancelled) { $0.http2 = limits }) { server in
            let client = try FrameConnection(to: server)
            for index in 0..<50 {
                client.send(.headers(2 * index + 1, Block.get()))
                client.receive { $0.type == Frame.headers }
                client.send(.reset(2 * index + 1), .window(0, 100_000))
            }
            #expect(await eventually { cancelled.value == 50 })
        }
    }

    @Test func `a connection that breaks off abandons all its exchanges`() async throws {
        let cancelled = CallCounter()
        try await withServer(patterns(1 << 24, cancelled: cancelled)) { server in
            var client: FrameConnection? = try FrameConnection(to: server)
            client?.send((0..<20).map { .headers(2 * $0 + 1, Block.get()) })
            client?.receive { $0.type == Frame.data }
            client = nil
            #expect(await eventually { cancelled.value == 20 })
        }
    }

    @Test func `a drain announces itself, serves what was on its way, then names the last request`() async throws {
        let server = try TestServer { _ in
            ClosureHandler { exchange in
                exchange.loop.scheduleOnLoop(after: .milliseconds(30)) { exchange.respond("done") }
            }
        }
        let client = try FrameConnection(to: server)
        client.send(.headers(1, Block.get()))
        client.receive { $0.type == Frame.windowUpdate }
        // On the server's loop, for this test's thread waits for frames and may be the only one that is free.
        let drained = Task(executorPreference: server.group.loops[0]) {
            await server.server.drain(within: .seconds(10))
        }
        let notice = client.receive { $0.type == Frame.goAway }
        #expect(notice?.payload.prefix(4).elementsEqual([0x7f, 0xff, 0xff, 0xff]) == true)
        // What the client sent before it read the notice is still served.
        client.send(.headers(3, Block.get()))
        let ping = client.receive { $0.type == Frame.ping }
        client.send(Frame(type: Frame.ping, flags: Frame.ack, payload: ping?.payload ?? []))
        let last = client.receive { $0.type == Frame.goAway }
        #expect(last?.payload.prefix(4).elementsEqual([0, 0, 0, 3]) == true && last?.errorCode == 0)
        var ended = Set(client.seen.filter(\.isEnd).filter { $0.type == Frame.data }.map(\.stream))
        while let frame = client.receive() { if frame.type == Frame.data, frame.isEnd { ended.insert(frame.stream) } }
        #expect(ended == [1, 3])
        client.raw.shutdownWrite()
        await drained.value
        await server.group.shutdown()
    }

    @Test func `100 Continue goes out when the body is asked for`() async throws {
        let server = try TestServer { _ in ClosureHandler { $0.readBodyOnLoop(into: CountingSink($0)) } }
        try await withServer(server) { server in
            let client = try FrameConnection(to: server)
            client.send(.headers(1, Block.get(method: "PUT", ("expect", "100-continue")), ends: false))
            let interim = client.receive { $0.type == Frame.headers }
            #expect(interim?.isEnd == false && interim.flatMap { Block.status($0.payload) } == 100)
            client.send(.data(1, [1, 2], ends: true))
            let final = client.receive { $0.type == Frame.headers }
            #expect(final.flatMap { Block.status($0.payload) } == 200)
        }
    }

    @Test func `an answer before the end of the upload stops the upload without an error`() async throws {
        try await withServer(TestServer { _ in ClosureHandler { $0.respond("no need") } }) { server in
            let client = try FrameConnection(to: server)
            client.send(.headers(1, Block.get(method: "PUT"), ends: false), .data(1, [1, 2, 3]))
            #expect(client.response(on: 1).status == 200)
            #expect(client.receive { $0.type == Frame.reset }?.errorCode == 0)
            client.send(.headers(3, Block.get()))
            #expect(client.response(on: 3).status == 200)
        }
    }

    @Test(arguments: ["a field", "a frame"]) func `urgent responses overtake`(means: String) async throws {
        try await withServer(patterns(300_000)) { server in
            let client = try FrameConnection(to: server, settings: [(4, 1 << 20)])
            // The connection's window is used up before the urgent one is asked for.
            client.send(
                .headers(1, Block.get("/", ("priority", "u=5"))), .headers(3, Block.get("/", ("priority", "u=5"))))
            client.receive { $0.type == Frame.data }
            if means == "a field" {
                client.send(.headers(5, Block.get("/", ("priority", "u=0"))))
            } else {
                let update = Frame(type: 16, payload: Frame.number(5) + Array("u=0".utf8))
                client.send(.headers(5, Block.get("/", ("priority", "u=6"))), update)
            }
            client.receive { $0.stream == 5 && $0.type == Frame.headers }
            client.send(.window(0, 1 << 24))
            var order: [Int] = []
            while order.count < 3, let frame = client.receive() {
                if frame.type == Frame.data, frame.isEnd { order.append(frame.stream) }
            }
            #expect(order.first == 5)
        }
    }

    @Test func `trailers follow a body of unknown length`() async throws {
        let server = try TestServer { _ in
            ClosureHandler { exchange in
                var trailers = Headers()
                trailers.set("X-Checksum", "abc")
                exchange.trailers = trailers
                exchange.startResponseOnLoop(status: .ok, length: nil, source: PatternSource(total: 10))
            }
        }
        try await withServer(server) { server in
            let client = try FrameConnection(to: server)
            client.send(.headers(1, Block.get("/", ("te", "trailers"))))
            client.receive { $0.type == Frame.data }
            let last = client.receive { $0.type == Frame.headers }
            #expect(last?.isEnd == true)
        }
    }
}
