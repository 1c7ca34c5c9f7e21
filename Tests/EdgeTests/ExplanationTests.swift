import HTTPWire
import JSON
import TestKit
import Testing

@testable import Edge

/// What `GET /explain` says of the clients that a behavior serves.
@Suite struct ExplanationTests {
    private func explained(_ world: World, _ question: String) async throws -> JSONValue {
        let answer = try await world.admin("/explain?\(question)", method: .get)
        #expect(answer.status == 200)
        return answer.document
    }

    @Test func `the limits of the behavior are shown, with what was left to its default`() async throws {
        let limits: JSONObject = [
            "RequestsPerAddress": ["PerSecond": 50, "Burst": 200], "RequestsPerGrant": ["PerSecond": 20],
            "StreamsPerGrant": ["Quantity": 3], "BandwidthPerResponse": ["BytesPerSecond": 50_000],
            "BandwidthPerGrant": ["BytesPerSecond": 50_000, "BurstBytes": 60_000],
        ]
        let distribution = World.distribution(behavior: [
            "Limits": .object(limits), "TrustedKeyGroups": ["Enabled": true, "Items": ["playback"]],
        ])
        try await withWorld(distribution: distribution) { world async throws in
            let limited = try await explained(world, "url=/open/a")
            #expect(
                limited["limits"] == [
                    "requestsPerAddress": ["perSecond": 50, "burst": 200],
                    "requestsPerGrant": ["perSecond": 20, "burst": 20],
                    "streamsPerGrant": ["quantity": 3, "windowSeconds": 30],
                    "bandwidthPerResponse": ["bytesPerSecond": 50_000, "burstBytes": 50_000],
                    "bandwidthPerGrant": ["bytesPerSecond": 50_000, "burstBytes": 60_000],
                ])
            let free = try await explained(world, "url=/page")
            #expect(free["limits"] == nil)
            #expect(free["geoRestriction"] == nil)
            #expect(free["client"] == nil)
        }
    }

    @Test func `the countries of the behavior are shown, and whether a client is in one of them`() async throws {
        var file = CountryDatabaseFile()
        file.add("198.51.100.0/24", .nested("DE"))
        file.add("203.0.113.0/24", .nested("CH"))
        let restricted = World.distribution(behavior: [
            "GeoRestriction": ["RestrictionType": "whitelist", "Items": ["DE", "AT"]]
        ])
        try await withWorld(
            distribution: restricted, files: ["countries.mmdb": file.bytes],
            configure: { $0["geo"] = ["databaseFile": "countries.mmdb"] }
        ) { world async throws in
            let cases: [(String, JSONValue, Bool)] = [
                ("198.51.100.7", "DE", true), ("203.0.113.9", "CH", false), ("192.0.2.1", .null, false),
                ("2001:db8::1", .null, false),
            ]
            for (address, country, isServed) in cases {
                let answer = try await explained(world, "url=/open/a&client=\(address)")
                #expect(answer["geoRestriction"] == ["type": "whitelist", "countries": ["AT", "DE"]])
                #expect(
                    answer["client"] == [
                        "address": .string(address), "country": country, "isServed": .bool(isServed),
                    ])
            }
            let open = try await explained(world, "url=/page&client=203.0.113.9")
            #expect(open["geoRestriction"] == nil)
            #expect(open["client"] == ["address": "203.0.113.9", "country": "CH", "isServed": true])
            let refused = try await world.admin("/explain?url=/open/a&client=nobody", method: .get)
            #expect(refused.status == 400)
            #expect(refused.document["error"] == "client=nobody is not an IP address")
        }
    }
}
