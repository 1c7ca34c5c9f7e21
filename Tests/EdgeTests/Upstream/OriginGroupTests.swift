import EventLoop
import HTTPClient
import HTTPServer
import HTTPWire
import JSON
import Synchronization
import Telemetry
import TestKit
import Testing

@testable import Edge

@Suite struct OriginGroupTests {
    /// A distribution whose paths all come from the group of `first` and `second`, not cached.
    private static let distribution: JSONValue = [
        "Id": "ETEST", "Origins": [["Id": "first", "ConnectionAttempts": 1], ["Id": "second"]],
        "OriginGroups": [
            [
                "Id": "both", "FailoverCriteria": ["StatusCodes": [503]],
                "Members": [["OriginId": "first"], ["OriginId": "second"]],
            ]
        ],
        "CachePolicies": [["Id": "kept"]],
        "CacheBehaviors": [
            ["PathPattern": "/kept/*", "TargetOriginId": "both", "CachePolicyId": "kept"],
            ["PathPattern": "/second/*", "TargetOriginId": "second"],
        ],
        "DefaultCacheBehavior": [
            "TargetOriginId": "both", "AllowedMethods": ["GET", "HEAD", "OPTIONS", "POST", "DELETE"],
        ],
    ]

    /// Runs with two origins; `entry` is what the configuration says of the first beside its address.
    private func withOrigins(
        firstEntry: JSONObject = [:], more: [ScriptedOrigin] = [],
        _ body: (World, _ first: ScriptedOrigin, _ second: ScriptedOrigin) async throws -> Void
    ) async throws {
        let first = try await ScriptedOrigin()
        let second = try await ScriptedOrigin()
        var entry = firstEntry
        entry["url"] = .string(first.url)
        let origins: JSONValue = ["first": .object(entry), "second": ["url": .string(second.url)]]
        do {
            try await withWorld(
                distribution: Self.distribution,
                configure: {
                    $0["origins"] = origins
                    $0["keyGroups"] = [:]
                }
            ) { try await body($0, first, second) }
        } catch {
            await first.stop()
            await second.stop()
            throw error
        }
        await first.stop()
        await second.stop()
        for origin in more { await origin.stop() }
    }

    private func stand(_ world: World, _ origin: String) async throws -> [String] {
        let report = try await world.admin("/origins", method: .get).document
        let found = report["origins"]?.array?.first { $0["id"]?.string == origin }
        return found?["servers"]?.array?.compactMap { $0["state"]?.string } ?? []
    }

    @Test func `with the first origin gone the second answers, for fills and passes`() async throws {
        try await withOrigins { (world, first, second) async throws in
            second.answer("/a", Array("second".utf8))
            second.answer("/kept/a", Array("kept".utf8))
            await first.stop()
            #expect(try await world.get("/a").text == "second")
            #expect(try await world.get("/kept/a").text == "kept")
            let failover = world.log.lines.filter { $0.contains("origin fails over") }
            #expect(failover.count == 2)
            #expect(failover.allSatisfy { $0.contains("\"origin\":\"first\",\"next\":\"second\"") })
        }
    }

    @Test func `a listed status goes to the second origin, another one to the client`() async throws {
        try await withOrigins { (world, first, second) async throws in
            first.answer("/listed") { _ in .text(.serviceUnavailable, "busy") }
            first.answer("/other") { _ in .text(.internalServerError, "broken") }
            second.answer("/listed", Array("second".utf8))
            second.answer("/other", Array("second".utf8))
            #expect(try await world.get("/listed").text == "second")
            let other = try await world.get("/other")
            #expect(other.status == 500)
            #expect(other.text == "broken")
            #expect(second.count("/other") == 0)
        }
    }

    @Test func `the last origin's answer is passed on even if its status is listed`() async throws {
        try await withOrigins { (world, first, second) async throws in
            first.answer("/a") { _ in .text(.serviceUnavailable, "first busy") }
            second.answer("/a") { _ in .text(.serviceUnavailable, "second busy") }
            let answer = try await world.get("/a")
            #expect(answer.status == 503)
            #expect(answer.text == "second busy")
        }
    }

    @Test func `a method that changes something stays with the first origin`() async throws {
        try await withOrigins { (world, first, second) async throws in
            first.answer("/a") { _ in .text(.serviceUnavailable, "busy") }
            second.answer("/a", Array("second".utf8))
            let deleted = try await world.send("/a", method: .delete)
            #expect(deleted.status == .serviceUnavailable)
            await first.stop()
            let posted = try await world.send("/a", method: .post, body: .bytes([1]))
            #expect(posted.status == .badGateway)
            #expect(second.total == 0)
        }
    }

    @Test func `several servers share the requests of their origin`() async throws {
        let others = [try await ScriptedOrigin(), try await ScriptedOrigin()]
        let servers = others.map { JSONValue.string("127.0.0.1:\($0.port)") }
        try await withOrigins(firstEntry: ["servers": .array(servers)], more: others) {
            (world, first, _) async throws in
            for origin in others { origin.answer("/a", Array("x".utf8)) }
            for _ in 0..<10 { #expect(try await world.get("/a").status == 200) }
            #expect(others.map { $0.count("/a") } == [5, 5])
            #expect(first.total == 0)
            #expect(others[0].requests("/a").first?.headers.first("Host") == "127.0.0.1:\(first.port)")
        }
    }

    @Test func `a server that fails is ejected and costs no request any more`() async throws {
        let others = [try await ScriptedOrigin(), try await ScriptedOrigin()]
        let servers = others.map { JSONValue.string("127.0.0.1:\($0.port)") }
        let entry: JSONObject = [
            "servers": .array(servers), "ejection": ["failures": 2, "seconds": 600, "longestSeconds": 600],
        ]
        try await withOrigins(firstEntry: entry, more: others) { (world, _, second) async throws in
            others[1].answer("/a", Array("x".utf8))
            second.answer("/a", Array("second".utf8))
            await others[0].stop()
            for _ in 0..<20 { #expect(try await world.get("/a").status == 200) }
            #expect(world.log.lines.count { $0.contains("origin request failed") } == 2)
            #expect(world.log.lines.count { $0.contains("origin server ejected") } == 1)
            #expect(try await stand(world, "first") == ["ejected", "usable"])
            await others[1].stop()
            #expect(
                try await world.get("/a").text == "second", "its last server is asked, fails, and the group goes on")
        }
    }

    @Test func `checks take a server out before a request finds out, and bring it back`() async throws {
        let isFit = Atomic<Bool>(false)
        let check: JSONObject = [
            "healthCheck": [
                "path": "/fit", "intervalSeconds": 1, "healthyThreshold": 1, "unhealthyThreshold": 1,
            ]
        ]
        try await withOrigins(firstEntry: check) { (world, first, second) async throws in
            second.answer("/a", Array("second".utf8))
            first.answer("/a", Array("first".utf8))
            first.answer("/fit") { _ in
                isFit.load(ordering: .relaxed) ? .text(.ok, "fit") : .text(.serviceUnavailable, "no")
            }
            #expect(try await eventually { () async throws in try await self.stand(world, "first") == ["down"] })
            #expect(try await world.get("/a").text == "second")
            #expect(first.count("/a") == 0)
            isFit.store(true, ordering: .relaxed)
            #expect(try await eventually { () async throws in try await self.stand(world, "first") == ["usable"] })
            #expect(try await world.get("/a").text == "first")
            let log = world.log.lines
            #expect(log.contains { $0.contains("origin server down") })
            #expect(log.contains { $0.contains("origin server up") })
        }
    }

    @Test func `an origin that is gone is not asked twice for everything`() async throws {
        try await withOrigins { (world, _, second) async throws in
            await second.stop()
            for _ in 0..<60 { #expect(try await world.get("/second/a").status == 502) }
            let attempts = world.log.lines.count { $0.contains("origin request failed") }
            #expect(attempts >= 60 + RetryBudget.savedRetries)
            #expect(attempts <= 60 + RetryBudget.savedRetries + 12 + 8, "ten saved, a fifth of sixty, one a second")
        }
    }

    @Test func `a reload forgets nothing about servers`() async throws {
        let entry: JSONObject = ["ejection": ["failures": 1, "seconds": 600, "longestSeconds": 600]]
        try await withOrigins(firstEntry: entry) { (world, first, second) async throws in
            second.answer("/a", Array("second".utf8))
            await first.stop()
            _ = try await world.get("/a")
            #expect(try await stand(world, "first") == ["ejected"])
            #expect(try await world.admin("/reload").status == 200)
            #expect(try await stand(world, "first") == ["ejected"])
        }
    }
}
