import EventLoop
import HTTPServer
import HTTPWire
import TestKit
import Testing

@Suite struct AsyncLaneTests {
    @Test func `a route answers and the connection is kept`() async throws {
        try await withServer(
            TestServer { request in .text(.ok, "\(request.method) \(request.path) \(request.query ?? "-")") }
        ) { server in
            let connection = try server.connect()
            connection.send("GET /a?b=c HTTP/1.1\r\nHost: x\r\n\r\n")
            let first = connection.receiveResponse()
            #expect(first.head.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(first.head.contains("\r\nDate: "))
            #expect(!first.head.contains("Connection: close"))
            #expect(first.body == "GET /a b=c")
            connection.send("GET /d HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            let rest = connection.receiveAll()
            #expect(rest.hasSuffix("GET /d -"))
            #expect(rest.contains("Connection: close\r\n"))
        }
    }

    @Test func `a body is collected, whether sized or chunked`() async throws {
        try await withServer(
            TestServer { request in
                do {
                    return Response(status: .ok, body: .bytes(try await request.body.collect(upTo: 100)))
                } catch {
                    return .text(.badRequest, "\(error)")
                }
            }
        ) { server in
            let connection = try server.connect()
            connection.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello")
            #expect(connection.receiveResponse().body == "hello")
            connection.send(
                "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
            #expect(connection.receiveResponse().body == "abcde")
            connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(connection.receiveResponse().head.hasPrefix("HTTP/1.1 200"))
        }
    }
}
