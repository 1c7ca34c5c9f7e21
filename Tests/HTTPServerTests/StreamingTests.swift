import EventLoop
import HTTPServer
import HTTPWire
import TestKit
import Testing

/// The async lane's streams.
@Suite struct StreamingTests {
    @Test func `a route streams its body, sized or chunked`() async throws {
        let server = try TestServer(route: { request in
            let length = request.path == "/sized" ? 10 : nil
            return Response(
                status: .ok,
                body: .stream(length: length) { writer in
                    for _ in 0..<5 { try await writer.write("ab") }
                })
        })
        try await withServer(server) { server in
            let connection = try server.connect()
            connection.send("GET /sized HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(connection.receiveResponse().body == "ababababab")
            connection.send("GET /chunked HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            #expect(
                connection.receiveAll().hasSuffix("\r\n\r\n" + String(repeating: "2\r\nab\r\n", count: 5) + "0\r\n\r\n")
            )
        }
    }

    @Test func `an HTTP 1_0 client gets a body that ends with the connection`() async throws {
        let server = try TestServer { _ in
            Response(status: .ok, body: .stream(length: nil) { try await $0.write("hello") })
        }
        try await withServer(server) { server in
            let connection = try server.connect()
            connection.send("GET / HTTP/1.0\r\n\r\n")
            let response = connection.receiveAll()
            #expect(response.hasSuffix("\r\n\r\nhello"))
            #expect(!response.contains("Transfer-Encoding"))
        }
    }

    @Test func `a producer that throws truncates its response`() async throws {
        struct Broken: Error {}
        let server = try TestServer { _ in
            Response(
                status: .ok,
                body: .stream(length: nil) { writer in
                    try await writer.write("half")
                    throw Broken()
                })
        }
        try await withServer(server) { server in
            let connection = try server.connect()
            connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            let response = connection.receiveAll()
            #expect(response.contains("4\r\nhalf\r\n"))
            #expect(!response.contains("0\r\n\r\n"))
        }
    }

    @Test func `a producer learns on a write that its client is gone`() async throws {
        let failures = CallCounter()
        let server = try TestServer { _ in
            Response(
                status: .ok,
                body: .stream(length: nil) { writer in
                    do {
                        while true { try await writer.write([UInt8](repeating: 1, count: 65_536)) }
                    } catch {
                        if error as? ResponseBodyError == .disconnected { failures.add() }
                        throw error
                    }
                })
        }
        try await withServer(server) { server in
            do {
                let connection = try server.connect()
                connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                _ = connection.receive(until: "\r\n\r\n")
            }
            #expect(await eventually { failures.value == 1 })
        }
    }

    @Test func `a body read piece by piece holds the client back`() async throws {
        let read = CallCounter()
        let server = try TestServer(route: { request in
            do {
                for try await chunk in request.body {
                    read.add(chunk.count)
                    await Task.yield()
                }
                return .text(.ok, "\(read.value)")
            } catch {
                return .text(.badRequest, "\(error)")
            }
        })
        try await withServer(server) { server in
            let connection = try server.connect()
            let total = 8 << 20
            connection.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: \(total)\r\n\r\n")
            for _ in 0..<8 { connection.send([UInt8](repeating: 9, count: 1 << 20)) }
            #expect(connection.receiveResponse().body == "\(total)")
        }
    }

    @Test func `a body nobody reads hangs nobody`() async throws {
        let server = try TestServer { _ in .text(.ok, "ignored") }
        try await withServer(server) { server in
            let connection = try server.connect()
            connection.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
            #expect(connection.receiveResponse().body == "ignored")
            connection.send([UInt8](repeating: 65, count: 1_000))
            connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(connection.receiveResponse().body == "ignored")
        }
    }

    @Test func `a body larger than allowed is refused before it is read`() async throws {
        let server = try TestServer(route: { request in
            do {
                return Response(status: .ok, body: .bytes(try await request.body.collect(upTo: 4)))
            } catch {
                return .text(.contentTooLarge, "\(error)")
            }
        })
        try await withServer(server) { server in
            let connection = try server.connect()
            connection.send(
                "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5000000\r\n\r\n")
            #expect(connection.receiveAll().hasPrefix("HTTP/1.1 413 "))
            let chunked = try server.connect()
            chunked.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n")
            #expect(chunked.receiveResponse().head.hasPrefix("HTTP/1.1 413 "))
        }
    }

    @Test func `a body cut off by its client fails for the reader`() async throws {
        let errors = CallCounter()
        let server = try TestServer(route: { request in
            do {
                _ = try await request.body.collect(upTo: 100)
            } catch {
                if error as? RequestBodyError == .disconnected { errors.add() }
            }
            return .text(.ok, "nobody listens")
        })
        try await withServer(server) { server in
            do {
                let connection = try server.connect()
                connection.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
            }
            #expect(await eventually { errors.value == 1 })
        }
    }

    @Test func `large bodies in memory arrive whole`() async throws {
        let bytes = (0..<5_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let server = try TestServer { _ in Response(status: .ok, body: .bytes(bytes)) }
        try await withServer(server) { server in
            let connection = try server.connect()
            connection.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            #expect(connection.receive(until: "\r\n\r\n").contains("Content-Length: 5000000\r\n"))
            var all: [UInt8] = []
            while true {
                let piece = connection.receive()
                if piece.isEmpty { break }
                all += piece
            }
            #expect(all == bytes)
        }
    }

    @Test func `a HEAD response keeps the length its handler gives`() async throws {
        let server = try TestServer { _ in Response(status: .ok, headers: ["Content-Length": "123"]) }
        try await withServer(server) { server in
            let connection = try server.connect()
            connection.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(connection.receive(until: "\r\n\r\n").contains("Content-Length: 123\r\n"))
            connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(connection.receiveResponse().head.contains("Content-Length: 0\r\n"))
        }
    }
}
