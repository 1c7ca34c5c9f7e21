import EventLoop
import HTTPClient
import HTTPServer
import HTTPWire
import TestKit
import Testing

/// The client against a real server.
@Suite struct RequestTests {
    private func with(
        _ change: (inout HTTPClientConfiguration) -> Void = { _ in }, route: @escaping AsyncRoute,
        _ body: (HTTPClient, Upstream) async throws -> Void
    ) async throws {
        let upstream = try Upstream(route: route)
        try await withClient(TestClient(change)) { client in try await body(client, upstream) }
        await upstream.stop()
    }

    @Test func `requests one after the other share a connection`() async throws {
        try await with { request in
            .text(.ok, "\(request.method) \(request.target) \(request.headers.first("Host") ?? "")")
        } _: { client, upstream in
            for index in 0..<5 {
                let answer = try await text(of: client, upstream.request(.get, "/\(index)"))
                #expect(answer == "GET /\(index) 127.0.0.1:\(upstream.address.port)")
            }
            #expect(upstream.connections == 1)
        }
    }

    @Test func `a name is resolved and its addresses tried in turn`() async throws {
        try await with { _ in
            .text(.ok, "found")
        } _: { client, upstream in
            var request = upstream.request()
            request.endpoint.host = "localhost"
            try await expectText("found", of: client, request)
        }
    }

    @Test func `HEAD and 204 have heads and no bodies`() async throws {
        try await with { request in
            request.path == "/none" ? Response(status: .noContent) : .text(.ok, "body")
        } _: { client, upstream in
            let head = try await client.send(upstream.request(.head, "/"))
            #expect(head.status == .ok)
            #expect(head.headers.first("Content-Length") == "4")
            #expect(try await head.body.collect(upTo: 10) == [])
            let none = try await client.send(upstream.request(.get, "/none"))
            #expect(none.status == .noContent)
            #expect(try await none.body.collect(upTo: 10) == [])
            try await expectText("body", of: client, upstream.request())
            #expect(upstream.connections == 1)
        }
    }

    @Test func `bodies go up from memory and from a stream, sized and chunked`() async throws {
        try await with { request in
            let bytes = (try? await request.body.collect(upTo: 1 << 24)) ?? []
            return .text(.ok, "\(bytes.count) \(request.body.length.map { "\($0)" } ?? "chunked")")
        } _: { client, upstream in
            let piece = [UInt8](repeating: 5, count: 100_000)
            try await expectText("100000 100000", of: client, upstream.request(.put, body: .bytes(piece)))
            let sized = ClientRequest.Body.asyncStream(length: 1_000_000) { writer in
                for _ in 0..<10 { try await writer.write(piece) }
            }
            try await expectText("1000000 1000000", of: client, upstream.request(.put, body: sized))
            let chunked = ClientRequest.Body.asyncStream(length: nil) { writer in
                for _ in 0..<10 { try await writer.write(piece) }
            }
            try await expectText("1000000 chunked", of: client, upstream.request(.post, body: chunked))
            #expect(upstream.connections == 1)
        }
    }

    @Test func `a streamed body is held back by a server that reads slowly`() async throws {
        let gate = Gate()
        try await with { request in
            await gate.wait()
            var count = 0
            do { for try await chunk in request.body { count += chunk.count } } catch {
                return .text(.badRequest, "\(error)")
            }
            return .text(.ok, "\(count)")
        } _: { client, upstream in
            let written = Gate()
            let total = 32 << 20
            let body = ClientRequest.Body.asyncStream(length: total) { writer in
                let piece = [UInt8](repeating: 1, count: 1 << 20)
                for _ in 0..<32 {
                    try await writer.write(piece)
                    written.add(piece.count)
                }
            }
            async let answer = text(of: client, upstream.request(.put, body: body))
            #expect(await eventually { written.count > 0 })
            #expect(written.count < total)
            gate.open()
            let text = try await answer
            #expect(text == "\(total)")
        }
    }

    @Test func `a request body that is not as long as announced fails the request`() async throws {
        try await with { request in
            _ = try? await request.body.collect(upTo: 100)
            return .text(.ok, "")
        } _: { client, upstream in
            for text in ["short", "much too long"] {
                let body = ClientRequest.Body.asyncStream(length: 8) { try await $0.write(text) }
                let error = try #require(await failure(of: client, upstream.request(.put, body: body)))
                #expect(error.kind == .requestBody)
                #expect(error.side == .caller)
            }
        }
    }

    @Test func `a body refused early is answered all the same`() async throws {
        try await with { _ in
            .text(.contentTooLarge, "no")
        } _: { client, upstream in
            let body = ClientRequest.Body.asyncStream(length: 50_000_000) { writer in
                for _ in 0..<500 { try await writer.write([UInt8](repeating: 1, count: 100_000)) }
            }
            let response = try await client.send(upstream.request(.put, body: body))
            #expect(response.status == .contentTooLarge)
            #expect(try await response.body.collect(upTo: 10) == Array("no".utf8))
        }
    }

    @Test func `a large response read slowly holds its server back and arrives whole`() async throws {
        let produced = Gate()
        try await with { _ in
            Response(
                status: .ok,
                body: .stream(length: nil) { writer in
                    for index in 0..<512 {
                        try await writer.write([UInt8](repeating: UInt8(truncatingIfNeeded: index), count: 65_536))
                        produced.add(65_536)
                    }
                })
        } _: { client, upstream in
            let response = try await client.send(upstream.request())
            #expect(await eventually { produced.count > 0 })
            #expect(produced.count < 32 << 20)
            var count = 0
            var isRight = true
            for try await chunk in response.body {
                isRight = isRight && chunk.first == UInt8(truncatingIfNeeded: count / 65_536)
                count += chunk.count
            }
            #expect(count == 32 << 20)
            #expect(isRight)
        }
    }

    @Test func `more requests than connections wait their turn`() async throws {
        try await with {
            $0.maxConnectionsPerEndpoint = 2
        } route: { request in
            .text(.ok, request.path)
        } _: { client, upstream in
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for index in 0..<20 {
                    group.addTask { try await text(of: client, upstream.request(.get, "/\(index)")) == "/\(index)" }
                }
                for try await isRight in group { #expect(isRight) }
            }
            #expect(upstream.connections <= 2)
        }
    }

    @Test func `beyond the queue requests fail as overloaded`() async throws {
        try await with {
            $0.maxConnectionsPerEndpoint = 1
            $0.maxWaitingPerEndpoint = 1
        } route: { _ in
            .text(.ok, "")
        } _: { client, upstream in
            let outcomes = Outcomes()
            try await client.loop.run {
                for _ in 0..<3 { client.startOnLoop(upstream.request(), receiver: outcomes.makeReceiver()) }
            }
            #expect(await eventually { outcomes.all.count == 3 })
            #expect(outcomes.all.filter { $0 == nil }.count == 2)
            let refused = outcomes.all.compactMap(\.self).first
            #expect(refused?.kind == .overloaded)
            #expect(refused?.side == .own)
            #expect(refused?.retry == .yes)
        }
    }

    @Test func `waiting for a connection counts towards the connect timeout`() async throws {
        let gate = Gate()
        try await with {
            $0.maxConnectionsPerEndpoint = 1
        } route: { _ in
            await gate.wait()
            return .text(.ok, "")
        } _: { client, upstream in
            async let busy = text(of: client, upstream.request())
            #expect(await eventually { upstream.connections == 1 })
            var impatient = upstream.request()
            impatient.connectTimeout = .milliseconds(30)
            #expect(await failure(of: client, impatient)?.kind == .queueTimeout)
            gate.open()
            _ = try await busy
        }
    }

    @Test(arguments: ["/a b", "/a\r\nX: y", "", "/\u{e9}"])
    func `a target that would break out of the request is refused before anything is sent`(target: String) async throws
    {
        try await with { _ in
            .text(.ok, "")
        } _: { client, upstream in
            let error = await failure(of: client, upstream.request(.get, target))
            #expect(error?.kind == .malformedRequest)
            #expect(upstream.connections == 0)
        }
    }

    @Test func `dropping a response closes its connection`() async throws {
        let failed = Gate()
        try await with { _ in
            Response(
                status: .ok,
                body: .stream(length: nil) { writer in
                    do {
                        while true { try await writer.write([UInt8](repeating: 0, count: 65_536)) }
                    } catch {
                        failed.add(1)
                        throw error
                    }
                })
        } _: { client, upstream in
            do {
                let response = try await client.send(upstream.request())
                #expect(response.status == .ok)
            }
            #expect(await eventually { failed.count == 1 })
        }
    }

    @Test func `cancelling the task cancels the request`() async throws {
        let gate = Gate()
        try await with { _ in
            await gate.wait()
            return .text(.ok, "")
        } _: { client, upstream in
            let task = Task { await failure(of: client, upstream.request()) }
            #expect(await eventually { upstream.connections == 1 })
            task.cancel()
            #expect(await task.value?.kind == .cancelled)
            gate.open()
        }
    }

    @Test func `a body larger than allowed is an error that names the server`() async throws {
        try await with { _ in
            .text(.ok, "12345")
        } _: { client, upstream in
            let response = try await client.send(upstream.request())
            await #expect(throws: ClientError.self) { try await response.body.collect(upTo: 4) }
        }
    }
}
