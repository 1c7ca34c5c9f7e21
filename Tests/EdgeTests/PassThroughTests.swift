import HTTPClient
import HTTPServer
import HTTPWire
import TestKit
import Testing

@testable import Edge

@Suite struct PassThroughTests {
    @Test func `a large upload arrives whole and so does its echo`() async throws {
        try await withWorld { world in
            world.origin.answer("/api/echo") { request in
                guard let body = try? await request.body.collect(upTo: 1 << 24) else { return .text(.badRequest, "") }
                return Response(status: .created, headers: ["Content-Type": "video/mp4"], body: .bytes(body))
            }
            let bytes = patterned(5_000_000)
            for body: ClientRequest.Body in [
                .bytes(bytes),
                .asyncStream(length: nil) { writer in
                    for start in stride(from: 0, to: bytes.count, by: 100_000) {
                        try await writer.write(Array(bytes[start..<start + 100_000]))
                    }
                },
            ] {
                let response = try await world.send("/api/echo", method: .post, body: body)
                #expect(response.status == .created)
                #expect(response.headers.first("Content-Type") == "video/mp4")
                #expect(try await response.body.collect(upTo: 1 << 24) == bytes)
            }
        }
    }

    @Test func `events flow as they happen`() async throws {
        try await withWorld { world in
            let gate = Gate()
            world.origin.answer("/api/events") { _ in
                Response(
                    status: .ok, headers: ["Content-Type": "text/event-stream"],
                    body: .stream(length: nil) { writer in
                        try await writer.write("data: 1\n\n")
                        await gate.wait()
                        try await writer.write("data: 2\n\n")
                    })
            }
            let response = try await world.send("/api/events")
            var iterator = response.body.makeAsyncIterator()
            #expect(try await iterator.next() == Array("data: 1\n\n".utf8))
            gate.open()
            #expect(try await iterator.next() == Array("data: 2\n\n".utf8))
            #expect(try await iterator.next() == nil)
        }
    }

    @Test func `a client that leaves ends the request at the origin`() async throws {
        try await withWorld { world in
            let left = Gate()
            world.origin.answer("/api/events") { _ in
                Response(
                    status: .ok,
                    body: .stream(length: nil) { writer in
                        defer { left.open() }
                        while true { try await writer.write("data: more\n\n") }
                    })
            }
            do {
                let response = try await world.send("/api/events")
                var iterator = response.body.makeAsyncIterator()
                _ = try await iterator.next()
            }
            await left.wait()
        }
    }

    @Test func `the origin learns who asked, and nothing of the connection`() async throws {
        try await withWorld { world in
            world.origin.answer("/api/a") { _ in
                Response(
                    status: .ok,
                    headers: [
                        "Set-Cookie": "session=1", "Server": "inside/1.0", "Keep-Alive": "timeout=5",
                        "X-Cache": "Hit from elsewhere",
                    ], body: .bytes([1]))
            }
            let answer = try await world.get(
                "/api/a?q=1",
                headers: [
                    "Cookie": "a=b", "Authorization": "Bearer t", "X-Forwarded-For": "203.0.113.9",
                    "Keep-Alive": "timeout=9",
                    "X-Forwarded-Host": "evil.example",
                ])
            #expect(answer.headers.first("Set-Cookie") == "session=1")
            #expect(answer.cache == "Miss from weir")
            for name in ["Server", "Keep-Alive"] { #expect(!answer.headers.contains(name), "\(name)") }
            let request = try #require(world.origin.requests("/api/a").first)
            #expect(request.query == "q=1")
            #expect(request.headers.first("Cookie") == "a=b")
            #expect(request.headers.first("Authorization") == "Bearer t")
            #expect(request.headers.first("X-Forwarded-For") == "203.0.113.9, 127.0.0.1")
            #expect(request.headers.first("X-Forwarded-Proto") == "http")
            #expect(request.headers.first("X-Forwarded-Host") == "127.0.0.1:\(world.edgePort)")
            #expect(request.headers.first("Host") == "127.0.0.1:\(world.origin.port)")
            #expect(!request.headers.contains("Keep-Alive"))
        }
    }

    @Test func `HEAD, 204 and 304 pass with their fields and the connection lives on`() async throws {
        try await withWorld { world in
            world.origin.answer("/api/a") { request in
                switch request.query {
                case "none": return Response(status: .noContent)
                case "same": return Response(status: .notModified, headers: ["ETag": "\"x\""])
                default: return Response(status: .ok, body: .bytes(patterned(1000)))
                }
            }
            for _ in 0..<2 {
                let head = try await world.get("/api/a", method: .head)
                #expect(head.headers.first("Content-Length") == "1000")
                #expect(head.body.isEmpty)
                #expect(try await world.get("/api/a?none").status == 204)
                #expect(try await world.get("/api/a?same").headers.first("ETag") == "\"x\"")
            }
        }
    }

    @Test func `an origin that breaks off in the middle is seen as broken`() async throws {
        struct BrokenOff: Error {}
        try await withWorld { world in
            world.origin.answer("/api/a") { _ in
                Response(
                    status: .ok,
                    body: .stream(length: 1000) { writer in
                        try await writer.write(patterned(500))
                        throw BrokenOff()
                    })
            }
            let response = try await world.send("/api/a")
            await #expect(throws: ClientError.self) { _ = try await response.body.collect(upTo: 1 << 20) }
        }
    }
}
