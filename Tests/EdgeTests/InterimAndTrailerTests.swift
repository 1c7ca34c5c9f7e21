import EventLoop
import HTTPWire
import TestKit
import Testing

@testable import Edge

/// What comes before and after a response: 103 and trailers of an origin's.
@Suite struct InterimAndTrailerTests {
    private static let hints =
        "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nConnection: X-Hop\r\nX-Hop: 1\r\n\r\n"
    private static let plain = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nCache-Control: max-age=60\r\n\r\nok"
    private static let withTrailers = """
        HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 7\r\n\
        Content-Length: 9\r\nSet-Cookie: a=b\r\n\r\n
        """

    private func with(_ answer: String, _ body: (RawConnection, ScriptedServer) throws -> Void) async throws {
        let origin = try ScriptedServer { connection in
            while !connection.receive(until: "\r\n\r\n").isEmpty { connection.send(answer) }
        }
        try await withWorld(app: "http://127.0.0.1:\(origin.address.port)") { world in
            let client = try RawConnection(to: .loopback(port: world.edgePort))
            try body(client, origin)
        }
    }

    @Test(arguments: ["/api/a", "/open/a"])
    func `103 reaches the client before the response, without the fields of the origin's connection`(
        path: String
    ) async throws {
        try await with(Self.hints + Self.plain) { client, _ in
            client.send("GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n")
            let hint = client.receive(until: "\r\n\r\n")
            #expect(hint == "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n")
            let response = client.receiveResponse()
            #expect(response.head.hasPrefix("HTTP/1.1 200"))
            #expect(response.body == "ok")
        }
    }

    @Test func `a client of HTTP 1_0 gets no 103`() async throws {
        try await with(Self.hints + Self.plain) { client, _ in
            client.send("GET /api/a HTTP/1.0\r\n\r\n")
            #expect(client.receiveAll().hasPrefix("HTTP/1.1 200"))
        }
    }

    @Test(arguments: ["/api/a", "/open/a"])
    func `a flood of 1xx is a failure of the origin`(path: String) async throws {
        let flood = String(repeating: "HTTP/1.1 102 Processing\r\n\r\n", count: 1_000)
        try await with(flood + Self.plain) { client, _ in
            client.send("GET \(path) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            let answer = client.receiveAll()
            #expect(answer.ranges(of: "102 Processing").count <= 8)
            #expect(answer.contains("HTTP/1.1 502"))
        }
    }

    @Test func `trailers pass to a client that takes them, but none that belongs into the head`() async throws {
        try await with(Self.withTrailers) { client, _ in
            client.send("GET /api/a HTTP/1.1\r\nHost: x\r\nTE: gzip, Trailers\r\nConnection: TE, close\r\n\r\n")
            let answer = client.receiveAll()
            #expect(answer.contains("\r\nTrailer: X-Sum\r\n"))
            #expect(answer.hasSuffix("\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 7\r\n\r\n"))
        }
    }

    @Test func `without TE the trailers are dropped`() async throws {
        try await with(Self.withTrailers) { client, _ in
            client.send("GET /api/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            let answer = client.receiveAll()
            #expect(!answer.contains("X-Sum"))
            #expect(answer.hasSuffix("\r\n\r\n2\r\nok\r\n0\r\n\r\n"))
        }
    }
}
