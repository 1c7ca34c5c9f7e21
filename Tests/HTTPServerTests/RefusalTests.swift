import EventLoop
import HTTPServer
import HTTPWire
import Synchronization
import TestKit
import Testing

/// Malformed requests: the exact status, the connection closed, and no handler called.
@Suite struct RefusalTests {
    private func answer(to request: String) async throws -> (response: String, calls: Int) {
        let counter = CallCounter()
        let server = try TestServer { _ in
            counter.add()
            return .text(.ok, "reached")
        }
        return try await withServer(server) { server in
            let connection = try server.connect()
            connection.send(request)
            return (connection.receiveAll(), counter.value)
        }
    }

    static let malformed: [(String, String)] = [
        ("CL and TE", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        ("TE and CL", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n"),
        ("two lengths", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"),
        ("two equal lengths", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc"),
        ("a signed length", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +3\r\n\r\nabc"),
        ("a hexadecimal length", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0x3\r\n\r\nabc"),
        ("an empty length", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: \r\n\r\n"),
        (
            "two codings",
            "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"
        ),
        ("a coding that only looks chunked", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n"),
        ("bare line feeds", "GET / HTTP/1.1\nHost: x\n\n"),
        ("a folded field", "GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n"),
        ("a space before the colon", "GET / HTTP/1.1\r\nHost: x\r\nA : b\r\n\r\n"),
        ("a field without a colon", "GET / HTTP/1.1\r\nHost: x\r\nnonsense\r\n\r\n"),
        ("NUL in a value", "GET / HTTP/1.1\r\nHost: x\r\nA: b\0c\r\n\r\n"),
        ("no host", "GET / HTTP/1.1\r\n\r\n"),
        ("two hosts", "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n"),
        ("no version", "GET /\r\n\r\n"),
        ("noise", "\u{16}\u{3}\u{1}\u{2}\u{0}\r\n\r\n"),
    ]

    @Test(arguments: malformed)
    func `a malformed head is answered 400, closed and shown to no handler`(name: String, request: String) async throws
    {
        let (response, calls) = try await answer(to: request)
        #expect(response.hasPrefix("HTTP/1.1 400 Bad Request\r\n"), "\(name)")
        #expect(response.contains("\r\nConnection: close\r\n"), "\(name)")
        #expect(calls == 0, "\(name)")
    }

    @Test func `limits and unsupported features have statuses of their own`() async throws {
        let cases: [(String, String)] = [
            ("414", "GET /\(String(repeating: "a", count: 8_193)) HTTP/1.1\r\nHost: x\r\n\r\n"),
            ("431", "GET / HTTP/1.1\r\nHost: x\r\nA: \(String(repeating: "a", count: 20_480))\r\n\r\n"),
            ("501", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"),
            ("501", "CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n"),
            ("505", "GET / HTTP/2.0\r\nHost: x\r\n\r\n"),
            ("417", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nExpect: miracles\r\n\r\n"),
        ]
        for (status, request) in cases {
            let (response, calls) = try await answer(to: request)
            #expect(response.hasPrefix("HTTP/1.1 \(status) "), "\(request.prefix(60))")
            #expect(response.contains("\r\nConnection: close\r\n"))
            #expect(calls == 0)
        }
    }

    @Test func `a malformed request behind a good one is refused after the good one is answered`() async throws {
        let counter = CallCounter()
        let server = try TestServer { _ in
            counter.add()
            return .text(.ok, "good")
        }
        try await withServer(server) { server in
            let connection = try server.connect()
            connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost : x\r\n\r\n")
            let all = connection.receiveAll()
            #expect(all.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(all.contains("HTTP/1.1 400 Bad Request\r\n"))
            #expect(counter.value == 1)
        }
    }

    static let malformedChunks = [
        "xyz\r\n", "+3\r\nabc\r\n", "0x3\r\nabc\r\n", "3\nabc\r\n", "3\r\nabcX\r\n0\r\n\r\n", "\r\n",
    ]

    @Test(arguments: malformedChunks)
    func `a malformed chunk is answered 400 and closed, and the handler's body fails`(chunk: String) async throws {
        let failures = CallCounter()
        let server = try TestServer { request in
            do {
                _ = try await request.body.collect(upTo: 1_000)
                return .text(.ok, "fine")
            } catch {
                failures.add()
                return .text(.internalServerError, "never sent")
            }
        }
        try await withServer(server) { server in
            let connection = try server.connect()
            connection.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n\(chunk)")
            let response = connection.receiveAll()
            #expect(response.hasPrefix("HTTP/1.1 400 "))
            #expect(response.contains("Connection: close\r\n"))
            #expect(!response.contains("500"))
        }
        #expect(failures.value == 1)
    }
}

/// Counts across threads.
final class CallCounter: Sendable {
    private let count = Atomic<Int>(0)

    var value: Int { count.load(ordering: .sequentiallyConsistent) }

    func add(_ amount: Int = 1) {
        count.add(amount, ordering: .sequentiallyConsistent)
    }
}
