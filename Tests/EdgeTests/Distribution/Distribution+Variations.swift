import JSON

extension World {
    /// The usual distribution with `/open/*` under a cache policy and a behavior of the test's own.
    static func distribution(
        policy: JSONObject = [:], behavior: JSONObject = [:], headers: JSONObject = [:], top: JSONObject = [:]
    ) -> JSONValue {
        guard case .object(var document) = distribution else { return distribution }
        let policy = merged(["Id": "open"], policy)
        let behavior = merged(
            ["PathPattern": "/open/*", "TargetOriginId": "app", "CachePolicyId": "open"], behavior)
        let policies = (document["CachePolicies"]?.array ?? []) + [.object(policy)]
        document["CachePolicies"] = .array(policies)
        document["ResponseHeadersPolicies"] = .array(
            (document["ResponseHeadersPolicies"]?.array ?? []) + [.object(merged(["Id": "open"], headers))])
        let behaviors = document["CacheBehaviors"]?.array ?? []
        document["CacheBehaviors"] = .array(
            [.object(behavior)] + behaviors.filter { $0["PathPattern"]?.string != "/open/*" })
        return .object(merged(document, top))
    }

    private static func merged(_ base: JSONObject, _ changes: JSONObject) -> JSONObject {
        var result = base
        for member in changes.members { result[member.key] = member.value }
        return result
    }
}
