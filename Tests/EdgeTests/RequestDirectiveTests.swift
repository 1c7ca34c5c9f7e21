import HTTPServer
import HTTPWire
import JSON
import TestKit
import Testing

@testable import Edge

/// What a client may ask of the cache: nothing, unless the operator wants it heard (RFC 9111 §5.2.1).
@Suite struct RequestDirectiveTests {
    private static let heard = World.distribution(policy: ["HonorRequestCacheControl": true])

    private func stored(
        _ distribution: JSONValue, control: String = "max-age=60", _ body: (World) async throws -> Void
    ) async throws {
        try await withWorld(distribution: distribution) { world async throws in
            world.origin.answer("/open/a") { request in
                let headers: Headers = ["Cache-Control": control, "ETag": "\"v\""]
                return request.headers.contains("If-None-Match")
                    ? Response(status: .notModified, headers: headers)
                    : Response(status: .ok, headers: headers, body: .bytes([1]))
            }
            _ = try await world.get("/open/a")
            // Who joins a fill that is whole, before it has left the table, gets a hit like any other.
            let isStored = try await eventually {
                let state = try await world.admin("/explain?url=/open/a", method: .get).document["state"]?.string
                guard state != "absent" else { return false }
                return try await world.metric(EdgeMetricTable.fills) == 0
            }
            #expect(isStored)
            try await body(world)
        }
    }

    @Test(arguments: ["no-cache", "max-age=0", "no-store", "min-fresh=9999"])
    func `by default a client cannot make the edge ask the origin`(directive: String) async throws {
        try await stored(World.distribution()) { world async throws in
            let hit = try await world.get("/open/a", headers: ["Cache-Control": directive, "Pragma": "no-cache"])
            #expect(hit.cache == "Hit from weir")
            #expect(world.origin.count("/open/a") == 1)
        }
    }

    @Test(
        arguments: [["Cache-Control": "no-cache"], ["Pragma": "no-cache"], ["Cache-Control": "min-fresh=9999"]]
            as [Headers])
    func `a client that is heard gets what the origin has just confirmed`(headers: Headers) async throws {
        try await stored(Self.heard) { world async throws in
            let confirmed = try await world.get("/open/a", headers: headers)
            #expect(confirmed.body == [1])
            #expect(confirmed.cache == "RefreshHit from weir")
            #expect(world.origin.count("/open/a") == 2)
            #expect(try await world.get("/open/a").cache == "Hit from weir")
        }
    }

    @Test func `only-if-cached is answered from the store or with 504`() async throws {
        try await stored(Self.heard) { world async throws in
            let only: Headers = ["Cache-Control": "only-if-cached"]
            #expect(try await world.get("/open/a", headers: only).cache == "Hit from weir")
            #expect(try await world.get("/open/b", headers: only).status == 504)
            let both: Headers = ["Cache-Control": "only-if-cached, min-fresh=9999"]
            #expect(try await world.get("/open/a", headers: both).status == 504)
            #expect(world.origin.total == 1)
        }
    }

    @Test func `max-stale takes what has expired, unless it must be validated`() async throws {
        let stale: Headers = ["Cache-Control": "max-stale"]
        try await stored(Self.heard, control: "max-age=0") { world async throws in
            let answer = try await world.get("/open/a", headers: stale)
            #expect(answer.cache == "Hit from weir")
            let status = try #require(answer.headers.first("Cache-Status"))
            #expect(status.contains("ttl=0") || status.contains("ttl=-"), "seconds may have passed since it was stored")
            #expect(world.origin.count("/open/a") == 1)
        }
        try await stored(Self.heard, control: "max-age=0, must-revalidate") { world async throws in
            #expect(try await world.get("/open/a", headers: stale).cache == "RefreshHit from weir")
            #expect(world.origin.count("/open/a") == 2)
        }
    }

    @Test func `an answer to no-store is not stored`() async throws {
        try await stored(Self.heard) { world async throws in
            world.origin.answer("/open/b", [2])
            let headers: Headers = ["Cache-Control": "no-store"]
            #expect(
                try await world.get("/open/b", headers: headers).headers.first("Cache-Status") == "weir; fwd=request")
            #expect(try await world.get("/open/b").cache == "Miss from weir")
        }
    }

    @Test func `credentials open what the origin lets be shared, and nothing else`() async throws {
        let credentials: Headers = ["Authorization": "Bearer x"]
        try await stored(World.distribution(), control: "max-age=60") { world async throws in
            #expect(try await world.get("/open/a", headers: credentials).cache == "Miss from weir")
            #expect(world.origin.requests("/open/a").last?.headers.first("Authorization") == "Bearer x")
        }
        for control in ["max-age=60, public", "s-maxage=60", "max-age=60, must-revalidate"] {
            try await stored(World.distribution(), control: control) { world async throws in
                #expect(try await world.get("/open/a", headers: credentials).cache == "Hit from weir", "\(control)")
                #expect(world.origin.count("/open/a") == 1)
            }
        }
    }
}
