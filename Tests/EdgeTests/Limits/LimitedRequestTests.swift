import HTTPServer
import HTTPWire
import JSON
import TestKit
import Testing

@testable import Edge

@Suite struct LimitedRequestTests {
    private static let page = "https://player.example"

    private static func open(_ limits: JSONValue) -> JSONValue {
        World.distribution(
            behavior: ["Limits": limits, "ResponseHeadersPolicyId": "open"],
            headers: ["CorsConfig": ["AccessControlAllowOrigins": ["*"], "AccessControlAllowCredentials": true]])
    }

    private static func signed(_ limits: JSONValue) -> JSONValue {
        World.distribution(
            behavior: ["Limits": limits, "TrustedKeyGroups": ["Enabled": true, "Items": ["playback"]]])
    }

    /// Asks until a request is refused; how many were not.
    private func exhaust(
        _ world: World, _ target: String, headers: Headers = [:], atMost limit: Int = 100
    ) async throws -> (served: Int, refusal: Answer?) {
        for served in 0..<limit {
            let answer = try await world.get(target, headers: headers)
            if answer.status == 429 { return (served, answer) }
            #expect(answer.status == 200)
        }
        return (limit, nil)
    }

    private func count(_ what: String, _ kind: LimitKind, in world: World) async throws -> Int {
        let labels = "limit=\"\(kind.rawValue)\",distribution=\"ETEST\",behavior=\"/open/*\""
        return try await world.metric("weir_edge_limit_\(what)_total{\(labels)}")
    }

    @Test func `an address that asks too often is refused, in a form its page can read`() async throws {
        let limits: JSONValue = ["RequestsPerAddress": ["PerSecond": 1, "Burst": 5]]
        try await withWorld(distribution: Self.open(limits)) { world async throws in
            world.origin.answer("/open/a", [1, 2, 3])
            let (served, refusal) = try await exhaust(world, "/open/a", headers: ["Origin": Self.page])
            let refused = try #require(refusal)
            #expect(served >= 5)
            #expect(refused.headers.first("Retry-After") == "1")
            #expect(refused.cache == "LimitExceeded from weir")
            #expect(refused.headers.first("Access-Control-Allow-Origin") == Self.page)
            #expect(refused.headers.first("Cache-Control") == "no-store")
            #expect(refused.text.contains("<Code>LimitExceeded</Code>"))
            let refusals =
                "weir_edge_limit_refusals_total{limit=\"requests_per_address\",distribution=\"ETEST\",behavior=\"/open/*\"}"
            #expect(try await world.metric(refusals) == 1)
            #expect(try await world.metric("weir_edge_requests_total{result=\"limited\"}") == 1)
            // Another behavior has no limit, and a question about cross-origin requests is none of the requests.
            world.origin.answer("/page", [1])
            #expect(try await exhaust(world, "/page", atMost: 10).refusal == nil)
            let preflight: Headers = ["Origin": Self.page, "Access-Control-Request-Method": "GET"]
            #expect(try await world.get("/open/a", method: .options, headers: preflight).status == 204)
        }
    }

    @Test func `a reload neither fills a bucket nor keeps a limit that is gone`() async throws {
        let limits: JSONValue = ["RequestsPerAddress": ["PerSecond": 1, "Burst": 60]]
        try await withWorld(distribution: Self.open(limits)) { world async throws in
            world.origin.answer("/open/a", [1, 2, 3])
            #expect(try await exhaust(world, "/open/a").served >= 60)
            #expect(try await world.admin("/reload").status == 200)
            #expect(try await exhaust(world, "/open/a").served < 60)
            world.write(Self.open([:]), to: "distribution.json")
            #expect(try await world.admin("/reload").status == 200)
            #expect(try await exhaust(world, "/open/a").refusal == nil)
        }
    }

    @Test func `each grant has requests of its own`() async throws {
        let limits: JSONValue = ["RequestsPerGrant": ["PerSecond": 1, "Burst": 5]]
        try await withWorld(distribution: Self.signed(limits)) { world async throws in
            world.origin.answer("/open/a", [1, 2, 3])
            let first = try World.cookies("http*://*/open/*")
            let second = try World.cookies("http*://*/open/a")
            let refused = try await exhaust(world, "/open/a", headers: ["Cookie": first])
            #expect(refused.served >= 5)
            #expect(refused.refusal?.text.contains("Too many requests") == true)
            #expect(try await world.get("/open/a", headers: ["Cookie": second]).status == 200)
            // Without a signature nothing is counted, and the answer is what it would be without a limit.
            #expect(try await world.get("/open/a").status == 403)
        }
    }

    @Test func `one player on several connections is one stream`() async throws {
        let limits: JSONValue = ["StreamsPerGrant": ["Quantity": 1, "WindowSeconds": 600]]
        try await withWorld(distribution: Self.signed(limits)) { world async throws in
            world.origin.answer("/open/a", [1, 2, 3])
            let cookie = try World.cookies("http*://*/open/*")
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<24 {
                    group.addTask { try await world.get("/open/a", headers: ["Cookie": cookie]).status }
                }
                return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
            }
            #expect(statuses == [200])
        }
    }

    @Test(arguments: ["BandwidthPerResponse", "BandwidthPerGrant"])
    func `a body keeps to its bandwidth`(limit: String) async throws {
        let limits: JSONValue = .object([
            limit: ["BytesPerSecond": 400_000, "BurstBytes": 100_000] as JSONValue
        ])
        let bytes = (0..<600_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
        try await withWorld(distribution: Self.signed(limits)) { world async throws in
            world.origin.answer("/open/a", bytes)
            let headers: Headers = ["Cookie": try World.cookies("http*://*/open/*")]
            for _ in 0..<2 {
                let (clock, start) = (ContinuousClock(), ContinuousClock.now)
                let answer = try await world.get("/open/a", headers: headers)
                #expect(answer.body == bytes)
                #expect(clock.now - start >= .seconds(1.2))
            }
            let kind = limit == "BandwidthPerGrant" ? LimitKind.bandwidthPerGrant : .bandwidthPerResponse
            #expect(try await count("delays", kind, in: world) == 2)
        }
    }

    @Test func `responses of one grant share its bandwidth, those of another do not`() async throws {
        let limits: JSONValue = ["BandwidthPerGrant": ["BytesPerSecond": 200_000, "BurstBytes": 100_000]]
        let bytes = [UInt8](repeating: 7, count: 200_000)
        try await withWorld(distribution: Self.signed(limits)) { world async throws in
            world.origin.answer("/open/a", bytes)
            let cookie = try World.cookies("http*://*/open/*")
            let start = ContinuousClock.now
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<3 {
                    group.addTask {
                        let body = try await world.get("/open/a", headers: ["Cookie": cookie]).body
                        #expect(body == bytes)
                    }
                }
                try await group.waitForAll()
            }
            // 600,000 bytes less the burst, and less a piece that each may have taken in the same moment.
            #expect(ContinuousClock.now - start >= .seconds(1.5))
            let other = try World.cookies("http*://*/open/a")
            #expect(try await world.get("/open/a", headers: ["Cookie": other]).body == bytes)
            let delays =
                "weir_edge_limit_delays_total{limit=\"bandwidth_per_grant\",distribution=\"ETEST\",behavior=\"/open/*\"}"
            #expect(try await world.metric(delays) == 4)
        }
    }
}
