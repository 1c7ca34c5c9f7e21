import EventLoop
import HTTPServer
import HTTPWire
import TestKit
import Testing

/// Every limit has its status, and what is refused is not handled.
@Suite struct LimitTests {
    private func server(_ change: (inout HTTPServerConfiguration) -> Void) throws -> TestServer {
        var configuration = HTTPServerConfiguration()
        change(&configuration)
        return try TestServer(configuration: configuration) { request in
            do throws(RequestBodyError) {
                return .text(.ok, "\(try await request.body.collect(upTo: 1 << 24).count)")
            } catch {
                return .text(error == .tooLarge(limit: 1_000) ? .contentTooLarge : .badRequest, "\(error)")
            }
        }
    }

    @Test func `a body longer than allowed is answered 413, before a byte of it if its length is announced`()
        async throws
    {
        try await withServer(try server { $0.maxBodyBytes = 1_000 }) { server in
            let announced = try server.connect()
            announced.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\nExpect: 100-continue\r\n\r\n")
            let refusal = announced.receiveAll()
            #expect(refusal.hasPrefix("HTTP/1.1 413 "))
            #expect(refusal.contains("Connection: close\r\n"))
            let chunked = try server.connect()
            let chunk = "1f4\r\n" + String(repeating: "a", count: 500) + "\r\n"
            chunked.send(
                "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk + chunk + "1\r\na\r\n")
            #expect(chunked.receiveAll().hasPrefix("HTTP/1.1 413 "))
            let enough = try server.connect()
            enough.send(
                "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk + chunk + "0\r\n\r\n")
            #expect(enough.receiveResponse().body == "1000")
        }
    }

    @Test(arguments: [
        ("GET /" + String(repeating: "a", count: 8_191), "200"),
        ("GET /" + String(repeating: "a", count: 8_192), "414"),
        ("GET /" + String(repeating: "a", count: 30_000), "414"),
    ])
    func `a target may have 8,192 bytes`(line: String, status: String) async throws {
        try await withServer(try server { _ in }) { server in
            let connection = try server.connect()
            connection.send(line + " HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(connection.receive(until: "\r\n").hasPrefix("HTTP/1.1 \(status) "))
        }
    }

    @Test func `a head may have 20,480 bytes`() async throws {
        try await withServer(try server { _ in }) { server in
            for (count, status) in [(20_480, "200"), (20_481, "431")] {
                let start = "GET / HTTP/1.1\r\nHost: x\r\nX-A: "
                let connection = try server.connect()
                connection.send(start + String(repeating: "a", count: count - start.utf8.count - 4) + "\r\n\r\n")
                #expect(connection.receive(until: "\r\n").hasPrefix("HTTP/1.1 \(status) "), "\(count)")
            }
        }
    }

    @Test func `the number of fields is limited, ten thousand are refused at once`() async throws {
        try await withServer(try server { $0.maxFields = 10 }) { server in
            for (count, status) in [(9, "200"), (10, "431"), (10_000, "431")] {
                let connection = try server.connect()
                let fields = (0..<count).map { "X-\($0): a\r\n" }.joined()
                connection.send("GET / HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n")
                #expect(connection.receive(until: "\r\n").hasPrefix("HTTP/1.1 \(status) "), "\(count)")
            }
        }
    }

    @Test func `one address has as many connections as it may, and a new one when one is gone`() async throws {
        try await withServer(try server { $0.maxConnectionsPerPeer = 2 }) { server in
            let first = try server.connect()
            var second: RawConnection? = try server.connect()
            for connection in [first, second] {
                connection?.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                #expect(connection?.receiveResponse().body == "0")
            }
            let third = try server.connect()
            third.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(third.receiveAll().isEmpty)
            #expect(server.count("weir_http_server_refused_connections_total") == 1)
            second = nil
            #expect(await eventually { server.count("weir_http_server_connections", #",protocol="http/1.1""#) == 1 })
            let fourth = try server.connect()
            fourth.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(fourth.receiveResponse().body == "0")
            _ = first
        }
    }

    @Test func `OPTIONS for the server names every method of its routes`() async throws {
        var router = Router()
        router.add(.get, "/a") { _ in .text(.ok, "a") }
        router.add(.delete, "/b/{rest...}") { _ in .text(.ok, "b") }
        let routes = router
        try await withServer(try TestServer { await routes.respond(to: $0) }) { server in
            let connection = try server.connect()
            connection.send("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n")
            let head = connection.receive(until: "\r\n\r\n")
            #expect(head.hasPrefix("HTTP/1.1 204 "))
            #expect(head.contains("Allow: DELETE, GET, OPTIONS\r\n"))
        }
    }
}
