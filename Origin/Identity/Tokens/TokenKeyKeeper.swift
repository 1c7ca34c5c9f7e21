internal import Audit
internal import Catalog
internal import EventLoop
internal import Telemetry

/// Lets the keys of a pool take turns: makes the next one when the one that signs is old, and removes those that have ended.
///
/// Several origins may do it for one pool.
public struct TokenKeyKeeper: Sendable {
    /// A key, and when it begins to sign.
    public struct Turn: Sendable, Equatable {
        /// The key id that tokens carry.
        public let keyId: String
        /// Epoch milliseconds.
        public let signsFrom: Int64

        /// The turn of a key.
        public init(keyId: String, signsFrom: Int64) {
            self.keyId = keyId
            self.signsFrom = signsFrom
        }
    }

    private let keys: TokenKeys
    private let store: any IdentityStore
    private let settings: IdentitySettings
    private let sealer: SecretSealer
    private let pool: BlockingPool
    private let clock: IdentityClock
    private let logger: Logger
    static let rest = Duration.seconds(60)

    /// - Parameter pool: makes keys, one at a time.
    init(_ service: IdentityService, pool: BlockingPool) {
        keys = service.keys
        store = service.store
        settings = service.settings
        sealer = service.sealer
        clock = service.clock
        logger = service.logger
        self.pool = pool
    }

    /// Works until the task is cancelled.
    public func run() async {
        while !Task.isCancelled {
            do {
                try await keepUp()
            } catch {
                logger.error("token keys not kept up, trying again", ["error": .error(error)])
            }
            try? await Task.sleep(for: Self.rest)
        }
    }

    /// Does what is due, and learns what others have done.
    func keepUp() async throws {
        let (poolId, now) = (settings.userPoolId, clock())
        let known = try await store.read { try $0.signingKeys(poolId: poolId) }
        let states = TokenKeyTurns.states(known.map(\.signsFrom), now: now)
        for (key, state) in zip(known, states) where state == .ended {
            try await store.write { try Self.remove(key, now, $0) }
            logger.info("token key removed, its last token has ended", ["key": .string(key.id)])
        }
        if isDue(known, now) { try await publishNext() }
        try await keys.reload()
    }

    /// Lets another key sign before its time: the one that waits already, or a new one.
    ///
    /// `isUrgent`, for a key that has leaked: it signs at once, and no token of any other is good any more, though verifiers
    /// elsewhere may believe them for as long as they keep the key set.
    public func rotate(isUrgent: Bool) async throws -> Turn {
        let poolId = settings.userPoolId
        let now = clock()
        let next = try await newKey(signsFrom: isUrgent ? now : now + TokenKeyTurns.publishedSeconds * 1000)
        let chosen = try await store.write { transaction in
            let known = try transaction.signingKeys(poolId: poolId)
            if isUrgent {
                for key in known { try Self.remove(key, now, transaction) }
            } else if let waiting = known.first, waiting.signsFrom > now {
                return waiting
            }
            try transaction.publish(next)
            return next
        }
        try await keys.reload()
        logger.warning(
            "token keys rotated by an administrator",
            ["key": .string(chosen.id), "urgent": .bool(isUrgent)])
        return Turn(keyId: chosen.id, signsFrom: chosen.signsFrom)
    }

    /// Makes a key that signs as soon as nobody can have a key set without it.
    private func publishNext() async throws {
        let (poolId, now) = (settings.userPoolId, clock())
        let next = try await newKey(signsFrom: now + TokenKeyTurns.publishedSeconds * 1000)
        // Another origin may have been faster.
        let isAdded = try await store.write { [self] transaction in
            guard isDue(try transaction.signingKeys(poolId: poolId), now) else { return false }
            try transaction.publish(next)
            return true
        }
        guard isAdded else { return }
        logger.info("token key published, it signs soon", ["key": .string(next.id)])
    }

    private static func remove(
        _ key: IdentitySigningKey, _ now: Int64, _ transaction: any IdentityTransaction
    ) throws {
        try transaction.deleteSigningKey(id: key.id)
        try transaction.record(AuditAct(.tokenKeyRemoved, of: .tokenKey(key.id)), at: now)
    }

    private func newKey(signsFrom: Int64) async throws -> IdentitySigningKey {
        let (poolId, sealer, now) = (settings.userPoolId, sealer, clock())
        return try await pool.run {
            try IdentitySigningKey(generatedFor: poolId, sealer: sealer, createdAt: now, signsFrom: signsFrom)
        }
    }

    /// Whether the last key to begin has signed for as long as it should.
    private func isDue(_ keys: [IdentitySigningKey], _ now: Int64) -> Bool {
        guard let last = keys.first, settings.tokenKeySeconds > 0 else { return false }
        return now - last.signsFrom >= settings.tokenKeySeconds * 1000
    }
}
