internal import HTTPWire

/// For how long a response is fresh, counted from when the origin made it (RFC 9111 §4.2.1, §4.2.2).
struct FreshnessLifetime: Equatable {
    let seconds: Int
    let source: Freshness.Source

    /// `s-maxage`, else `max-age`, else `Expires` less `Date`; else the operator's word for this status. Nil if neither
    /// says anything, so that the response is not to be stored.
    init?(status: HTTPStatus, headers: Headers, directives: CachingDirectives, policy: TTLPolicy, now: Int64) {
        let explicit = Self.explicit(headers: headers, directives: directives, now: now)
        if status.code >= 400 {
            let least = policy.errors[status.code]
            if let explicit {
                seconds = max(min(explicit.seconds, policy.maximum), least ?? 0)
                source = seconds > explicit.seconds ? .errorPolicy : explicit.source
            } else {
                let isByDefault =
                    if case .byDefault = StoredStatus(status) { true } else { directives.control.isPublic }
                guard let lifetime = least ?? (isByDefault ? policy.negative : nil) else { return nil }
                seconds = lifetime
                source = least == nil ? .policy : .errorPolicy
            }
            return
        }
        if let explicit {
            (seconds, source) = (policy.bounded(explicit.seconds), explicit.source)
            return
        }
        guard case .byDefault = StoredStatus(status) else {
            guard directives.control.isPublic else { return nil }
            (seconds, source) = (policy.bounded(policy.default), .policy)
            return
        }
        if policy.usesHeuristic, let heuristic = Self.heuristic(headers, now: now) {
            (seconds, source) = (policy.bounded(heuristic), .heuristic)
        } else {
            (seconds, source) = (policy.bounded(policy.default), .policy)
        }
    }

    private static func explicit(
        headers: Headers, directives: CachingDirectives, now: Int64
    ) -> (seconds: Int, source: Freshness.Source)? {
        if let seconds = directives.control.sharedMaxAge { return (seconds, .sharedMaxAge) }
        if let seconds = directives.control.maxAge { return (seconds, .maxAge) }
        guard let expires = directives.expires else { return nil }
        return (distance(from: date(headers, now: now), to: expires), .expires)
    }

    /// A tenth of how long the bytes had not changed: what has been still for long is likely to stay so.
    private static func heuristic(_ headers: Headers, now: Int64) -> Int? {
        guard let modified = headers.first("Last-Modified").flatMap({ HTTPDate.parse($0, now: now) }) else {
            return nil
        }
        return distance(from: modified, to: date(headers, now: now)) / 10
    }

    private static func date(_ headers: Headers, now: Int64) -> Int64 {
        headers.first("Date").flatMap { HTTPDate.parse($0, now: now) } ?? now
    }

    private static func distance(from earlier: Int64, to later: Int64) -> Int {
        later <= earlier ? 0 : DeltaSeconds.bounded(later - earlier)
    }
}
