import EventLoop
import HTTPServer
import HTTPWire
import JSON
import TestKit
import Testing

@testable import Edge

/// What the edge stores of an origin's responses, and for how long.
@Suite struct StoringTests {
    /// Cache-Control's lifetime left, as `Cache-Status` of a hit says it.
    private func secondsLeft(_ answer: Answer) -> Int? {
        answer.headers.first("Cache-Status")?.split(separator: ";").lazy
            .compactMap { part -> Int? in
                let part = part.drop { $0 == " " }
                return part.hasPrefix("ttl=") ? Int(part.dropFirst(4)) : nil
            }.first
    }

    private func storedAnswer(_ world: World, _ headers: Headers, status: HTTPStatus = .ok) async throws -> Answer {
        world.origin.answer("/open/a") { _ in Response(status: status, headers: headers, body: .bytes([1, 2])) }
        _ = try await world.get("/open/a")
        try await world.untilStored("/open/a")
        return try await world.get("/open/a")
    }

    @Test func `a field aimed at this cache takes the place of Cache-Control, and only ours stays here`() async throws {
        try await withWorld { world in
            let hit = try await storedAnswer(
                world,
                [
                    "Cache-Control": "no-store", "CDN-Cache-Control": "max-age=50",
                    "Weir-CDN-Cache-Control": "max-age=5000",
                ])
            #expect(hit.cache == "Hit from weir")
            #expect((4990...5000).contains(secondsLeft(hit) ?? 0))
            #expect(hit.headers.first("Cache-Control") == "no-store")
            #expect(hit.headers.first("CDN-Cache-Control") == "max-age=50")
            #expect(!hit.headers.contains("Weir-CDN-Cache-Control"))
        }
    }

    @Test func `a malformed targeted field counts for nothing`() async throws {
        try await withWorld { world in
            let hit = try await storedAnswer(
                world, ["Cache-Control": "max-age=70", "CDN-Cache-Control": "max-age=5000,"])
            #expect((60...70).contains(secondsLeft(hit) ?? 0))
        }
    }

    @Test func `fields named by a qualified private or no-cache are not stored`() async throws {
        try await withWorld { world in
            let hit = try await storedAnswer(
                world,
                [
                    "Cache-Control": "max-age=60, private=\"X-User\", no-cache=\"Set-Cookie\"", "X-User": "ada",
                    "Set-Cookie": "a=b", "X-Other": "1",
                ])
            #expect(hit.cache == "Hit from weir")
            #expect(!hit.headers.contains("X-User") && !hit.headers.contains("Set-Cookie"))
            #expect(hit.headers.first("X-Other") == "1")
        }
    }

    @Test(
        arguments: [("notStored", 2, "a=b"), ("removed", 1, nil), ("replayed", 1, "a=b")] as [(String, Int, String?)])
    func `a cookie keeps a response out, is taken out, or is replayed`(
        behavior: String, requests: Int, cookie: String?
    ) async throws {
        try await withWorld(distribution: World.distribution(policy: ["SetCookieBehavior": .string(behavior)])) {
            world in
            world.origin.answer("/open/a", [1], headers: ["Cache-Control": "max-age=60", "Set-Cookie": "a=b"])
            _ = try await world.get("/open/a")
            if requests == 1 { try await world.untilStored("/open/a") }
            let second = try await world.get("/open/a")
            #expect(world.origin.count("/open/a") == requests)
            #expect(second.headers.first("Set-Cookie") == cookie)
        }
    }

    @Test func `errors last as long as the operator wants`() async throws {
        let distribution = World.distribution(
            top: [
                "CustomErrorResponses": [
                    ["ErrorCode": 503, "ErrorCachingMinTTL": 30], ["ErrorCode": 404, "ErrorCachingMinTTL": 600],
                ]
            ])
        try await withWorld(distribution: distribution) { world in
            let unavailable = try await storedAnswer(world, [:], status: .serviceUnavailable)
            #expect(unavailable.status == 503)
            #expect((20...30).contains(secondsLeft(unavailable) ?? 0))
            #expect(unavailable.cache == "Hit from weir")
            _ = try await world.get("/open/gone")
            try await world.untilStored("/open/gone")
            let gone = try await world.get("/open/gone")
            #expect((590...600).contains(secondsLeft(gone) ?? 0))
            #expect(world.origin.count("/open/gone") == 1)
        }
    }

    @Test(arguments: [302, 307, 500])
    func `a status that needs a lifetime is shared but not stored without one`(code: Int) async throws {
        try await withWorld { world in
            world.origin.answer("/open/a") { _ in Response(status: HTTPStatus(code: code), headers: ["Location": "/b"])
            }
            world.origin.answer("/open/b") { _ in
                Response(status: HTTPStatus(code: code), headers: ["Cache-Control": "max-age=60"])
            }
            for _ in 0..<2 { #expect(try await world.get("/open/a").status == code) }
            #expect(world.origin.count("/open/a") == 2)
            _ = try await world.get("/open/b")
            try await world.untilStored("/open/b")
            #expect(try await world.get("/open/b").status == code)
            #expect(world.origin.count("/open/b") == 1)
        }
    }

    @Test func `what has not changed for long is fresh for a tenth of that, where the operator wants it`() async throws
    {
        try await withWorld(distribution: World.distribution(policy: ["HeuristicFreshness": true])) { world in
            let now = WallClock.epochSeconds()
            let hit = try await storedAnswer(world, ["Last-Modified": HTTPDate.format(now - 10_000)])
            #expect((980...1000).contains(secondsLeft(hit) ?? 0))
        }
    }

    @Test func `what a cache before us says about itself is kept with a miss and not with a hit`() async throws {
        try await withWorld { world in
            world.origin.answer(
                "/open/a", [1], headers: ["Cache-Control": "max-age=60", "Cache-Status": "shield; hit; ttl=9"])
            let miss = try await world.get("/open/a")
            #expect(miss.headers.values("Cache-Status") == ["shield; hit; ttl=9", "weir; fwd=uri-miss; stored"])
            try await world.untilStored("/open/a")
            let hit = try await world.get("/open/a")
            #expect(hit.headers.values("Cache-Status").map { $0.prefix(14) } == ["weir; hit; ttl"])
        }
    }

    @Test func `Cache-Status says why a request went to the origin`() async throws {
        try await withWorld { world in
            world.origin.answer("/api/a", [1])
            world.origin.answer("/open/part", [1, 2, 3])
            #expect(try await world.get("/api/a").headers.first("Cache-Status") == "weir; fwd=bypass")
            let post = try await world.get("/api/a", method: .post)
            #expect(post.headers.first("Cache-Status") == "weir; fwd=method")
            let authorised = try await world.get("/open/part", headers: ["Authorization": "Bearer x"])
            #expect(authorised.headers.first("Cache-Status") == "weir; fwd=request")
            let part = try await world.get("/open/part", headers: ["Range": "bytes=0-0"])
            #expect(part.headers.first("Cache-Status") == "weir; fwd=uri-miss; fwd-status=200; stored")
        }
    }
}
