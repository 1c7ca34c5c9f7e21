import EventLoop
import HTTPServer
import HTTPWire
import Synchronization
import TestKit
import Testing

@testable import Edge

@Suite struct MalformedRequestTests {
    /// Sends bytes as they are and reads until the edge closes.
    private func exchange(_ text: String, port: UInt16) throws -> String {
        let connection = try RawConnection(to: .loopback(port: port))
        connection.send(text)
        return connection.receiveAll()
    }

    @Test(arguments: [
        ("GET /api/a HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"),
        ("POST /api/a HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "400"),
        ("POST /api/a HTTP/1.1\r\nHost: h\r\nContent-Length: +1\r\n\r\na", "400"),
        ("POST /api/a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n0\r\n\r\n", "400"),
        ("POST /api/a HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na", "400"),
        ("POST /api/a HTTP/1.1\r\nHost: h\r\nContent-Length: 0x1\r\n\r\na", "400"),
        ("POST /api/a HTTP/1.1\r\nHost: h\r\nContent-Length: 01\r\n\r\na", "400"),
        ("POST /api/a HTTP/1.1\r\nHost: h\r\nContent-Length:\r\n\r\na", "400"),
        ("POST /api/a HTTP/1.1\r\nHost: h\r\nContent-Length: 1, 1\r\n\r\na", "400"),
        ("POST /api/a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", "400"),
        ("POST /api/a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: ,chunked\r\n\r\n0\r\n\r\n", "400"),
        ("POST /api/a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n", "400"),
        ("POST /api/a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked \r\n\r\n0\r\n\r\n", "400"),
        (
            "POST /api/a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "0\r\n\r\n", "400"
        ),
        ("POST /api/a HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"),
        ("POST /api/a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "501"),
        ("GET /api/a HTTP/1.1\r\nHost: h\r\nX\u{0}: a\r\n\r\n", "400"),
        ("GET /api/a HTTP/1.1\r\nHost: h\r\nX\u{e9}: a\r\n\r\n", "400"),
        ("GET /api/a HTTP/1.1\r\nHost: h\r\n: a\r\n\r\n", "400"),
        ("GET /api/a HTTP/1.1\r\nHost: h\r\nno colon\r\n\r\n", "400"),
        ("GET /api/a HTTP/1.1\r\nHost: h\r\nX: a\rb\r\n\r\n", "400"),
        ("GET /api/a HTTP/1.1\r\nHost: h\r\nX: a\nY: b\r\n\r\n", "400"),
        ("GET /api/a HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n", "400"),
        ("GET /api/a HTTP/1.1\nHost: h\n\n", "400"),
        ("GET /api/a HTTP/1.1\r\nHost: h\r\nX : a\r\n\r\n", "400"),
        ("GET /api/a HTTP/1.1\r\nHost: h\r\nX: a\u{0}b\r\n\r\n", "400"),
        ("GET /api/a HTTP/1.1\r\n\r\n", "400"), ("GET /api/a HTTP/1.1\r\nHost: h\r\nHost: i\r\n\r\n", "400"),
        ("GET /api/\(String(repeating: "a", count: 8200)) HTTP/1.1\r\nHost: h\r\n\r\n", "414"),
        ("GET /api/a HTTP/1.1\r\nHost: h\r\nX: \(String(repeating: "a", count: 21_000))\r\n\r\n", "431"),
        ("GET /api/a HTTP/2.0\r\nHost: h\r\n\r\n", "505"),
    ])
    func `malformed HTTP is refused, the connection closed, and the origin hears nothing`(
        request: String, status: String
    ) async throws {
        try await withWorld { world in
            let answer = try exchange(request + "GET /api/smuggled HTTP/1.1\r\nHost: h\r\n\r\n", port: world.edgePort)
            #expect(answer.hasPrefix("HTTP/1.1 \(status)"))
            #expect(answer.ranges(of: "HTTP/1.1 ").count == 1)
            #expect(world.origin.total == 0)
        }
    }

    @Test func `a body on a request for stored content is refused`() async throws {
        try await withWorld { world in
            let answer = try exchange(
                "GET /open/a HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody",
                port: world.edgePort)
            #expect(answer.hasPrefix("HTTP/1.1 400"))
            #expect(world.origin.total == 0)
        }
    }

    @Test(arguments: [
        "1\na\r\n0\r\n\r\n", "1;a\rb\r\na\r\n0\r\n\r\n", "1junk\r\na\r\n0\r\n\r\n", "0x1\r\na\r\n0\r\n\r\n",
        "-1\r\na\r\n0\r\n\r\n", "1_0\r\na\r\n0\r\n\r\n", "\r\na\r\n0\r\n\r\n",
        "00000000000000001\r\na\r\n0\r\n\r\n", "1\r\nab\r\n0\r\n\r\n", "1\r\na\r\n0\r\nHost : x\r\n\r\n",
        "1\r\na\r\n0\r\nX: \u{0}\r\n\r\n", "1\r\na\r\n0\n\n",
    ])
    func `a malformed chunk is answered 400 and the origin never sees a whole request`(body: String) async throws {
        let wholes = Mutex(0)
        try await withWorld { world in
            world.origin.answer("/api/a") { request in
                if (try? await request.body.collect(upTo: 100)) != nil { wholes.withLock { $0 += 1 } }
                return .text(.ok, "")
            }
            let answer = try exchange(
                "POST /api/a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n\(body)"
                    + "GET /api/smuggled HTTP/1.1\r\nHost: h\r\n\r\n", port: world.edgePort)
            #expect(answer.hasPrefix("HTTP/1.1 400"))
            #expect(answer.ranges(of: "HTTP/1.1 ").count == 1)
            #expect(world.origin.count("/api/smuggled") == 0)
        }
        #expect(wholes.withLock { $0 } == 0)
    }

    @Test(arguments: [
        "Content-Length: 45\r\n\r\nGET /api/smuggled HTTP/1.1\r\nHost: hhhhhhh\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n2d\r\nGET /api/smuggled HTTP/1.1\r\nHost: hhhhhhh\r\n\r\n\r\n0\r\n\r\n",
    ])
    func `a body on a request for a hit is no request of its own`(rest: String) async throws {
        try await withWorld { world in
            world.origin.answer("/open/a", Array("object".utf8))
            _ = try await world.get("/open/a")
            try await world.untilStored("/open/a")
            let answer = try exchange(
                "GET /open/a HTTP/1.1\r\nHost: h\r\n\(rest)"
                    + "GET /open/a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", port: world.edgePort)
            #expect(answer.hasPrefix("HTTP/1.1 400"))
            #expect(answer.ranges(of: "HTTP/1.1 ").count == 2)
            #expect(answer.contains("HTTP/1.1 200 OK"))
            #expect(answer.hasSuffix("object"))
            #expect(world.origin.total == 1)
        }
    }
}
