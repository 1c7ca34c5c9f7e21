import HTTPClient
import HTTPServer
import HTTPWire
import JSON
import Telemetry
import TestKit
import Testing

@testable import Edge

@Suite struct OriginFailureTests {
    private struct BrokenOff: Error {}

    private static let lasting: Headers = [
        "Cache-Control": "public, max-age=600, stale-if-error=600", "ETag": "\"v1\"",
    ]

    @Test func `a body that breaks off is seen as broken and never stored`() async throws {
        try await withWorld { world in
            let bytes = patterned(600_000)
            world.origin.answer("/open/a") { _ in
                Response(
                    status: .ok, headers: Self.lasting,
                    body: .stream(length: bytes.count) { writer in
                        try await writer.write(Array(bytes[..<300_000]))
                        throw BrokenOff()
                    })
            }
            let cut = try await world.send("/open/a")
            #expect(cut.status == .ok)
            await #expect(throws: ClientError.self) { _ = try await cut.body.collect(upTo: 1 << 20) }
            world.origin.answer("/open/a", bytes, headers: Self.lasting)
            let whole = try await world.get("/open/a")
            #expect(whole.cache == "Miss from weir")
            #expect(whole.body == bytes)
            #expect(world.origin.count("/open/a") == 2)
        }
    }

    @Test func `a chunked body that breaks off is never stored either`() async throws {
        try await withWorld { world in
            world.origin.answer("/open/a") { _ in
                Response(
                    status: .ok, headers: Self.lasting,
                    body: .stream(length: nil) { writer in
                        try await writer.write(patterned(300_000))
                        throw BrokenOff()
                    })
            }
            let cut = try await world.send("/open/a")
            await #expect(throws: ClientError.self) { _ = try await cut.body.collect(upTo: 1 << 20) }
            world.origin.answer("/open/a", patterned(5), headers: Self.lasting)
            #expect(try await world.get("/open/a").body == patterned(5))
        }
    }

    @Test func `a complete chunked body is stored with its length`() async throws {
        try await withWorld { world in
            let bytes = patterned(300_000)
            world.origin.answer("/open/a") { _ in
                Response(
                    status: .ok, headers: Self.lasting,
                    body: .stream(length: nil) { writer in try await writer.write(bytes) })
            }
            #expect(try await world.get("/open/a").body == bytes)
            try await world.untilStored("/open/a")
            let hit = try await world.get("/open/a")
            #expect(hit.headers.first("Content-Length") == "300000")
            #expect(hit.body == bytes)
        }
    }

    @Test func `an origin that is gone is 502, and says nothing of the inside`() async throws {
        try await withWorld { world in
            await world.origin.stop()
            for target in ["/open/a", "/api/a"] {
                let answer = try await world.get(target)
                #expect(answer.status == 502)
                #expect(answer.cache == "Error from weir")
                #expect(!answer.text.contains("\(world.origin.port)"))
                #expect(!answer.text.contains("127.0.0.1"))
            }
            let attempts = world.log.lines.filter { $0.contains("origin request failed") }
            #expect(attempts.count == 4, "two attempts for each request")
        }
    }

    @Test func `with the origin gone, an expired object is served in its window`() async throws {
        try await withWorld { world in
            let bytes = patterned(300_000)
            world.origin.answer("/open/a", bytes, headers: Self.lasting)
            world.origin.answer("/open/strict", bytes, headers: ["Cache-Control": "no-cache", "ETag": "\"v1\""])
            _ = try await world.get("/open/a")
            _ = try await world.get("/open/strict")
            try await world.untilStored("/open/a")
            await world.origin.stop()
            #expect(try await world.get("/open/a").cache == "Hit from weir")
            try await world.purge(["urls": ["/open/a"], "soft": true])
            let stale = try await world.get("/open/a")
            #expect(stale.status == 200)
            #expect(stale.body == bytes)
            #expect(stale.cache == "Hit from weir")
            #expect(stale.headers.first("Cache-Status")?.contains("detail=stale-if-error") == true)
            #expect(try await world.get("/open/strict").status == 502)
        }
    }

    @Test func `a server error gives way to an expired object and is passed on without one`() async throws {
        try await withWorld { world in
            world.origin.answer("/open/a", patterned(10), headers: Self.lasting)
            _ = try await world.get("/open/a")
            try await world.untilStored("/open/a")
            for path in ["/open/a", "/open/b"] {
                world.origin.answer(path) { _ in .text(.serviceUnavailable, "try later\n") }
            }
            try await world.purge(["all": true, "soft": true])
            #expect(try await world.get("/open/a").body == patterned(10))
            let error = try await world.get("/open/b")
            #expect(error.status == 503)
            #expect(error.text == "try later\n")
            #expect(error.cache == "Error from weir")
            _ = try await world.get("/open/b")
            #expect(world.origin.count("/open/b") == 2)
        }
    }

    @Test func `a slow origin does not keep a client from its expired object`() async throws {
        try await withWorld { world in
            world.origin.answer("/open/a", patterned(10), headers: Self.lasting)
            _ = try await world.get("/open/a")
            try await world.untilStored("/open/a")
            let gate = Gate()
            world.origin.answer("/open/a") { _ in
                await gate.wait()
                return .text(.ok, "new\n")
            }
            try await world.purge(["all": true, "soft": true])
            let answer = try await world.get("/open/a")
            #expect(answer.body == patterned(10))
            gate.open()
        }
    }
}
