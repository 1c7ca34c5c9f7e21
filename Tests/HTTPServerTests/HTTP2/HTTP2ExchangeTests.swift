import Bytes
import EventLoop
import HTTP2
import HTTPServer
import HTTPWire
import TestKit
import Testing

@Suite struct HTTP2ExchangeTests {
    @Test func `a prior-knowledge client is answered on its stream`() async throws {
        try await withServer(TestServer { _ in ClosureHandler { $0.respond("hello") } }) { server in
            let client = try FrameConnection(to: server)
            client.send(.headers(1, Block.get()))
            let response = client.response(on: 1)
            #expect(response.status == 200)
            #expect(response.body == [UInt8]("hello".utf8))
        }
    }

    @Test func `a handler sees the request as HTTP/1 would have brought it`() async throws {
        let server = try TestServer { _ in
            ClosureHandler { exchange in
                let head = exchange.head
                let bytes = exchange.headBytes
                let cookie = head.field(.cookie)?.string(in: bytes) ?? ""
                let host = head.host?.string(in: bytes) ?? ""
                exchange.respond(
                    "\(head.method.name) \(head.path.string(in: bytes)) \(head.query?.string(in: bytes) ?? "") \(host) \(cookie)"
                )
            }
        }
        try await withServer(server) { server in
            let client = try FrameConnection(to: server)
            client.send(.headers(1, Block.get("/a/b?c=d", ("cookie", "x=1"), ("accept", "*/*"), ("cookie", "y=2"))))
            #expect(String(decoding: client.response(on: 1).body, as: UTF8.self) == "GET /a/b c=d edge.test x=1; y=2")
        }
    }

    @Test func `a body larger than every window arrives whole`() async throws {
        let total = 3_000_000
        let server = try TestServer { _ in
            ClosureHandler { $0.startResponseOnLoop(status: .ok, length: total, source: PatternSource(total: total)) }
        }
        try await withServer(server) { server in
            let client = try FrameConnection(to: server)
            client.send(.headers(1, Block.get()))
            let body = client.response(on: 1).body
            #expect(body.count == total)
            #expect(body == (0..<total).map { UInt8(truncatingIfNeeded: $0 % 65_536) })
        }
    }

    @Test func `a body of unknown length ends with its stream`() async throws {
        let server = try TestServer { _ in
            ClosureHandler { $0.startResponseOnLoop(status: .ok, length: nil, source: PatternSource(total: 100_000)) }
        }
        try await withServer(server) { server in
            let client = try FrameConnection(to: server)
            client.send(.headers(1, Block.get()))
            #expect(client.response(on: 1).body.count == 100_000)
        }
    }

    @Test func `HEAD brings the head alone`() async throws {
        try await withServer(TestServer { _ in ClosureHandler { $0.respond("hello") } }) { server in
            let client = try FrameConnection(to: server)
            client.send(.headers(1, Block.get(method: "HEAD")))
            let head = client.receive { $0.type == Frame.headers }
            #expect(head?.isEnd == true)
        }
    }

    @Test func `an upload reaches a sink that pauses, and its window opens only as it is used`() async throws {
        let server = try TestServer { _ in
            ClosureHandler { $0.readBodyOnLoop(into: CountingSink($0, pausesEvery: 3)) }
        }
        try await withServer(server) { server in
            let client = try FrameConnection(to: server)
            client.send(.headers(1, Block.get(method: "POST"), ends: false))
            #expect(client.upload(200 * 16_384, on: 1, streamWindow: HTTP2Limits().streamWindow))
            #expect(String(decoding: client.response(on: 1).body, as: UTF8.self) == "\(200 * 16_384)")
        }
    }

    @Test
    func `a body longer than allowed is answered 413 on its stream, before a byte of it if its length is announced`()
        async throws
    {
        var configuration = HTTPServerConfiguration()
        configuration.maxBodyBytes = 1_000
        let handled = CallCounter()
        let server = try TestServer(configuration: configuration) { _ in
            ClosureHandler {
                handled.add()
                $0.readBodyOnLoop(into: WholeBodySink($0))
            }
        }
        try await withServer(server) { server in
            let client = try FrameConnection(to: server)
            let half = [UInt8](repeating: 1, count: 500)
            client.send(.headers(1, Block.get(method: "POST", ("content-length", "1001")), ends: false))
            #expect(client.response(on: 1).status == 413)
            #expect(client.receive { $0.type == Frame.reset }?.errorCode == 0)
            #expect(handled.value == 0)
            client.send(.headers(3, Block.get(method: "POST"), ends: false))
            client.send(.data(3, half), .data(3, half), .data(3, [1]))
            #expect(client.response(on: 3).status == 413)
            #expect(client.receive { $0.type == Frame.reset && $0.stream == 3 }?.errorCode == 0)
            client.send(.headers(5, Block.get(method: "POST"), ends: false), .data(5, half), .data(5, half, ends: true))
            #expect(String(decoding: client.response(on: 5).body, as: UTF8.self) == "1000")
        }
    }

    @Test func `trailers end a request body as they do over HTTP/1`() async throws {
        try await withServer(TestServer { _ in ClosureHandler { $0.readBodyOnLoop(into: CountingSink($0)) } }) {
            server in
            let client = try FrameConnection(to: server)
            client.send(.headers(1, Block.get(method: "POST"), ends: false), .data(1, [1, 2, 3]))
            client.send(.headers(1, Block.encode([("x-checksum", "abc")])))
            #expect(String(decoding: client.response(on: 1).body, as: UTF8.self) == "3")
            // What belongs into the head is no trailer (RFC 9113 §8.1).
            client.send(.headers(3, Block.get(method: "POST"), ends: false), .data(3, [1]))
            client.send(.headers(3, Block.encode([(":path", "/other")])))
            #expect(client.receive { $0.type == Frame.reset && $0.stream == 3 }?.errorCode == 1)
        }
    }

    @Test func `many streams share a connection`() async throws {
        let server = try TestServer { _ in
            ClosureHandler { $0.startResponseOnLoop(status: .ok, length: 50_000, source: PatternSource(total: 50_000)) }
        }
        try await withServer(server) { server in
            let client = try FrameConnection(to: server, settings: [(4, 1 << 20)])
            client.send(.window(0, 1 << 24))
            client.send((0..<100).map { .headers(2 * $0 + 1, Block.get("/\($0)")) })
            var lengths = [Int: Int]()
            var ended = 0
            while ended < 100, let frame = client.receive() {
                if frame.type == Frame.data { lengths[frame.stream, default: 0] += frame.payload.count }
                if frame.stream > 0, frame.isEnd { ended += 1 }
            }
            #expect(lengths.count == 100 && lengths.values.allSatisfy { $0 == 50_000 })
        }
    }

    @Test func `async handlers answer over HTTP/2 without knowing it`() async throws {
        let server = try TestServer { request in
            let body = (try? await request.body.collect(upTo: 1 << 20)) ?? []
            return .text(.ok, "\(request.method.name) \(request.path) \(body.count)")
        }
        try await withServer(server) { server in
            let client = try FrameConnection(to: server)
            client.send(.headers(1, Block.get("/up", method: "PUT"), ends: false), .data(1, [1, 2, 3], ends: true))
            #expect(String(decoding: client.response(on: 1).body, as: UTF8.self) == "PUT /up 3")
        }
    }
}
