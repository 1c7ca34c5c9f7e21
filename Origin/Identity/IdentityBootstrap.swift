public import Catalog
internal import Crypto
internal import EventLoop

/// Makes a pool usable: a signing key, the default client, the administrator. Running it again changes nothing.
public struct IdentityBootstrap: Sendable {
    /// The first person.
    public struct Administrator: Sendable {
        /// The name to sign in with, an e-mail address.
        public let email: String
        /// A permanent password; only used when the account does not exist yet.
        public let password: String

        /// An administrator.
        public init(email: String, password: String) {
            self.email = email
            self.password = password
        }
    }

    private let store: any IdentityStore
    private let settings: IdentitySettings
    private let clock: IdentityClock

    /// A bootstrap for one pool.
    public init(
        store: any IdentityStore, settings: IdentitySettings,
        clock: @escaping IdentityClock = IdentityService.systemClock
    ) {
        self.store = store
        self.settings = settings
        self.clock = clock
    }

    /// Ensures that everything is there.
    ///
    /// The client is public and may use passwords and refresh tokens. An administrator who exists keeps password and
    /// second factor and is put back into the group `admin`. Throws for a sealing key of the wrong length and what the
    /// store throws.
    public func run(clientId: String, administrator: Administrator?) async throws {
        let pool = try BlockingPool(name: "identity-setup", threads: 1, queueLimit: 4)
        defer { pool.shutdown() }
        try await ensureSigningKey(pool)
        let client = IdentityClient(
            id: clientId, poolId: settings.userPoolId, name: "weir",
            flows: IdentityClient.usualFlows, createdAt: clock())
        try await store.write { transaction in
            if try transaction.client(id: client.id) == nil { try transaction.save(client) }
        }
        if let administrator { try await ensure(administrator, pool) }
    }

    private func ensureSigningKey(_ pool: BlockingPool) async throws {
        let poolId = settings.userPoolId
        guard try await store.read({ try $0.signingKeys(poolId: poolId) }).isEmpty else { return }
        let sealer = try SecretSealer(key: settings.sealingKey, poolId: poolId)
        let now = clock()
        let key = try await pool.run {
            try IdentitySigningKey(generatedFor: poolId, sealer: sealer, createdAt: now, signsFrom: now)
        }
        try await store.write { transaction in
            if try transaction.signingKeys(poolId: poolId).isEmpty { try transaction.insert(key) }
        }
    }

    private func ensure(_ administrator: Administrator, _ pool: BlockingPool) async throws {
        let poolId = settings.userPoolId
        let key = IdentityService.usernameKey(administrator.email)
        let existing = try await store.read { try $0.user(poolId: poolId, usernameKey: key) }
        let group = IdentityGroup(poolId: poolId, name: "admin", description: "May do everything", createdAt: clock())
        if let existing {
            guard !existing.groups.contains(group.name) else { return }
            return try await store.write { try Self.add(existing.id, to: group, $0) }
        }
        let parameters = settings.passwordHash
        let hash = try await pool.run { try Argon2id.hash(Array(administrator.password.utf8), parameters: parameters) }
        let user = IdentityUser(
            id: RandomName.uuid(), poolId: poolId, username: administrator.email, usernameKey: key,
            attributes: ["email": administrator.email, "email_verified": "true"], passwordHash: hash,
            status: .confirmed, createdAt: clock())
        try await store.write { transaction in
            if try transaction.insert(user) { try Self.add(user.id, to: group, transaction) }
        }
    }

    private static func add(
        _ userId: String, to group: IdentityGroup, _ transaction: any IdentityTransaction
    ) throws {
        _ = try transaction.insert(group)
        try transaction.addMember(userId, to: group)
    }
}
