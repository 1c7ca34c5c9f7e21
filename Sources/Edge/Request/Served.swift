import CacheRules

/// How a response came about, as its client is told (`Cache-Status`, RFC 9211). Plain values: a hit makes one.
struct Served {
    let result: CacheResult
    /// What is counted and said in `X-Cache`: an error of the origin's that is not stored is one of ours too.
    var shown: CacheResult
    /// Why the origin was asked, if it was.
    var forward = CacheStatus.Forward.uriMiss
    /// What the result does not say.
    var detail: CacheStatus.Detail?
    /// The origin's status, where it is not the response's.
    var forwardStatus: Int?
    /// Whether the response enters the store.
    var isStored = false
    /// Seconds of freshness left, of what is stored.
    var secondsLeft: Int64?

    init(_ result: CacheResult, forward: CacheStatus.Forward = .uriMiss) {
        self.result = result
        shown = result
        self.forward = forward
    }

    var status: CacheStatus {
        var status =
            switch result {
            case .hit: CacheStatus(.hit)
            case .staleHit: CacheStatus(.hit, detail: .staleIfError)
            case .revalidatingHit: CacheStatus(.hit, detail: .staleWhileRevalidate)
            case .refreshHit: CacheStatus(.forwarded(.stale))
            case .miss, .collapsedMiss, .pass: CacheStatus(.forwarded(forward))
            case .error, .redirect, .limitExceeded, .geoBlocked, .capacityExceeded, .none:
                CacheStatus(.generated, detail: .generated)
            }
        status.forwardStatus = result == .refreshHit ? 304 : forwardStatus
        status.ttl = secondsLeft.map { Int($0) }
        status.isStored = isStored
        if let detail { status.detail = detail }
        status.isCollapsed = result == .collapsedMiss
        return status
    }
}
