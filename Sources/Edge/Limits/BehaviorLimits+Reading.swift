import Configuration
import JSON

extension BehaviorLimits {
    /// The section `Limits` of a behavior.
    static let parameters: Parameter = .section(
        "Limits", "what one client or one signed grant may take; beyond it requests are answered 429, bodies wait",
        [
            .section(
                "RequestsPerAddress", "requests of one client address, IPv6 by its first 64 bits",
                rate + [burst("requests at once")]),
            .section(
                "RequestsPerGrant", "requests under one signed grant, from all addresses",
                rate + [burst("requests at once")]),
            .section(
                "StreamsPerGrant", "client addresses that use one signed grant at the same time",
                [
                    .optional(
                        "Quantity", .integer(1...StreamTable.mostStreams, unit: "addresses"), "no limit when unset"),
                    .optional(
                        "WindowSeconds", .integer(5...600, unit: "seconds"), default: 30,
                        "how long after its last request an address still counts; longer than a segment"),
                ]),
            .section("BandwidthPerResponse", "bytes of each response body", bandwidth),
            .section("BandwidthPerGrant", "bytes of all response bodies under one signed grant", bandwidth),
        ])

    private static let rate: [Parameter] = [
        .optional("PerSecond", .integer(1...10_000, unit: "requests/s"), "no limit when unset")
    ]

    private static func burst(_ meaning: String) -> Parameter {
        .optional("Burst", .integer(1...1_000_000, unit: "requests"), "\(meaning); PerSecond when unset")
    }

    private static let leastBytes = 16_384

    private static let bandwidth: [Parameter] = [
        .optional(
            "BytesPerSecond", .integer(leastBytes...10_737_418_240, unit: "bytes/s"), "no limit when unset"),
        .optional(
            "BurstBytes", .integer(leastBytes...1_099_511_627_776, unit: "bytes"),
            "bytes at once; BytesPerSecond when unset"),
    ]
}

/// Reads the section `Limits` of one behavior.
struct BehaviorLimitsReading {
    private(set) var limits = BehaviorLimits()
    private(set) var problems: [ConfigurationProblem] = []

    /// - Parameter isSigned: whether the behavior trusts key groups, so that its requests have a grant.
    init(_ values: Configuration, isSigned: Bool, at path: String) {
        limits.requestsPerAddress = requests(values, "RequestsPerAddress", at: path)
        limits.requestsPerGrant = requests(values, "RequestsPerGrant", at: path)
        let streams = values.section("StreamsPerGrant")
        if let quantity = streams.optionalInteger("Quantity") {
            limits.streamsPerGrant = .init(quantity: quantity, windowSeconds: streams.integer("WindowSeconds"))
        }
        limits.bandwidthPerResponse = bandwidth(values, "BandwidthPerResponse", at: path)
        limits.bandwidthPerGrant = bandwidth(values, "BandwidthPerGrant", at: path)
        if limits.needGrant, !isSigned {
            refuse(
                path,
                "limits signed grants, and no request here has one: enable TrustedKeyGroups, or limit addresses only")
        }
    }

    private mutating func requests(_ values: Configuration, _ name: String, at path: String) -> TokenBucket? {
        bucket(values.section(name), rate: "PerSecond", burst: "Burst", at: "\(path).\(name)")
    }

    private mutating func bandwidth(_ values: Configuration, _ name: String, at path: String) -> TokenBucket? {
        bucket(values.section(name), rate: "BytesPerSecond", burst: "BurstBytes", at: "\(path).\(name)")
    }

    private mutating func bucket(
        _ values: Configuration, rate: String, burst: String, at path: String
    ) -> TokenBucket? {
        let held = values.optionalInteger(burst)
        guard let perSecond = values.optionalInteger(rate) else {
            if held != nil { refuse("\(path).\(burst)", "means nothing without \(rate): set that too") }
            return nil
        }
        let bucket = TokenBucket(perSecond: perSecond, burst: held ?? perSecond)
        if bucket.burst / perSecond > TokenBucket.longestFillSeconds {
            refuse(
                "\(path).\(burst)",
                "\(bucket.burst) takes \(bucket.burst / perSecond) seconds to come back at \(perSecond) a second, allowed "
                    + "are \(TokenBucket.longestFillSeconds)")
        }
        return bucket
    }

    private mutating func refuse(_ path: String, _ message: String) {
        problems.append(ConfigurationProblem(path: path, message: message))
    }
}
