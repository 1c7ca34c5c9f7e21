import EventLoop
import HTTPClient
import HTTPWire
import TestKit
import Testing

/// The client against servers that lie, stall and die.
@Suite struct HostileServerTests {
    private static let kept = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    private func answering(_ response: String) throws -> ScriptedServer {
        try ScriptedServer { connection in
            _ = connection.receive(until: "\r\n\r\n")
            connection.send(response)
        }
    }

    private func error(for response: String) async throws -> ClientError? {
        let server = try answering(response)
        return try await withClient(TestClient()) { await failure(of: $0, server.request()) }
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nshort",
        "HTTP/1.1 200 OK\r\nContent-Le",
    ])
    func `a response cut off is a failure, not a body`(response: String) async throws {
        let error = try #require(try await error(for: response))
        #expect(error.kind == .truncated)
        #expect(error.side == .upstream)
        #expect(error.retry == .no)
        #expect(error.message.contains("127.0.0.1:"))
    }

    @Test(arguments: [
        "SSH-2.0-OpenSSH\r\n\r\n",
        "HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nokk",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        "HTTP/1.1 101 Switching Protocols\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: \(String(repeating: "a", count: 40_000))\r\n\r\n",
        String(repeating: "HTTP/1.1 103 Early Hints\r\n\r\n", count: 9),
    ])
    func `a malformed response is refused`(response: String) async throws {
        #expect(try await error(for: response)?.kind == .malformedResponse)
    }

    @Test func `interim responses are skipped`() async throws {
        let server = try answering(
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n\(Self.kept)")
        try await withClient(TestClient()) { client in
            try await expectText("ok", of: client, server.request())
        }
    }

    @Test func `a body that ends with the connection is delivered and marked as such`() async throws {
        let server = try answering("HTTP/1.1 200 OK\r\n\r\nuntil the end")
        try await withClient(TestClient()) { client in
            let response = try await client.send(server.request())
            #expect(!response.body.isDelimited)
            #expect(response.body.length == nil)
            #expect(try await response.body.collect(upTo: 100) == Array("until the end".utf8))
        }
    }

    @Test func `a reset is not the clean end of such a body`() async throws {
        let gate = Gate()
        let server = try ScriptedServer { connection in
            _ = connection.receive(until: "\r\n\r\n")
            connection.send("HTTP/1.1 200 OK\r\n\r\nhalf")
            _ = connection.receive(upTo: 1)
            connection.resetOnClose()
        }
        try await withClient(TestClient()) { client in
            let body = ClientRequest.Body.asyncStream(length: 1) { writer in
                await gate.wait()
                try await writer.write("x")
            }
            let response = try await client.send(server.request(.put, body: body))
            gate.open()
            await #expect(throws: ClientError.self) { try await response.body.collect(upTo: 100) }
        }
    }

    /// Answers once and keeps the connection, then dies under the second request.
    private func dyingUnderReuse() throws -> ScriptedServer {
        try ScriptedServer(
            { connection in
                _ = connection.receive(until: "\r\n\r\n")
                connection.send(Self.kept)
                _ = connection.receive(until: "\r\n\r\n")
            },
            { connection in
                _ = connection.receive(until: "\r\n\r\n")
                connection.send(Self.kept)
            })
    }

    @Test func `a request on a kept connection that died is sent again, once`() async throws {
        let server = try dyingUnderReuse()
        let test = try TestClient()
        try await withClient(test) { client in
            try await expectText("ok", of: client, server.request())
            try await expectText("ok", of: client, server.request())
            #expect(server.connections == 2)
            #expect(test.metric("weir_http_client_retries_total") == 1)
        }
    }

    @Test func `a request that is not idempotent is not sent again`() async throws {
        let server = try dyingUnderReuse()
        try await withClient(TestClient()) { client in
            try await expectText("ok", of: client, server.request())
            let error = try #require(await failure(of: client, server.request(.post, body: .bytes([1]))))
            #expect(error.kind == .closedBeforeResponse)
            #expect(error.retry == .onlyIfReused)
            #expect(server.connections == 1)
        }
    }

    @Test func `a new connection that dies is not tried again`() async throws {
        let server = try ScriptedServer { connection in _ = connection.receive(until: "\r\n\r\n") }
        try await withClient(TestClient()) { client in
            let error = try #require(await failure(of: client, server.request()))
            #expect(error.kind == .closedBeforeResponse)
            #expect(error.retry == .no)
            #expect(server.connections == 1)
        }
    }

    @Test func `bytes after a complete response cost the connection`() async throws {
        let server = try answering("\(Self.kept)HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
        try await withClient(TestClient()) { client in
            try await expectText("ok", of: client, server.request())
            try await expectText("ok", of: client, server.request())
            #expect(server.connections == 2)
        }
    }

    @Test func `a connection unused for the keep-alive timeout is closed`() async throws {
        let closed = Gate()
        let server = try ScriptedServer { connection in
            _ = connection.receive(until: "\r\n\r\n")
            connection.send(Self.kept)
            if connection.receive().isEmpty { closed.open() }
        }
        try await withClient(TestClient { $0.keepAliveTimeout = .milliseconds(30) }) { client in
            try await expectText("ok", of: client, server.request())
            await closed.wait()
        }
    }

    @Test func `nobody listening is a connection error that names the place and may be retried`() async throws {
        let listener = try Socket.listen(on: .loopback(port: 0), reusePort: false)
        let port = try #require(listener.localAddress).port
        listener.close()
        try await withClient(TestClient()) { client in
            let request = ClientRequest(endpoint: Endpoint(host: "127.0.0.1", port: port), target: "/")
            let error = try #require(await failure(of: client, request))
            #expect(error.kind == .connection)
            #expect(error.retry == .yes)
            #expect(error.message.contains("127.0.0.1:\(port)"))
        }
    }

    @Test func `a name without an address is a resolution error`() async throws {
        try await withClient(TestClient()) { client in
            let request = ClientRequest(endpoint: Endpoint(host: "no-such-host.invalid", port: 80), target: "/")
            #expect(await failure(of: client, request)?.kind == .resolution)
        }
    }

    @Test func `a server that does not answer meets the response timeout`() async throws {
        let server = try ScriptedServer { connection in
            _ = connection.receive(until: "\r\n\r\n")
            _ = connection.receive()
        }
        try await withClient(TestClient()) { client in
            var request = server.request()
            request.responseTimeout = .milliseconds(40)
            #expect(await failure(of: client, request)?.kind == .responseTimeout)
        }
    }

    @Test func `a body that stands still meets the idle timeout`() async throws {
        let server = try ScriptedServer { connection in
            _ = connection.receive(until: "\r\n\r\n")
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
            _ = connection.receive()
        }
        try await withClient(TestClient()) { client in
            var request = server.request()
            request.idleTimeout = .milliseconds(40)
            #expect(await failure(of: client, request)?.kind == .idleTimeout)
        }
    }
}
