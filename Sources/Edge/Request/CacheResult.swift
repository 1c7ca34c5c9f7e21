import AccessLog

/// What the cache did for a response: the first word of `X-Cache`, a label of the metrics and a word of the access log.
/// `Served` adds what `Cache-Status` says beside it.
///
/// Raw values travel in an exchange's tag.
enum CacheResult: UInt8, Sendable, CaseIterable {
    /// Not decided: the connection ended before an answer.
    case none
    /// Served from the store while fresh.
    case hit
    /// Served from the store, expired, because the origin failed or was slow.
    case staleHit
    /// Served from the store, expired, while it is being fetched anew.
    case revalidatingHit
    /// Served from the store after the origin confirmed it.
    case refreshHit
    /// Fetched from the origin for this client.
    case miss
    /// Fetched from the origin for another client and shared with this one.
    case collapsedMiss
    /// Passed through, not cacheable.
    case pass
    /// Answered by the edge itself: a refusal or a failure.
    case error
    /// A redirect of the edge's.
    case redirect
    /// Refused by a limit of the behavior.
    case limitExceeded
    /// Refused because of the client's country.
    case geoBlocked
    /// Refused because the edge or the origin had no room.
    case capacityExceeded

    /// The value of `X-Cache`.
    var xCache: StaticString {
        switch self {
        case .hit, .staleHit, .revalidatingHit: "Hit from weir"
        case .refreshHit: "RefreshHit from weir"
        case .miss, .collapsedMiss, .pass, .none: "Miss from weir"
        case .error, .geoBlocked: "Error from weir"
        case .redirect: "Redirect from weir"
        case .limitExceeded: "LimitExceeded from weir"
        case .capacityExceeded: "CapacityExceeded from weir"
        }
    }

    /// For metrics and logs.
    var label: StaticString {
        switch self {
        case .none: "none"
        case .hit: "hit"
        case .staleHit: "stale"
        case .revalidatingHit: "revalidating"
        case .refreshHit: "refresh"
        case .miss: "miss"
        case .collapsedMiss: "collapsed"
        case .pass: "pass"
        case .error: "error"
        case .redirect: "redirect"
        case .limitExceeded: "limited"
        case .geoBlocked: "geo_blocked"
        case .capacityExceeded: "overloaded"
        }
    }

    /// Whether the body came out of the store, as `X-Cache` tells; nil for what is no answer of an origin's.
    var wasStored: Bool? {
        switch type {
        case .hit, .refreshHit: true
        case .miss: false
        default: nil
        }
    }

    /// The class of the access log, as far as the response goes.
    var type: ResultType {
        switch self {
        case .hit, .staleHit, .revalidatingHit: .hit
        case .refreshHit: .refreshHit
        case .miss, .collapsedMiss, .pass: .miss
        case .limitExceeded: .limitExceeded
        case .capacityExceeded: .capacityExceeded
        case .redirect: .redirect
        case .error, .geoBlocked, .none: .error
        }
    }
}
