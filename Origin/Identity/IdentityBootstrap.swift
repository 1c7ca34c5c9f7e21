internal import Audit
public import Catalog
internal import Crypto
internal import EventLoop
internal import JSON
internal import OAuth

/// Makes a pool usable: a signing key, the default client, the groups that are roles, the administrator. Running it again
/// changes nothing.
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
    /// The client is public, may use passwords and refresh tokens, and the pages of this installation may sign people in with
    /// it. An administrator who exists keeps password and second factor and is put back into the group `admin`. Throws for a
    /// sealing key of the wrong length, for a password that nobody may choose, and what the store throws.
    public func run(clientId: String, administrator: Administrator?) async throws {
        let pool = try BlockingPool(name: "identity-setup", threads: 1, queueLimit: 4)
        defer { pool.shutdown() }
        let sealer = try await ensureSecret()
        try await ensureSigningKey(pool, sealer)
        var client = IdentityClient(
            id: clientId, poolId: settings.userPoolId, name: "weir",
            flows: IdentityClient.usualFlows, createdAt: clock())
        client.oauth = ownPages
        let made = client
        let now = clock()
        var options = IdentityPool.Options(name: "weir")
        options.isProtected = true
        let own = IdentityPool(id: settings.userPoolId, options: options, createdAt: now)
        try await store.write { transaction in
            _ = try transaction.insert(own)
            guard try transaction.client(id: made.id) == nil else { return }
            try transaction.save(made)
            try transaction.record(AuditAct(.clientCreated, of: .client(made.id)), at: now)
        }
        try await store.write { [poolId = settings.userPoolId] transaction in
            for role in Role.allCases { try Self.group(of: role, poolId, at: now, transaction) }
        }
        if let administrator { try await ensure(administrator, pool, sealer) }
    }

    /// The start page of this installation as the one place to come back to; nil where its address is none that may be named.
    private var ownPages: OAuthOptions? {
        let home = settings.publicURL + "/"
        guard RedirectURI.isAcceptable(home) else { return nil }
        return OAuthOptions(
            scopes: OAuthScope.allCases, callbackURLs: [home], defaultRedirectURI: home, logoutURLs: [home])
    }

    /// The group whose members have a role, made if it is not there.
    @discardableResult
    private static func group(
        of role: Role, _ poolId: String, at now: Int64, _ transaction: any IdentityTransaction
    ) throws -> IdentityGroup {
        let group = IdentityGroup(
            poolId: poolId, name: role.rawValue, description: role.groupDescription, createdAt: now)
        if try transaction.insert(group) {
            try transaction.record(AuditAct(.groupCreated, of: .group(group.name)), at: now)
        }
        return group
    }

    private func ensureSecret() async throws -> SecretSealer {
        let (poolId, keys) = (settings.userPoolId, settings.sealingKeys)
        let sealed = try SecretSealer(keys: keys, poolId: poolId).sealedPoolSecret()
        try await store.write { try $0.insert(sealedPoolSecret: sealed, poolId: poolId) }
        return try await SecretSealer(keys: keys, poolId: poolId, store: store)
    }

    private func ensureSigningKey(_ pool: BlockingPool, _ sealer: SecretSealer) async throws {
        let poolId = settings.userPoolId
        guard try await store.read({ try $0.signingKeys(poolId: poolId) }).isEmpty else { return }
        let now = clock()
        let key = try await pool.run {
            try IdentitySigningKey(generatedFor: poolId, sealer: sealer, createdAt: now, signsFrom: now)
        }
        try await store.write { transaction in
            guard try transaction.signingKeys(poolId: poolId).isEmpty else { return }
            try transaction.publish(key)
        }
    }

    private func ensure(
        _ administrator: Administrator, _ pool: BlockingPool, _ sealer: SecretSealer
    ) async throws {
        let poolId = settings.userPoolId
        let key = IdentityService.usernameKey(administrator.email)
        let existing = try await store.read { try $0.user(poolId: poolId, usernameKey: key) }
        if let existing {
            guard !existing.groups.contains(Role.admin.rawValue) else { return }
            let now = clock()
            return try await store.write { try Self.makeAdministrator(existing.id, poolId, at: now, $0) }
        }
        try Passwords.checkPolicy(administrator.password, of: administrator.email)
        let settings = settings
        let usingSRP = try await store.read { try $0.usesSRP(poolId: poolId) }
        let secrets = try await pool.run {
            try PasswordSecrets(
                administrator.password, of: key, usingSRP: usingSRP, settings: settings, sealer: sealer)
        }
        var user = IdentityUser(
            id: RandomName.uuid(), poolId: poolId, username: administrator.email, usernameKey: key,
            attributes: ["email": administrator.email, "email_verified": "true"], passwordHash: nil,
            status: .confirmed, createdAt: clock())
        try user.setPassword(secrets, sealer)
        let made = user
        try await store.write { transaction in
            guard try transaction.insert(made) else { return }
            try transaction.record(AuditAct(.userCreated, of: .user(made.id)), at: made.createdAt)
            try Self.makeAdministrator(made.id, poolId, at: made.createdAt, transaction)
        }
    }

    private static func makeAdministrator(
        _ userId: String, _ poolId: String, at now: Int64, _ transaction: any IdentityTransaction
    ) throws {
        let group = try group(of: .admin, poolId, at: now, transaction)
        try transaction.addMember(userId, to: group)
        try transaction.record(AuditAct(.groupAdded, of: .user(userId), ["group": .string(group.name)]), at: now)
    }
}
