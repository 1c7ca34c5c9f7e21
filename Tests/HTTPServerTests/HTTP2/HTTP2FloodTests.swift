import EventLoop
import HTTP2
import HTTPServer
import HTTPWire
import Telemetry
import TestKit
import Testing

/// What a client may do to a connection before it is told to calm down; other clients never notice.
@Suite struct HTTP2FloodTests {
    private static let calm = 11

    /// A server whose handler counts what reaches it, and answers at once.
    private func counting(_ count: CallCounter, limits: HTTP2Limits = HTTP2Limits()) throws -> TestServer {
        var configuration = HTTPServerConfiguration()
        configuration.http2 = limits
        return try TestServer(configuration: configuration) { _ in
            ClosureHandler {
                count.add()
                $0.respond("ok")
            }
        }
    }

    private static let floods: [(String, [Frame])] = [
        ("SETTINGS", [.settings()]),
        ("PING", [Frame(type: Frame.ping, payload: [UInt8](repeating: 1, count: 8))]),
        ("PRIORITY", [Frame(type: Frame.priority, stream: 3, payload: [0, 0, 0, 0, 16])]),
        ("WINDOW_UPDATE", [.window(0, 1)]),
        ("unknown types", [Frame(type: 0xee, stream: 0, payload: [1, 2, 3])]),
        ("PRIORITY_UPDATE", [Frame(type: 16, stream: 0, payload: Frame.number(1) + Array("u=1".utf8))]),
    ]

    @Test(arguments: floods) func `a flood ends with ENHANCE_YOUR_CALM`(name: String, frames: [Frame]) async throws {
        try await withServer(counting(CallCounter())) { server in
            let client = try FrameConnection(to: server)
            for _ in 0..<4_000 where !client.send(frames) { break }
            #expect(client.goAway() == Self.calm, "\(name)")
            #expect(try FrameConnection(to: server).ask("/") == 200)
        }
    }

    @Test func `ten thousand rapid resets end with ENHANCE_YOUR_CALM, and few reach a handler`() async throws {
        let count = CallCounter()
        try await withServer(counting(count)) { server in
            let client = try FrameConnection(to: server)
            for index in 0..<10_000 where !client.send(.headers(2 * index + 1, Block.get()), .reset(2 * index + 1)) {
                break
            }
            #expect(client.goAway() == Self.calm)
            #expect(count.value <= 201)
            let line = #"weir_http_server_h2_goaways_total{listener="http",code="enhance_your_calm"} 1"#
            #expect(String(decoding: server.metrics.renderPrometheus(), as: UTF8.self).contains(line))
        }
    }

    @Test(arguments: ["a window increment of zero", "DATA after the end of the stream", "a window overflow"])
    func `resets that a client provokes count like its own`(means: String) async throws {
        let server = try TestServer { _ in
            ClosureHandler {
                $0.startResponseOnLoop(status: .ok, length: 1 << 20, source: PatternSource(total: 1 << 20))
            }
        }
        try await withServer(server) { server in
            let client = try FrameConnection(to: server)
            for index in 0..<10_000 {
                let stream = 2 * index + 1
                let provocation: Frame =
                    switch means {
                    case "a window increment of zero": .window(stream, 0)
                    case "a window overflow": .window(stream, 0x7fff_ffff)
                    default: .data(stream, [1])
                    }
                if !client.send(.headers(stream, Block.get()), provocation) { break }
            }
            let code = client.goAway()
            #expect(code != nil && client.seen.count { $0.type == Frame.reset } <= 201)
        }
    }

    @Test func `endless CONTINUATION frames are cut`() async throws {
        try await withServer(counting(CallCounter())) { server in
            let client = try FrameConnection(to: server)
            client.send(Frame(type: Frame.headers, flags: Frame.endStream, stream: 1, payload: Block.get()))
            for _ in 0..<10_000 where !client.send(Frame(type: Frame.continuation, stream: 1)) { break }
            #expect(client.goAway() == Self.calm)
        }
    }

    @Test func `a header block that never ends is cut at twice the limit, whatever its frames`() async throws {
        try await withServer(counting(CallCounter())) { server in
            let client = try FrameConnection(to: server)
            let field = Block.encode([("x-a", String(repeating: "a", count: 16_000))])
            client.send(Frame(type: Frame.headers, flags: Frame.endStream, stream: 1, payload: Block.get()))
            for _ in 0..<16 where !client.send(Frame(type: Frame.continuation, stream: 1, payload: field)) { break }
            #expect(client.goAway() == Self.calm)
        }
    }

    @Test func `a few KiB that decode to megabytes end the connection after the limit, not after the megabytes`()
        async throws
    {
        let count = CallCounter()
        try await withServer(counting(count)) { server in
            let client = try FrameConnection(to: server)
            // An entry of nearly the whole table, then references to it of one byte each (RFC 7541 §6.2.1, §6.1).
            let entry: [UInt8] = [0x40] + Block.string("x") + Block.string(String(repeating: "a", count: 4_000))
            let bomb = Block.get() + entry + [UInt8](repeating: 0x80 | 62, count: 4_000)
            client.send(.headers(1, bomb))
            #expect(client.goAway() == Self.calm)
            #expect(count.value == 0)
        }
    }

    @Test func `empty DATA frames are counted`() async throws {
        let server = try TestServer { _ in ClosureHandler { $0.readBodyOnLoop(into: CountingSink($0)) } }
        try await withServer(server) { server in
            let client = try FrameConnection(to: server)
            client.send(.headers(1, Block.get(method: "POST"), ends: false))
            for _ in 0..<4_000 where !client.send(.data(1, [])) { break }
            #expect(client.goAway() == Self.calm)
        }
    }

    @Test func `requests beyond the limit are refused, the others answered`() async throws {
        var limits = HTTP2Limits()
        limits.concurrentStreams = 10
        var configuration = HTTPServerConfiguration()
        configuration.http2 = limits
        let server = try TestServer(configuration: configuration) { _ in
            ClosureHandler { exchange in
                exchange.loop.scheduleOnLoop(after: .milliseconds(50)) { exchange.respond("late") }
            }
        }
        try await withServer(server) { server in
            let client = try FrameConnection(to: server, acknowledges: false)
            client.send((0..<20).map { .headers(2 * $0 + 1, Block.get()) })
            var refused: [Int] = []
            while refused.count < 10, let frame = client.receive() {
                if frame.type == Frame.reset, frame.errorCode == 7 { refused.append(frame.stream) }
            }
            #expect(refused == (10..<20).map { 2 * $0 + 1 })
            #expect(client.response(on: 19).status == 200)
        }
    }

    @Test func `acknowledgements that nobody reads are capped`() async throws {
        var limits = HTTP2Limits()
        limits.pings = .max
        try await withServer(counting(CallCounter(), limits: limits)) { server in
            let client = try FrameConnection(to: server)
            let ping = Frame(type: Frame.ping, payload: [UInt8](repeating: 0, count: 8))
            client.send([Frame](repeating: ping, count: 3_000))
            #expect(client.goAway() == Self.calm)
        }
    }
}
