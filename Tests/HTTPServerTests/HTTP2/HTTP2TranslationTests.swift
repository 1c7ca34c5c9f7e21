import Bytes
import EventLoop
import HTTPServer
import HTTPWire
import TestKit
import Testing
import Transport

/// What may not be translated to HTTP/1 never reaches a handler, and so no origin.
@Suite struct HTTP2TranslationTests {
    private static let malformed: [(String, [(String, String)])] = [
        ("no path", [(":method", "GET"), (":scheme", "http"), (":authority", "x")]),
        ("no method", [(":scheme", "http"), (":path", "/"), (":authority", "x")]),
        ("no scheme", [(":method", "GET"), (":path", "/"), (":authority", "x")]),
        ("no authority and no host", [(":method", "GET"), (":scheme", "http"), (":path", "/")]),
        ("another scheme", [(":method", "GET"), (":scheme", "ftp"), (":path", "/"), (":authority", "x")]),
        ("two paths", get([(":path", "/b")])),
        ("two methods", get([(":method", "PUT")])),
        ("two authorities", get([(":authority", "y")])),
        ("an unknown pseudo-header", get([(":color", "red")])),
        ("a response's pseudo-header", get([(":status", "200")])),
        ("a pseudo-header after a field", [(":method", "GET"), (":scheme", "http"), ("a", "b"), (":path", "/")]),
        ("an empty path", [(":method", "GET"), (":scheme", "http"), (":path", ""), (":authority", "x")]),
        ("a path without its slash", [(":method", "GET"), (":scheme", "http"), (":path", "a"), (":authority", "x")]),
        ("an absolute path", [(":method", "GET"), (":scheme", "http"), (":path", "http://y/"), (":authority", "x")]),
        ("a path with a space", [(":method", "GET"), (":scheme", "http"), (":path", "/a b"), (":authority", "x")]),
        (
            "a path with a line",
            [(":method", "GET"), (":scheme", "http"), (":path", "/ HTTP/1.1\r\nA: b"), (":authority", "x")]
        ),
        ("a path with a fragment", [(":method", "GET"), (":scheme", "http"), (":path", "/a#b"), (":authority", "x")]),
        ("a method that is no token", [(":method", "GE T"), (":scheme", "http"), (":path", "/"), (":authority", "x")]),
        ("an authority with a user", [(":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "u@x")]),
        ("an authority with a path", [(":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "x/y")]),
        ("connection", get([("connection", "close")])),
        ("keep-alive", get([("keep-alive", "timeout=5")])),
        ("proxy-connection", get([("proxy-connection", "keep-alive")])),
        ("transfer-encoding", get([("transfer-encoding", "chunked")])),
        ("upgrade", get([("upgrade", "websocket")])),
        ("te other than trailers", get([("te", "gzip")])),
        ("an upper-case name", get([("Accept", "*/*")])),
        ("a name with a colon", get([("a:b", "c")])),
        ("a name with a space", get([("a b", "c")])),
        ("an empty name", get([("", "c")])),
        ("CR LF in a value", get([("a", "b\r\nc: d")])),
        ("LF in a value", get([("a", "b\nc: d")])),
        ("CR in a value", get([("a", "b\rc")])),
        ("NUL in a value", get([("a", "b\0c")])),
        ("a host that is not the authority", get([("host", "other.test")])),
        ("two lengths", get([("content-length", "1"), ("content-length", "2")])),
        ("a length that is no number", get([("content-length", "+1")])),
        ("a length without a body", get([("content-length", "5")])),
        ("CONNECT", [(":method", "CONNECT"), (":authority", "x:443")]),
        ("extended CONNECT", get([(":protocol", "websocket")])),
    ]

    private static func get(_ fields: [(String, String)]) -> [(String, String)] {
        [(":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "edge.test")] + fields
    }

    @Test(arguments: malformed)
    func `a request that HTTP/1 could not carry is refused, and its neighbours are not`(
        name: String, fields: [(String, String)]
    ) async throws {
        let reached = CallCounter()
        let server = try TestServer { _ in
            ClosureHandler { exchange in
                reached.add()
                exchange.respond("reached")
            }
        }
        try await withServer(server) { server in
            let client = try FrameConnection(to: server)
            client.send(.headers(1, Block.encode(fields)))
            let response = client.response(on: 1)
            #expect(response.reset == 1 || response.status.map { 400..<600 ~= $0 } == true, "\(name): \(response)")
            #expect(reached.value == 0, "\(name)")
            client.send(.headers(3, Block.get("/next")))
            #expect(client.response(on: 3).status == 200, "\(name)")
        }
    }

    @Test func `a body that is not as long as announced is no request`() async throws {
        let ends = CallCounter()
        let server = try TestServer { _ in
            ClosureHandler { exchange in exchange.readBodyOnLoop(into: EndSink { ends.add() }) }
        }
        try await withServer(server) { server in
            let client = try FrameConnection(to: server)
            let block = Block.get(method: "POST", ("content-length", "5"))
            client.send(.headers(1, block, ends: false), .data(1, [1, 2, 3], ends: true))
            #expect(client.response(on: 1).reset == 1)
            client.send(.headers(3, block, ends: false), .data(3, [1, 2, 3, 4, 5, 6], ends: true))
            #expect(client.response(on: 3).reset == 1)
            #expect(ends.value == 0)
        }
    }

    @Test func `heads beyond the limits are answered as in HTTP/1`() async throws {
        try await withServer(TestServer { _ in ClosureHandler { $0.respond("reached") } }) { server in
            let client = try FrameConnection(to: server)
            let many = (0..<300).map { ("x-\($0)", "y") }
            let crumbs = (0..<400).map { ("cookie", "c\($0)=" + String(repeating: "v", count: 60)) }
            client.send(.headers(1, Block.get("/" + String(repeating: "a", count: 8_192))))
            #expect(client.response(on: 1).status == 414)
            client.send(.headers(3, Block.encode(Self.get([("a", String(repeating: "b", count: 14_000))]))))
            #expect(client.response(on: 3).status == 200)
            let half = String(repeating: "b", count: 11_000)
            sendSplit(Block.encode(Self.get([("a", half), ("b", half)])), on: 5, to: client)
            #expect(client.response(on: 5).status == 431)
            client.send(.headers(7, Block.encode(Self.get(many))))
            #expect(client.response(on: 7).status == 431)
            sendSplit(Block.encode(Self.get(crumbs)), on: 9, to: client)
            #expect(client.response(on: 9).status == 431)
        }
    }

    private func sendSplit(_ block: [UInt8], on stream: Int, to client: FrameConnection) {
        client.send(
            Frame(type: Frame.headers, flags: Frame.endStream, stream: stream, payload: Array(block[..<16_000])),
            Frame(
                type: Frame.continuation, flags: Frame.endHeaders, stream: stream, payload: Array(block[16_000...])))
    }

    @Test func `te trailers, a host equal to the authority and an asterisk are allowed`() async throws {
        let server = try TestServer { _ in
            ClosureHandler { exchange in
                let bytes = exchange.headBytes
                exchange.respond(
                    "\(exchange.head.target.string(in: bytes)) \(exchange.head.host?.string(in: bytes) ?? "")")
            }
        }
        try await withServer(server) { server in
            let client = try FrameConnection(to: server)
            client.send(.headers(1, Block.get("/", ("te", "trailers"), ("host", "EDGE.test"))))
            #expect(String(decoding: client.response(on: 1).body, as: UTF8.self) == "/ edge.test")
            client.send(.headers(3, Block.get("*", method: "OPTIONS")))
            #expect(String(decoding: client.response(on: 3).body, as: UTF8.self) == "* edge.test")
            client.send(.headers(5, Block.get(authority: nil, ("host", "only.test"))))
            #expect(String(decoding: client.response(on: 5).body, as: UTF8.self) == "/ only.test")
        }
    }
}

/// Tells only of a body's clean end.
private final class EndSink: BodySink {
    private let ended: () -> Void

    init(_ ended: @escaping () -> Void) {
        self.ended = ended
    }

    func receiveOnLoop(_ bytes: UnsafeRawBufferPointer) -> Flow { .more }
    func endOnLoop() { ended() }
    func failedOnLoop(_ error: RequestBodyError) {}
}
