import HTTPServer
import HTTPWire
import JSON
import TestKit
import Testing

@testable import Edge

/// Asking the origin whether a stored response still holds (RFC 9111 §4.3).
@Suite struct RevalidationTests {
    private static let date = "Sun, 06 Nov 1994 08:49:37 GMT"

    /// Stores `/open/a`, stale at once, and then lets the origin answer as `next` says.
    private func world(
        first: Headers, _ next: @escaping AsyncRoute, _ body: (World) async throws -> Void
    ) async throws {
        try await withWorld { world in
            world.origin.answer("/open/a", [1, 2, 3], headers: first)
            _ = try await world.get("/open/a")
            let isStored = try await eventually {
                try await world.admin("/explain?url=/open/a", method: .get).document["state"]?.string == "stale"
            }
            #expect(isStored)
            world.origin.answer("/open/a", next)
            try await body(world)
        }
    }

    @Test func `the origin is asked with every validator, and its 304 renews what it may renew`() async throws {
        let first: Headers = [
            "Cache-Control": "max-age=0", "ETag": "\"v1\"", "Last-Modified": Self.date, "Content-Type": "text/plain",
            "X-A": "old", "X-B": "kept",
        ]
        let confirmation: Headers = [
            "Cache-Control": "max-age=60", "ETag": "\"v1\"", "X-A": "new", "Content-Type": "text/wrong",
            "Content-Encoding": "gzip", "X-C": "added",
        ]
        try await world(first: first, { _ in Response(status: .notModified, headers: confirmation) }) { world in
            let renewed = try await world.get("/open/a")
            #expect(renewed.body == [1, 2, 3])
            #expect(renewed.headers.first("Cache-Status")?.hasPrefix("weir; fwd=stale; fwd-status=304; ttl=") == true)
            let question = try #require(world.origin.requests("/open/a").last).headers
            #expect(question.first("If-None-Match") == "\"v1\"")
            #expect(question.first("If-Modified-Since") == Self.date)
            let hit = try await world.get("/open/a")
            #expect(hit.cache == "Hit from weir")
            for (name, value) in [
                ("X-A", "new"), ("X-B", "kept"), ("X-C", "added"), ("Content-Type", "text/plain"),
                ("Cache-Control", "max-age=60"), ("ETag", "\"v1\""), ("Last-Modified", Self.date),
            ] { #expect(hit.headers.values(name) == [value]) }
            #expect(!hit.headers.contains("Content-Encoding"))
            #expect(world.origin.count("/open/a") == 2)
        }
    }

    @Test func `a 304 about another version confirms nothing`() async throws {
        let first: Headers = ["Cache-Control": "max-age=0", "ETag": "\"v1\""]
        let next: AsyncRoute = { request in
            request.headers.contains("If-None-Match")
                ? Response(status: .notModified, headers: ["ETag": "\"v2\"", "Cache-Control": "max-age=60"])
                : Response(status: .ok, headers: ["ETag": "\"v2\""], body: .bytes([9]))
        }
        try await world(first: first, next) { world in
            let answer = try await world.get("/open/a")
            #expect(answer.body == [9])
        }
    }

    @Test func `a response that has changed takes the place of the old one`() async throws {
        let first: Headers = ["Cache-Control": "max-age=0", "ETag": "\"v1\""]
        let next: AsyncRoute = { _ in
            Response(status: .ok, headers: ["ETag": "\"v2\"", "Cache-Control": "max-age=60"], body: .bytes([9]))
        }
        try await world(first: first, next) { world in
            let miss = try await world.get("/open/a")
            #expect(miss.body == [9])
            #expect(miss.headers.first("Cache-Status") == "weir; fwd=stale; stored")
            try await world.untilStored("/open/a")
            #expect(try await world.get("/open/a").body == [9])
        }
    }

    @Test(arguments: ["must-revalidate", "proxy-revalidate", "no-cache"])
    func `what must be validated is not served when the origin fails, whatever its stale windows`(
        directive: String
    ) async throws {
        let first: Headers = [
            "Cache-Control": "max-age=0, stale-if-error=60, stale-while-revalidate=60, \(directive)", "ETag": "\"v1\"",
        ]
        try await world(first: first, { _ in Response(status: .badGateway) }) { world in
            let answer = try await world.get("/open/a")
            #expect(answer.status == 502)
        }
    }
}
