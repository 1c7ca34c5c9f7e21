import Telemetry

/// The limits of a behavior with everything that a request needs at hand. No lock and no allocation in any call.
final class RouteLimits: Sendable {
    let rules: BehaviorLimits
    private let tables: LimitBook.Tables
    private let counters: LimitCounters
    /// Tells the buckets of this behavior from those of others; the same for the same behavior after a reload.
    private let salts: [UInt64]

    enum Verdict: Equatable {
        case within
        /// Sooner than this many seconds, at least one, it makes no sense to try again.
        case beyond(LimitKind, retryAfterSeconds: Int)
    }

    init(
        _ rules: BehaviorLimits, of behavior: String, in distribution: String, tables: LimitBook.Tables,
        registry: MetricsRegistry
    ) {
        self.rules = rules
        self.tables = tables
        counters = LimitCounters(rules, behavior: behavior, in: distribution, registry: registry)
        salts = LimitKind.allCases.map { kind in
            var hasher = Hasher()
            hasher.combine(distribution)
            hasher.combine(behavior)
            hasher.combine(kind)
            return UInt64(bitPattern: Int64(hasher.finalize()))
        }
    }

    /// Counts a request of a client address, before anything costly is done for it.
    func request(ofAddress address: UInt64, at nanoseconds: UInt64) -> Verdict {
        guard let bucket = rules.requestsPerAddress else { return .within }
        return take(.requestsPerAddress, of: address, from: bucket, at: nanoseconds)
    }

    /// Counts a request under a grant that has been verified. An address too many takes nothing from those that are at it.
    func request(ofGrant grant: UInt64, fromAddress address: UInt64, at nanoseconds: UInt64) -> Verdict {
        let verdict = stream(ofGrant: grant, fromAddress: address, at: nanoseconds)
        guard verdict == .within, let bucket = rules.requestsPerGrant else { return verdict }
        return take(.requestsPerGrant, of: grant, from: bucket, at: nanoseconds)
    }

    private func take(
        _ kind: LimitKind, of identity: UInt64, from bucket: TokenBucket, at nanoseconds: UInt64
    ) -> Verdict {
        switch tables.rates.take(1, of: key(kind, identity), from: bucket, at: nanoseconds / 1_000) {
        case .taken: return .within
        case .takenForgetting:
            counters.overflowed(kind)
            return .within
        case .refused(let microseconds):
            counters.refused(kind)
            return .beyond(kind, retryAfterSeconds: Int(clamping: (microseconds + 999_999) / 1_000_000))
        }
    }

    private func stream(ofGrant grant: UInt64, fromAddress address: UInt64, at nanoseconds: UInt64) -> Verdict {
        guard let admission = admit(grant, address, at: nanoseconds) else { return .within }
        switch admission {
        case .admitted: return .within
        case .uncounted:
            counters.overflowed(.streamsPerGrant)
            return .within
        case .refused(let seconds):
            counters.refused(.streamsPerGrant)
            return .beyond(.streamsPerGrant, retryAfterSeconds: seconds)
        }
    }

    private func admit(_ grant: UInt64, _ address: UInt64, at nanoseconds: UInt64) -> StreamTable.Admission? {
        guard let streams = rules.streamsPerGrant else { return nil }
        return tables.streams.admit(
            address, of: key(.streamsPerGrant, grant), limit: streams.quantity, window: streams.windowSeconds,
            at: nanoseconds / 1_000_000_000)
    }

    /// Lets an address go on counting while it is being answered.
    func goesOn(_ grant: UInt64, fromAddress address: UInt64, at nanoseconds: UInt64) {
        _ = admit(grant, address, at: nanoseconds)
    }

    // MARK: Bytes

    /// What all responses under a grant owe, in microseconds.
    func bandwidthDebt(ofGrant grant: UInt64, at nanoseconds: UInt64) -> UInt64 {
        tables.rates.debt(of: key(.bandwidthPerGrant, grant), at: nanoseconds / 1_000)
    }

    func spend(_ bytes: Int, ofGrant grant: UInt64, from bucket: TokenBucket, at nanoseconds: UInt64) {
        tables.rates.spend(bytes, of: key(.bandwidthPerGrant, grant), from: bucket, at: nanoseconds / 1_000)
    }

    /// A response is held back for the first time by this limit.
    func delayed(by kind: LimitKind) {
        counters.delayed(kind)
    }

    /// The identity is a hash that no client can choose; the salt only keeps behaviors and limits apart.
    private func key(_ kind: LimitKind, _ identity: UInt64) -> UInt64 {
        let product = (identity ^ salts[kind.index]).multipliedFullWidth(by: 0x9e37_79b9_7f4a_7c15)
        return product.high ^ product.low
    }
}

extension LimitKind {
    /// Its place among all kinds.
    var index: Int {
        switch self {
        case .requestsPerAddress: 0
        case .requestsPerGrant: 1
        case .streamsPerGrant: 2
        case .bandwidthPerResponse: 3
        case .bandwidthPerGrant: 4
        }
    }
}
