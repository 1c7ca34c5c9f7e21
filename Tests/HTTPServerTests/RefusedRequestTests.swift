import Bytes
import EventLoop
import HTTPServer
import HTTPWire
import Synchronization
import Telemetry
import TestKit
import Testing

/// What is told of requests that no handler sees.
@Suite struct RefusedRequestTests {
    /// A refusal with what the exchange says of it, copied out of the loop.
    private struct Told: Sendable {
        var refusal: RefusedRequest
        var peer: SocketAddress
        var path: String
        var id: String
    }

    private func refusals(
        _ change: (inout HTTPServerConfiguration) -> Void = { _ in }, _ body: (TestServer) throws -> Void
    ) async throws -> [Told] {
        let told = Mutex<[Told]>([])
        let calls = CallCounter()
        var configuration = HTTPServerConfiguration()
        change(&configuration)
        let server = try TestServer(configuration: configuration) { _ in
            ClosureHandler {
                calls.add()
                $0.respondOnLoop(status: .noContent)
            } refused: { exchange, refusal in
                let path = refusal.hasHead ? exchange.head.path.string(in: exchange.headBytes) : ""
                let one = Told(
                    refusal: refusal, peer: exchange.peer, path: path,
                    id: "\(exchange.requestID)")
                told.withLock { $0.append(one) }
            }
        }
        try await withServer(server) { try body($0) }
        #expect(calls.value == 0)
        return told.withLock { $0 }
    }

    @Test(arguments: [
        (400, "GET / HTTP/1.1\r\nHost: x\r\nA b\r\n\r\n"), (400, "\u{16}\u{3}\u{1}\u{2}\u{0}\r\n\r\n"),
        (414, "GET /\(String(repeating: "a", count: 8_193)) HTTP/1.1\r\nHost: x\r\n\r\n"),
        (431, "GET / HTTP/1.1\r\nHost: x\r\nA: \(String(repeating: "a", count: 20_480))\r\n\r\n"),
    ])
    func `a head that is refused is told once, with its bytes and those of the answer`(
        status: Int, request: String
    ) async throws {
        var answer = ""
        let told = try await refusals { server in
            let connection = try server.connect()
            connection.send(request)
            answer = connection.receiveAll()
        }
        let one = try #require(told.first)
        #expect(told.count == 1)
        #expect(one.refusal.status == status && !one.refusal.hasHead)
        #expect(one.refusal.requestBytes > 0 && one.refusal.requestBytes <= request.utf8.count)
        #expect(one.refusal.headBytes + one.refusal.bodyBytes == answer.utf8.count)
        #expect(one.peer.isLoopback && one.peer.port > 0)
        #expect(!one.id.isEmpty)
    }

    @Test func `a head that is too slow is told as well, one that never began is not`() async throws {
        let told = try await refusals({ $0.headTimeout = .milliseconds(40) }) { server in
            let (slow, silent) = (try server.connect(), try server.connect())
            slow.send("GET / HTTP/1.1\r\nHost:")
            #expect(slow.receiveAll().hasPrefix("HTTP/1.1 408 "))
            #expect(silent.receiveAll().isEmpty)
        }
        #expect(told.map(\.refusal.status) == [408])
        #expect(told.first?.refusal.requestBytes == 21)
    }

    @Test func `where the head is good and its body too long, the head is told`() async throws {
        let request = "POST /a?b HTTP/1.1\r\nHost: x\r\nX-Request-Id: mine-1\r\nContent-Length: 11\r\n\r\n"
        let told = try await refusals({ $0.maxBodyBytes = 10 }) { server in
            let connection = try server.connect()
            connection.send(request)
            #expect(connection.receiveAll().hasPrefix("HTTP/1.1 413 "))
        }
        let one = try #require(told.first)
        #expect(one.refusal.status == 413 && one.refusal.hasHead && one.path == "/a" && one.id == "mine-1")
        #expect(one.refusal.requestBytes == request.utf8.count)
    }

    @Test func `each refusal has an id of its own`() async throws {
        let told = try await refusals { server in
            for _ in 1...2 {
                let connection = try server.connect()
                connection.send("GET\r\n\r\n")
                _ = connection.receiveAll()
            }
        }
        #expect(Set(told.map(\.id)).count == 2)
    }

    @Test func `the same holds for each stream of HTTP/2`() async throws {
        let told = try await refusals({ $0.maxBodyBytes = 10 }) { server in
            let client = try FrameConnection(to: server)
            client.send(.headers(1, Block.get("/" + String(repeating: "a", count: 8_192))))
            #expect(client.response(on: 1).status == 414)
            client.send(.headers(3, Block.get("/b", method: "POST", ("content-length", "11")), ends: false))
            #expect(client.response(on: 3).status == 413)
        }
        #expect(told.map(\.refusal.status) == [414, 413])
        #expect(told.map(\.path) == ["", "/b"])
        #expect(
            told.allSatisfy { $0.refusal.requestBytes > 20 && $0.refusal.headBytes > 10 && $0.refusal.bodyBytes > 10 })
    }
}
