import Configuration
import JSON

/// The names by which the parts of a distribution document refer to each other: whether each is defined.
///
/// Read from the JSON as it stands, so that it is said together with what is wrong with the document's shape. A list that
/// could not be read, in whole or in part, may hold any name: its own refusal is told, and nothing that refers to it.
struct DistributionReferences {
    private(set) var problems: [ConfigurationProblem] = []
    private let document: JSONValue
    /// A key that nobody knows may be the misspelt name of a list.
    private let hasUnknownKeys: Bool

    init(_ document: JSONValue) {
        self.document = document
        let known = Distribution.parameters.map(\.key)
        hasUnknownKeys = document.object?.members.contains { !known.contains($0.key) } ?? true
        let origins = document["Origins"] == nil ? nil : ids(of: "Origins")
        let groups = ids(of: "OriginGroups")
        for (index, group) in elements(of: "OriginGroups").enumerated() {
            for (place, member) in (group["Members"]?.array ?? []).enumerated() {
                check(member, "OriginId", among: origins, at: "$.OriginGroups[\(index)].Members[\(place)]")
            }
        }
        let behaviors = elements(of: "CacheBehaviors").enumerated().map { ("$.CacheBehaviors[\($0)]", $1) }
        let policies = ids(of: "CachePolicies").map { $0 + [CachePolicy.disabledId] }
        let others = ["ResponseHeadersPolicies", "OriginRequestPolicies"].map { ids(of: $0) }
        for (path, behavior) in behaviors + [("$.DefaultCacheBehavior", document["DefaultCacheBehavior"] ?? .null)] {
            check(behavior, "TargetOriginId", among: origins.flatMap { ids in groups.map { ids + $0 } }, at: path)
            check(behavior, "CachePolicyId", among: policies, at: path)
            check(behavior, "ResponseHeadersPolicyId", among: others[0], at: path)
            check(behavior, "OriginRequestPolicyId", among: others[1], at: path)
        }
    }

    private func elements(of list: String) -> [JSONValue] { document[list]?.array ?? [] }

    /// The ids that a list defines; `nil` if there may be others.
    private func ids(of list: String) -> [String]? {
        guard let value = document[list], value != .null else { return hasUnknownKeys ? nil : [] }
        guard let elements = value.array else { return nil }
        let ids = elements.compactMap { $0["Id"]?.string }
        return ids.count == elements.count ? ids : nil
    }

    private mutating func check(_ user: JSONValue, _ key: String, among known: [String]?, at path: String) {
        guard let known, let name = user[key]?.string, !known.contains(name) else { return }
        let advice = NearestName.of(name, among: known).map { "; did you mean \"\($0)\"?" }
        let defined =
            known.isEmpty ? "is not defined in this document" : "is not one of \(known.joined(separator: ", "))"
        problems.append(
            ConfigurationProblem(path: "\(path).\(key)", message: "\"\(name)\" \(defined)\(advice ?? "")"))
    }
}
