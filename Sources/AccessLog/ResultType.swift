/// How a request is classed in CloudFront's log fields `x-edge-result-type` and `x-edge-response-result-type`.
public enum ResultType: UInt8, Sendable, CaseIterable {
    /// Served from the cache.
    case hit
    /// Served from the cache after the origin confirmed it.
    case refreshHit
    /// Fetched from an origin.
    case miss
    /// Refused by a limit on one client.
    case limitExceeded
    /// Refused because the edge or the origin had no room.
    case capacityExceeded
    /// A refusal, a failure, or a response that the client did not get whole.
    case error
    /// A redirect from http to https.
    case redirect

    /// CloudFront's word.
    public var word: StaticString {
        switch self {
        case .hit: "Hit"
        case .refreshHit: "RefreshHit"
        case .miss: "Miss"
        case .limitExceeded: "LimitExceeded"
        case .capacityExceeded: "CapacityExceeded"
        case .error: "Error"
        case .redirect: "Redirect"
        }
    }
}
