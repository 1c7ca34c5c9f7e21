import EventLoop
import Geolocation
import JSON

/// What an explanation says of the clients that a behavior serves.
extension Explanation {
    /// The limits and the restriction, where there are any, and what becomes of `client`.
    static func clients(of behavior: Behavior, _ client: SocketAddress?, in snapshot: EdgeSnapshot) -> JSONObject {
        var fields = JSONObject()
        if let limits = behavior.limits { fields["limits"] = limits.document }
        if let restriction = behavior.geoRestriction { fields["geoRestriction"] = restriction.document }
        if let client {
            let country = snapshot.countries?.country(of: client.ipBytes)
            fields["client"] = [
                "address": .string(client.ip), "country": country.map { .string($0.description) } ?? .null,
                "isServed": .bool(behavior.geoRestriction?.allows(country) ?? true),
            ]
        }
        return fields
    }
}

extension BehaviorLimits {
    /// The limits that are set, with what was left to its default.
    fileprivate var document: JSONValue {
        var fields = JSONObject()
        fields["requestsPerAddress"] = requestsPerAddress?.document(rate: "perSecond", burst: "burst")
        fields["requestsPerGrant"] = requestsPerGrant?.document(rate: "perSecond", burst: "burst")
        if let streams = streamsPerGrant {
            fields["streamsPerGrant"] = [
                "quantity": .integer(Int64(streams.quantity)), "windowSeconds": .integer(Int64(streams.windowSeconds)),
            ]
        }
        fields["bandwidthPerResponse"] = bandwidthPerResponse?.document(rate: "bytesPerSecond", burst: "burstBytes")
        fields["bandwidthPerGrant"] = bandwidthPerGrant?.document(rate: "bytesPerSecond", burst: "burstBytes")
        return .object(fields)
    }
}

extension TokenBucket {
    fileprivate func document(rate: String, burst name: String) -> JSONValue {
        var fields = JSONObject()
        fields[rate] = .integer(Int64(perSecond))
        fields[name] = .integer(Int64(burst))
        return .object(fields)
    }
}

extension GeoRestriction {
    fileprivate var document: JSONValue {
        [
            "type": isAllowList ? "whitelist" : "blacklist",
            "countries": .array(countries.map { .string($0.description) }),
        ]
    }
}
