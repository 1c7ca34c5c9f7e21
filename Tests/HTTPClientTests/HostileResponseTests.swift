import EventLoop
import HTTPClient
import HTTPWire
import TestKit
import Testing

/// One test for each way in which a server's response can be wrong.
@Suite struct HostileResponseTests {
    private static let kept = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    /// Answers every connection's first request with `pieces`, then closes unless `keepsOpen`.
    private func answering(_ pieces: String..., keepsOpen: Bool = false) throws -> ScriptedServer {
        try ScriptedServer { connection in
            _ = connection.receive(until: "\r\n\r\n")
            for piece in pieces { connection.send(piece) }
            if keepsOpen { _ = connection.receive() }
        }
    }

    private func kind(_ server: ScriptedServer, _ method: HTTPMethod = .get) async throws -> ClientError.Kind? {
        try await withClient(TestClient()) { await failure(of: $0, server.request(method))?.kind }
    }

    @Test func `a body shorter than its length is truncated`() async throws {
        #expect(try await kind(try answering("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok")) == .truncated)
    }

    @Test func `a body longer than its length is cut there, and its connection is not used again`() async throws {
        let server = try answering("\(Self.kept), and more", keepsOpen: true)
        try await withClient(TestClient()) { client in
            for _ in 0..<2 { try await expectText("ok", of: client, server.request()) }
            #expect(server.connections == 2)
        }
    }

    @Test func `a reset in the middle of a body is truncated`() async throws {
        let server = try ScriptedServer { connection in
            _ = connection.receive(until: "\r\n\r\n")
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nhalf")
            connection.resetOnClose()
        }
        #expect(try await kind(server) == .truncated)
    }

    @Test func `a head that never ends is cut at the limit`() async throws {
        let server = try ScriptedServer { connection in
            _ = connection.receive(until: "\r\n\r\n")
            connection.send("HTTP/1.1 200 OK\r\n")
            while connection.send("X-Padding: \(String(repeating: "a", count: 80))\r\n") {}
        }
        #expect(try await kind(server) == .malformedResponse)
    }

    @Test func `too many fields are refused though they are short`() async throws {
        let fields = String(repeating: "A: b\r\n", count: 300)
        #expect(try await kind(try answering("HTTP/1.1 200 OK\r\n\(fields)\r\n")) == .malformedResponse)
    }

    @Test func `a flood of interim responses is refused`() async throws {
        let server = try ScriptedServer { connection in
            _ = connection.receive(until: "\r\n\r\n")
            while connection.send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n") {}
        }
        #expect(try await kind(server) == .malformedResponse)
    }

    @Test func `a head that drips meets the response timeout, however steadily it comes`() async throws {
        let server = try ScriptedServer { connection in
            _ = connection.receive(until: "\r\n\r\n")
            while connection.send("H") { if connection.receive(upTo: 1).isEmpty { break } }
        }
        try await withClient(TestClient()) { client in
            var request = server.request()
            request.responseTimeout = .milliseconds(50)
            #expect(await failure(of: client, request)?.kind == .responseTimeout)
        }
    }

    @Test(arguments: ["\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", " HTTP/1.1 200 OK\r\n\r\n", "\0HTTP/1.1 200 OK\r\n\r\n"])
    func `garbage before the status line is refused`(response: String) async throws {
        #expect(try await kind(try answering(response)) == .malformedResponse)
    }

    @Test func `a length beside chunks is refused`() async throws {
        let response = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"
        #expect(try await kind(try answering(response)) == .malformedResponse)
    }

    @Test(arguments: ["Content-Length: 2\r\nContent-Length: 3", "Content-Length: 2, 3", "Content-Length: +2"])
    func `doubtful lengths are refused`(fields: String) async throws {
        #expect(try await kind(try answering("HTTP/1.1 200 OK\r\n\(fields)\r\n\r\nokk")) == .malformedResponse)
    }

    @Test(arguments: [
        "2\nok\n0\n\n", "0x2\r\nok\r\n0\r\n\r\n", "-2\r\nok\r\n0\r\n\r\n", "2\r\nokk\r\n0\r\n\r\n",
        "ffffffffffffffff\r\nok", "11111111111111111\r\nok", "2 \r\nok\r\n0\r\n\r\n", "\r\n",
    ])
    func `broken chunks are refused`(body: String) async throws {
        let response = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\(body)"
        #expect(try await kind(try answering(response, keepsOpen: true)) == .malformedResponse)
    }

    @Test func `an endless chunk extension is refused`() async throws {
        let server = try ScriptedServer { connection in
            _ = connection.receive(until: "\r\n\r\n")
            connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;")
            while connection.send(String(repeating: "e", count: 100)) {}
        }
        #expect(try await kind(server) == .malformedResponse)
    }

    @Test func `an answer before the request is finished is delivered, and its connection is not used again`()
        async throws
    {
        let server = try ScriptedServer { connection in
            _ = connection.receive(until: "\r\n\r\n")
            connection.send(Self.kept)
            _ = connection.receiveAll()
        }
        let gate = Gate()
        try await withClient(TestClient()) { client in
            let body = ClientRequest.Body.asyncStream(length: 10) { writer in
                try await writer.write("first")
                await gate.wait()
            }
            try await expectText("ok", of: client, server.request(.put, body: body))
            gate.open()
            try await expectText("ok", of: client, server.request())
            #expect(server.connections == 2)
        }
    }

    @Test func `an early close of a kept connection costs one retry of an idempotent request, no more`() async throws {
        let server = try ScriptedServer(
            { connection in
                _ = connection.receive(until: "\r\n\r\n")
                connection.send(Self.kept)
                _ = connection.receive(until: "\r\n\r\n")
            },
            { connection in _ = connection.receive(until: "\r\n\r\n") })
        try await withClient(TestClient()) { client in
            try await expectText("ok", of: client, server.request())
            #expect(await failure(of: client, server.request())?.kind == .closedBeforeResponse)
            #expect(server.connections == 2)
        }
    }

    @Test func `a second response nobody asked for is never anyone's answer`() async throws {
        let evil = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"
        for response in [
            "\(Self.kept)\(evil)", "HTTP/1.1 204 No Content\r\n\r\n\(evil)",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n\(evil)",
        ] {
            let server = try answering(response, keepsOpen: true)
            try await withClient(TestClient()) { client in
                for _ in 0..<2 {
                    let answer = try await text(of: client, server.request())
                    #expect(!answer.contains("evil"))
                }
                #expect(server.connections == 2)
            }
        }
    }

    @Test func `a second response that comes while the connection rests costs the connection`() async throws {
        let sent = Gate()
        let closed = Gate()
        let server = try ScriptedServer { connection in
            _ = connection.receive(until: "\r\n\r\n")
            connection.send(Self.kept)
            _ = connection.receive(until: "\r\n\r\n")
            // The second request is answered twice, in two pieces.
            connection.send(Self.kept)
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
            sent.open()
            if connection.receive().isEmpty { closed.open() }
        }
        try await withClient(TestClient()) { client in
            try await expectText("ok", of: client, server.request())
            try await expectText("ok", of: client, server.request())
            await sent.wait()
            await closed.wait()
        }
    }

    @Test func `a response without a status line is no response`() async throws {
        #expect(try await kind(try answering("<html>hello</html>")) == .malformedResponse)
    }

    @Test func `HTTP 1_0 keeps a connection only if it says so`() async throws {
        for (field, connections) in [("Connection: keep-alive\r\n", 1), ("", 2)] {
            let server = try ScriptedServer { connection in
                while !connection.receive(until: "\r\n\r\n").isEmpty {
                    connection.send("HTTP/1.0 200 OK\r\n\(field)Content-Length: 2\r\n\r\nok")
                }
            }
            try await withClient(TestClient()) { client in
                for _ in 0..<2 { try await expectText("ok", of: client, server.request()) }
                #expect(server.connections == connections)
            }
        }
    }

    @Test func `HTTP 1_0 with chunks is refused`() async throws {
        let response = "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"
        #expect(try await kind(try answering(response)) == .malformedResponse)
    }

    @Test func `a 304 and a HEAD response have no body whatever they announce`() async throws {
        let server = try answering("HTTP/1.1 304 Not Modified\r\nContent-Length: 1000\r\n\r\n", keepsOpen: true)
        try await withClient(TestClient()) { client in
            for method in [HTTPMethod.get, .head] {
                let response = try await client.send(server.request(method))
                #expect(response.status == .notModified)
                #expect(try await response.body.collect(upTo: 10).isEmpty)
            }
        }
    }
}
