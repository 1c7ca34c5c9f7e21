import EventLoop
import HTTPServer

/// Holds a response to the bandwidth of its behavior, and keeps its address counted among the streams of its grant.
///
/// Bytes are counted as they go out. A response waits until its buckets hold a worthwhile piece, so that it wakes some
/// twenty times a second and not for every packet.
final class BodyLimiter: BodyThrottle {
    private let loop: EventLoop
    private var limits: RouteLimits
    private var grant: UInt64?
    private var address: UInt64
    /// When the response's own bucket is full, in monotonic microseconds.
    private var fullAt: UInt64 = 0
    /// Its request counted already when it was admitted.
    private var countedSecond: UInt64
    /// Whether each of the two bandwidths has held this response back.
    private var isDelayed = (byOwn: false, byGrant: false)

    private static let leastPiece = 16_384
    private static let largestPiece = 256_000
    private static let piecesPerSecond = 20

    init(loop: EventLoop, limits: RouteLimits, grant: UInt64?, address: UInt64) {
        self.loop = loop
        self.limits = limits
        self.grant = grant
        self.address = address
        countedSecond = loop.nowNanoseconds / 1_000_000_000
    }

    /// Starts over with another response, when nobody uses the limiter any more.
    func begin(limits: RouteLimits, grant: UInt64?, address: UInt64) {
        self.limits = limits
        self.grant = grant
        self.address = address
        fullAt = 0
        countedSecond = loop.nowNanoseconds / 1_000_000_000
        isDelayed = (false, false)
    }

    func allowanceOnLoop() -> BodyAllowance {
        var allowed = Int.max
        if let bucket = limits.rules.bandwidthPerResponse {
            switch allowance(of: bucket, owing: ownDebt) {
            case .bytes(let bytes): allowed = min(allowed, bytes)
            case .after(let delay):
                if !isDelayed.byOwn { limits.delayed(by: .bandwidthPerResponse) }
                isDelayed.byOwn = true
                return .after(delay)
            }
        }
        if let bucket = limits.rules.bandwidthPerGrant, let grant {
            let debt = limits.bandwidthDebt(ofGrant: grant, at: loop.nowNanoseconds)
            switch allowance(of: bucket, owing: debt) {
            case .bytes(let bytes): allowed = min(allowed, bytes)
            case .after(let delay):
                if !isDelayed.byGrant { limits.delayed(by: .bandwidthPerGrant) }
                isDelayed.byGrant = true
                return .after(delay)
            }
        }
        return .bytes(allowed)
    }

    func spentOnLoop(_ bytes: Int) {
        guard bytes > 0 else { return }
        let now = loop.nowNanoseconds
        if let bucket = limits.rules.bandwidthPerResponse {
            fullAt = now / 1_000 + bucket.spend(bytes, owing: ownDebt)
        }
        guard let grant else { return }
        if let bucket = limits.rules.bandwidthPerGrant {
            limits.spend(bytes, ofGrant: grant, from: bucket, at: now)
        }
        if limits.rules.streamsPerGrant != nil, countedSecond != now / 1_000_000_000 {
            countedSecond = now / 1_000_000_000
            limits.goesOn(grant, fromAddress: address, at: now)
        }
    }

    private var ownDebt: UInt64 {
        let now = loop.nowNanoseconds / 1_000
        return fullAt > now ? fullAt - now : 0
    }

    private func allowance(of bucket: TokenBucket, owing debt: UInt64) -> BodyAllowance {
        let piece = min(
            bucket.burst, min(max(bucket.perSecond / Self.piecesPerSecond, Self.leastPiece), Self.largestPiece))
        switch bucket.take(piece, owing: debt) {
        case .taken: return .bytes(max(piece, bucket.tokens(owing: debt)))
        case .refused(let microseconds): return .after(.microseconds(microseconds))
        }
    }
}
