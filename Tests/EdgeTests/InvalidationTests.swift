import HTTPServer
import HTTPWire
import JSON
import TestKit
import Testing

@testable import Edge

/// What a change that passes by does to what is stored (RFC 9111 §4.3.5, §4.4).
@Suite struct InvalidationTests {
    private static let writable = World.distribution(
        behavior: ["AllowedMethods": ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]])

    /// Stores `/open/a` and `/open/b` and lets the origin answer writes as `write` says.
    private func stored(_ write: @escaping AsyncRoute, _ body: (World) async throws -> Void) async throws {
        try await withWorld(distribution: Self.writable) { world async throws in
            for path in ["/open/a", "/open/b"] {
                world.origin.answer(path) { request in
                    if request.method != .get { return await write(request) }
                    return Response(status: .ok, headers: ["Cache-Control": "max-age=600"], body: .bytes([1]))
                }
                _ = try await world.get(path)
                try await world.untilStored(path)
            }
            try await body(world)
        }
    }

    @Test(arguments: [HTTPMethod.put, .post, .patch, .delete])
    func `who has changed something sees the change`(method: HTTPMethod) async throws {
        try await stored({ _ in Response(status: .noContent) }) { world async throws in
            #expect(try await world.get("/open/a", method: method).status == 204)
            #expect(try await world.get("/open/a").cache == "Miss from weir")
            #expect(try await world.get("/open/b").cache == "Hit from weir")
        }
    }

    @Test func `a large answer to a change arrives whole`() async throws {
        let bytes = patterned(700_000)
        try await stored({ _ in Response(status: .ok, body: .bytes(bytes)) }) { world async throws in
            #expect(try await world.get("/open/a", method: .post).body == bytes)
            #expect(try await world.get("/open/a").cache == "Miss from weir")
        }
    }

    @Test func `a change that failed changes nothing`() async throws {
        try await stored({ _ in Response(status: .forbidden) }) { world async throws in
            #expect(try await world.get("/open/a", method: .put).status == 403)
            #expect(try await world.get("/open/a").cache == "Hit from weir")
        }
    }

    @Test func `what Location and Content-Location name on this host is invalid too, and no other host's`() async throws
    {
        try await stored({ request in
            let host = request.headers.first("X-Forwarded-Host") ?? ""
            let isOwn = request.query == "own"
            return Response(
                status: .created,
                headers: ["Content-Location": isOwn ? "http://\(host)/open/b" : "http://other.example/open/b"])
        }) { world async throws in
            _ = try await world.get("/open/new?other", method: .post)
            _ = try await world.get("/open/a?other", method: .post)
            #expect(try await world.get("/open/b").cache == "Hit from weir")
            _ = try await world.get("/open/a?own", method: .post)
            #expect(try await world.get("/open/b").cache == "Miss from weir")
        }
    }

    @Test func `every variant of a changed resource is invalid`() async throws {
        try await withWorld(distribution: Self.writable) { world async throws in
            world.origin.answer("/open/a") { request in
                Response(
                    status: .ok, headers: ["Cache-Control": "max-age=600", "Vary": "X-Device"],
                    body: .bytes(Array((request.headers.first("X-Device") ?? "none").utf8)))
            }
            for device in ["tv", "phone"] {
                let isHit = try await eventually {
                    try await world.get("/open/a", headers: ["X-Device": device]).cache == "Hit from weir"
                }
                #expect(isHit)
            }
            _ = try await world.get("/open/a", method: .put)
            for device in ["tv", "phone"] {
                #expect(try await world.get("/open/a", headers: ["X-Device": device]).cache == "Miss from weir")
            }
        }
    }
}
