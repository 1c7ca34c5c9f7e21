import Bytes
import EventLoop
import HTTPServer
import HTTPWire
import TestKit
import Testing

/// Requests that come together.
@Suite struct PipeliningTests {
    private func echo() throws -> TestServer {
        try TestServer { _ in
            ClosureHandler { exchange in
                let path = exchange.head.path.string(in: exchange.headBytes)
                if path.hasPrefix("/later") {
                    exchange.loop.scheduleOnLoop(after: .milliseconds(5)) { exchange.respond(path) }
                } else if path.hasPrefix("/large") {
                    exchange.respond(path + String(repeating: "x", count: 20_000))
                } else {
                    exchange.respond(path)
                }
            }
        }
    }

    private func requests(_ paths: some Sequence<String>) -> String {
        paths.map { "GET \($0) HTTP/1.1\r\nHost: x\r\n\r\n" }.joined()
    }

    @Test func `small answers to requests that came together leave together`() async throws {
        try await withServer(try echo()) { server in
            let connection = try server.connect()
            connection.send(requests((0..<20).map { "/\($0)" }))
            let answers = String(decoding: connection.receive(), as: UTF8.self)
            #expect(answers.ranges(of: "HTTP/1.1 200 OK").count == 20)
            #expect(answers.hasSuffix("/19"))
        }
    }

    @Test func `answers come in order, whatever each of them takes`() async throws {
        try await withServer(try echo()) { server in
            let connection = try server.connect()
            let paths = (0..<60).map { ["/a\($0)", "/later\($0)", "/large\($0)"][$0 % 3] }
            connection.send(requests(paths))
            for path in paths { #expect(connection.receiveResponse().body.hasPrefix(path)) }
        }
    }

    @Test func `a malformed request gets its answer behind those before it`() async throws {
        try await withServer(try echo()) { server in
            let connection = try server.connect()
            connection.send(requests(["/a", "/b"]) + "GET /c HTTP/1.1\r\nHost : x\r\n\r\n" + requests(["/d"]))
            #expect(connection.receiveResponse().body == "/a")
            #expect(connection.receiveResponse().body == "/b")
            let rest = connection.receiveAll()
            #expect(rest.hasPrefix("HTTP/1.1 400 "))
            #expect(!rest.contains("/d"))
        }
    }

    @Test func `half a request behind whole ones holds none of them up`() async throws {
        try await withServer(try echo()) { server in
            let connection = try server.connect()
            connection.send(requests(["/a", "/b"]) + "GET /c HTTP/1.1\r\nHo")
            #expect(connection.receiveResponse().body == "/a")
            #expect(connection.receiveResponse().body == "/b")
            connection.send("st: x\r\n\r\n")
            #expect(connection.receiveResponse().body == "/c")
        }
    }

    @Test func `a client that sends on and on without reading is held back`() async throws {
        let answered = CallCounter()
        let server = try TestServer { _ in
            ClosureHandler { exchange in
                answered.add()
                exchange.respond(String(repeating: "x", count: 4_000))
            }
        }
        try await withServer(server) { server in
            let connection = try RawConnection(to: server.address, receiveBuffer: 4_096)
            let batch = [UInt8](requests(repeatElement("/", count: 200)).utf8)
            let sender = Task.detached { [connection = Unchecked(connection)] in
                for _ in 0..<2_000 where !connection.value.send(batch) { return }
            }
            var before = -1
            while before != answered.value {
                before = answered.value
                try await Task.sleep(for: .milliseconds(200))
            }
            // What the kernel's buffers hold, and no more: the answers to all requests would be 1.6 GB.
            #expect(answered.value < 20_000)
            connection.shutdownBoth()
            await sender.value
        }
    }

    @Test func `draining lets answers leave that are on their way`() async throws {
        let server = try echo()
        let connection = try server.connect()
        connection.send(requests(["/a", "/b"]))
        #expect(connection.receiveResponse().body == "/a")
        await server.stop()
        #expect(connection.receiveAll().hasSuffix("/b"))
    }
}

/// A blocking connection used by one task after the other.
private struct Unchecked: @unchecked Sendable {
    let value: RawConnection
    init(_ value: RawConnection) { self.value = value }
}
