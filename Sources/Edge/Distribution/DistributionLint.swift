import CacheRules
import Configuration

/// What in a valid distribution is most likely not meant: above all, paths that were to be protected and are not.
struct DistributionLint {
    private(set) var warnings: [ConfigurationProblem] = []
    private let distribution: Distribution
    private var work = PatternSearch.usualWork

    init(_ distribution: Distribution) {
        self.distribution = distribution
        warnOfShadows()
        warnOfSharing()
        warnOfPages()
        warnOfUnusedOrigins()
    }

    // MARK: Order of behaviors

    private mutating func warnOfShadows() {
        for (index, behavior) in distribution.allBehaviors.enumerated() {
            let earlier = Array(distribution.behaviors[..<index])
            let pattern = behavior.pattern ?? PathPattern("/*")
            let covering = coverers(of: pattern, among: earlier)
            if !covering.isEmpty {
                warnOfUnreachable(behavior, at: index, behind: covering)
            } else if behavior.needsSignature, behavior.pattern != nil {
                for open in earlier where !open.needsSignature { warnOfOpening(open, behavior, pattern, at: index) }
            }
        }
    }

    /// The first behavior that matches all of it, or the fewest that do together; none if it can be reached.
    private mutating func coverers(of pattern: PathPattern, among earlier: [Behavior]) -> [Behavior] {
        let overlapping = earlier.filter { behavior in
            behavior.pattern.map { $0.sharedPath(with: pattern) != nil } ?? false
        }
        for one in overlapping where isCovered(pattern, by: [one]) { return [one] }
        return isCovered(pattern, by: overlapping) ? overlapping : []
    }

    private mutating func isCovered(_ pattern: PathPattern, by behaviors: [Behavior]) -> Bool {
        PatternSearch.isCovered(pattern, by: behaviors.compactMap(\.pattern), work: &work)
    }

    private mutating func warnOfUnreachable(_ behavior: Behavior, at index: Int, behind covering: [Behavior]) {
        let names = covering.map { "\"\($0.name)\"" }.joined(separator: ", ")
        let isOpened = behavior.needsSignature && covering.contains { !$0.needsSignature }
        let harm = isOpened ? "; what it protects is open to everybody" : ""
        warn(
            path(of: index),
            "\"\(behavior.name)\" is never reached: \(names) \(covering.count == 1 ? "matches" : "match") all of its paths "
                + "and \(covering.count == 1 ? "comes" : "come") first\(harm). List it earlier, or remove it")
    }

    private mutating func warnOfOpening(
        _ open: Behavior, _ signed: Behavior, _ pattern: PathPattern, at index: Int
    ) {
        guard let example = open.pattern?.sharedPath(with: pattern) else { return }
        warn(
            path(of: index),
            "\"\(signed.name)\" wants signatures, but \"\(open.name)\" comes first and opens some of its paths to everybody, "
                + "such as \(example). List \"\(signed.name)\" before it, or give \"\(open.name)\" TrustedKeyGroups")
    }

    private func path(of index: Int) -> String {
        index < distribution.behaviors.count ? "$.CacheBehaviors[\(index)].PathPattern" : "$.DefaultCacheBehavior"
    }

    // MARK: What is shared

    private mutating func warnOfSharing() {
        for (index, behavior) in distribution.allBehaviors.enumerated() {
            let place =
                index < distribution.behaviors.count ? "$.CacheBehaviors[\(index)]" : "$.DefaultCacheBehavior"
            guard let policy = behavior.cachePolicy else { continue }
            if policy.setCookie == .replayed {
                warn(
                    "\(place).CachePolicyId",
                    "\"\(policy.id)\" replays Set-Cookie: the cookie that one client was given is given to all")
            }
            if let cookies = behavior.originRequest?.cookies, cookies != .none, policy.fields?.cookies != cookies {
                warn(
                    "\(place).OriginRequestPolicyId",
                    "\"\(behavior.originRequest?.id ?? "")\" sends cookies to the origin that are not in the cache key of "
                        + "\"\(policy.id)\": what it makes of one client's goes to all. Put them into the key, or cache nothing"
                )
            }
            for name in Self.manyValued where policy.fields?.covers(name) == true {
                warn(
                    "\(place).CachePolicyId",
                    "\"\(policy.id)\" has \(name) in its key, which has thousands of values: nearly every request is a miss"
                )
            }
            if behavior.wantsCompression, behavior.codings.isEmpty {
                warn(
                    "\(place).Compress",
                    "does nothing: \"\(policy.id)\" enables neither gzip nor Brotli (EnableAcceptEncodingGzip, …Brotli)"
                )
            }
        }
    }

    private static let manyValued = ["user-agent", "referer", "accept", "traceparent", "x-request-id"]

    private mutating func warnOfPages() {
        for page in distribution.errorPages {
            let index = Array(page.path.utf8).withUnsafeBytes { distribution.behaviorIndex(for: $0) }
            let behavior = distribution.allBehaviors[index]
            guard behavior.cachePolicy == nil else { continue }
            warn(
                "$.CustomErrorResponses",
                "the page \(page.path) for \(page.errorCode) is of \"\(behavior.name)\", which caches nothing: every error is "
                    + "two requests to an origin, which may be the one in trouble")
        }
    }

    private mutating func warnOfUnusedOrigins() {
        let targets = Set(distribution.allBehaviors.map(\.originId))
        for (index, group) in distribution.originGroups.enumerated() where !targets.contains(group.id) {
            warn("$.OriginGroups[\(index)].Id", "\"\(group.id)\" is used by no behavior")
        }
        let members = distribution.originGroups.filter { targets.contains($0.id) }.flatMap(\.originIds)
        for (index, origin) in distribution.origins.enumerated()
        where !targets.contains(origin.id) && !members.contains(origin.id) {
            warn("$.Origins[\(index)].Id", "\"\(origin.id)\" is used by no behavior and no origin group that one uses")
        }
    }

    private mutating func warn(_ path: String, _ message: String) {
        warnings.append(ConfigurationProblem(path: path, message: message))
    }
}
