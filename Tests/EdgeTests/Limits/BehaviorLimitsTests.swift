import Configuration
import JSON
import Testing

@testable import Edge

@Suite struct BehaviorLimitsTests {
    private func distribution(_ limits: JSONValue, isSigned: Bool = true) throws -> Distribution {
        try Distribution([
            "Id": "E1", "Origins": [["Id": "app", "DomainName": "127.0.0.1:9000"]],
            "DefaultCacheBehavior": [
                "TargetOriginId": "app", "Limits": limits,
                "TrustedKeyGroups": ["Enabled": .bool(isSigned), "Items": ["playback"]],
            ],
        ])
    }

    private func problems(_ limits: JSONValue, isSigned: Bool = true) -> [String] {
        do {
            _ = try distribution(limits, isSigned: isSigned)
            return []
        } catch {
            return ((error as? ConfigurationRefused)?.problems ?? []).map(\.description)
        }
    }

    @Test func `without limits a behavior has none`() throws {
        #expect(try distribution([:]).defaultBehavior.limits == nil)
        #expect(try distribution(["StreamsPerGrant": ["WindowSeconds": 60]]).defaultBehavior.limits == nil)
    }

    @Test func `every limit is read`() throws {
        let limits = try distribution([
            "RequestsPerAddress": ["PerSecond": 50, "Burst": 200], "RequestsPerGrant": ["PerSecond": 20],
            "StreamsPerGrant": ["Quantity": 3, "WindowSeconds": 60],
            "BandwidthPerResponse": ["BytesPerSecond": 1_000_000],
            "BandwidthPerGrant": ["BytesPerSecond": 2_000_000, "BurstBytes": 8_000_000],
        ]).defaultBehavior.limits
        #expect(limits?.requestsPerAddress == TokenBucket(perSecond: 50, burst: 200))
        #expect(limits?.requestsPerGrant == TokenBucket(perSecond: 20, burst: 20))
        #expect(limits?.streamsPerGrant == .init(quantity: 3, windowSeconds: 60))
        #expect(limits?.bandwidthPerResponse == TokenBucket(perSecond: 1_000_000, burst: 1_000_000))
        #expect(limits?.bandwidthPerGrant == TokenBucket(perSecond: 2_000_000, burst: 8_000_000))
    }

    @Test func `limits of grants need grants`() {
        let expected = "$.DefaultCacheBehavior.Limits: limits signed grants, and no request here has one: "
        for limits: JSONValue in [
            ["RequestsPerGrant": ["PerSecond": 1]], ["StreamsPerGrant": ["Quantity": 1]],
            ["BandwidthPerGrant": ["BytesPerSecond": 100_000]],
        ] {
            #expect(problems(limits, isSigned: false).allSatisfy { $0.hasPrefix(expected) })
            #expect(problems(limits, isSigned: false).count == 1)
            #expect(problems(limits).isEmpty)
        }
        #expect(problems(["RequestsPerAddress": ["PerSecond": 1]], isSigned: false).isEmpty)
    }

    @Test func `a burst that takes too long to come back, or has no rate, is named`() {
        #expect(
            problems(["RequestsPerAddress": ["PerSecond": 1, "Burst": 4000]]) == [
                "$.DefaultCacheBehavior.Limits.RequestsPerAddress.Burst: 4000 takes 4000 seconds to come back at 1 a second, "
                    + "allowed are 3600"
            ])
        #expect(
            problems(["BandwidthPerResponse": ["BurstBytes": 100_000]]) == [
                "$.DefaultCacheBehavior.Limits.BandwidthPerResponse.BurstBytes: means nothing without BytesPerSecond: set "
                    + "that too"
            ])
        #expect(problems(["StreamsPerGrant": ["Quantity": 9]]).count == 1)
    }
}
