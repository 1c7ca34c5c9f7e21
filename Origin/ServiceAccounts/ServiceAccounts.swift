public import AccessSigning
internal import Audit
public import Catalog
public import Crypto
internal import Synchronization
public import Telemetry

/// The machines that may call this origin, and the access keys they sign with.
///
/// The catalog is the truth; the ring of access keys holds what is good of it. What is changed here counts in the ring when
/// the call returns; what other origins change, when `keepUp` has run.
public final class ServiceAccounts: Sendable {
    /// An account with its keys, oldest first.
    public struct Report: Sendable, Equatable {
        /// The account.
        public let account: ServiceAccount
        /// Its keys; the secrets stay sealed.
        public let keys: [ServiceAccountKey]
    }

    /// A key with its secret, which is told once and is never to be had again.
    public struct NewKey: Sendable {
        /// The public id.
        public let id: String
        /// What its holder signs with.
        public let secret: String
    }

    /// Keys of one account, as in IAM: one in use, and one that takes its place.
    public static let mostKeys = 2
    /// Accounts of one installation.
    public static let mostAccounts = 200

    let catalog: any CatalogStore
    let ring: AccessKeyRing
    let logger: Logger
    private let sealer: Sealer
    private let now: @Sendable () -> Int64
    private let feeds = Mutex(FeedOrder())

    /// The accounts in `catalog`, whose keys go into `ring`.
    ///
    /// - Parameters:
    ///   - sealingKeys: what secrets are sealed under, kept outside the catalog.
    ///   - now: epoch milliseconds; must not block.
    public init(
        catalog: any CatalogStore, ring: AccessKeyRing, sealingKeys: SealingKeys, now: @escaping @Sendable () -> Int64,
        logger: Logger
    ) {
        self.catalog = catalog
        self.ring = ring
        self.now = now
        self.logger = logger
        sealer = Sealer(sealingKeys, purpose: "weir service accounts")
    }

    /// Seals secrets under the key that seals now.
    public var sealedValues: SealedValueRewrapping {
        [.accessKeySecret: { [sealer] in try sealer.rewrapped($0.sealed, binding: Self.binding($0.owner, $0.id)) }]
    }

    /// All accounts by name, with uses up to now.
    public func reports() async throws -> [Report] {
        try await noteUses()
        return try await catalog.read { reader in
            let keys = Dictionary(grouping: try reader.serviceAccountKeys(), by: \.account)
            return try reader.serviceAccounts().map { Report(account: $0, keys: keys[$0.name] ?? []) }
        }
    }

    /// Makes an account with its first key.
    public func create(
        name: String, role: AccessKey.Role, by creator: String
    ) async throws -> (report: Report, key: NewKey) {
        let account = ServiceAccount(name: name, role: role.rawValue, createdAt: now(), createdBy: creator)
        let (key, row) = try newKey(of: name)
        try await change { transaction, now in
            guard try transaction.serviceAccount(name: name) == nil else {
                throw ServiceAccountRefusal(.exists, "There is a service account \(name) already.")
            }
            guard try transaction.serviceAccounts().count < Self.mostAccounts else {
                throw ServiceAccountRefusal(
                    .tooMany, "There are \(Self.mostAccounts) service accounts; delete one first.")
            }
            try transaction.insert(account)
            try transaction.record(account.act(.serviceAccountCreated), at: now)
            try transaction.insert(row)
            try transaction.record(account.act(.accessKeyCreated, of: .accessKey(row.id)), at: now)
        }
        return (Report(account: account, keys: [row]), key)
    }

    /// Lets the keys of an account be good, or not.
    public func setEnabled(_ isEnabled: Bool, name: String) async throws -> Report {
        try await change { transaction, now in
            var account = try Self.account(name, in: transaction)
            let keys = try transaction.keys(ofServiceAccount: name)
            guard account.isEnabled != isEnabled else { return Report(account: account, keys: keys) }
            account.isEnabled = isEnabled
            try transaction.update(account)
            try transaction.record(account.act(isEnabled ? .serviceAccountEnabled : .serviceAccountDisabled), at: now)
            return Report(account: account, keys: keys)
        }
    }

    /// Removes an account and its keys. What it has uploaded stays, and is a later account's of the same name.
    public func delete(name: String) async throws {
        try await change { transaction, now in
            let account = try Self.account(name, in: transaction)
            try transaction.deleteServiceAccount(name: name)
            try transaction.record(account.act(.serviceAccountDeleted), at: now)
        }
    }

    /// Gives an account a second key, to take the first one's place.
    public func addKey(name: String) async throws -> NewKey {
        let (key, row) = try newKey(of: name)
        try await change { transaction, now in
            let account = try Self.account(name, in: transaction)
            guard try transaction.keys(ofServiceAccount: name).count < Self.mostKeys else {
                throw ServiceAccountRefusal(
                    .tooManyKeys, "\(name) has \(Self.mostKeys) access keys; delete the one that is used no longer.")
            }
            try transaction.insert(row)
            try transaction.record(account.act(.accessKeyCreated, of: .accessKey(row.id)), at: now)
        }
        return key
    }

    /// Removes a key of an account: the next call signed with it is refused.
    public func deleteKey(id: String, name: String) async throws {
        try await change { transaction, now in
            let account = try Self.account(name, in: transaction)
            guard try transaction.keys(ofServiceAccount: name).contains(where: { $0.id == id }) else {
                throw ServiceAccountRefusal(.keyNotFound, "\(name) has no access key \(id).")
            }
            try transaction.deleteServiceAccountKey(id: id)
            try transaction.record(account.act(.accessKeyDeleted, of: .accessKey(id)), at: now)
        }
    }

    /// Puts the keys of enabled accounts into the ring, as they are in the catalog now.
    ///
    /// A key that was sealed under another sealing key is left out and named in the log.
    public func feedRing() async throws {
        let turn = feeds.withLock { $0.begin() }
        let (accounts, keys) = try await catalog.read { reader in
            (try reader.serviceAccounts(), try reader.serviceAccountKeys())
        }
        let good = Dictionary(uniqueKeysWithValues: accounts.filter(\.isEnabled).map { ($0.name, $0.role) })
        let opened = keys.compactMap { key in
            good[key.account].flatMap(AccessKey.Role.init(rawValue:)).flatMap { open(key, role: $0) }
        }
        // Somebody may have read later and been faster; an older view must not bring a deleted key back.
        feeds.withLock { order in
            guard order.mayEnd(turn) else { return }
            ring.replaceAccounts(with: opened)
        }
    }

    /// Writes down when keys were last used.
    func noteUses() async throws {
        let uses = ring.takeUses()
        guard !uses.isEmpty else { return }
        try await catalog.write { transaction in
            for (id, time) in uses { try transaction.noteUse(ofServiceAccountKey: id, at: time * 1_000) }
        }
    }

    private func open(_ key: ServiceAccountKey, role: AccessKey.Role) -> AccessKey? {
        do throws(CryptoError) {
            let secret = try sealer.open(key.sealedSecret, binding: Self.binding(key.account, key.id))
            return AccessKey(
                id: key.id, secret: String(decoding: secret, as: UTF8.self), role: role, account: key.account)
        } catch {
            logger.error(
                "access key cannot be opened", ["key": .string(key.id), "error": .string("\(error)")])
            return nil
        }
    }

    private func newKey(of name: String) throws(CryptoError) -> (NewKey, ServiceAccountKey) {
        let key = NewKey(id: "AKIA\(SecureRandom.uppercaseAlphanumeric(16))", secret: SecureRandom.alphanumeric(40))
        let sealed = try sealer.seal(Array(key.secret.utf8), binding: Self.binding(name, key.id))
        return (key, ServiceAccountKey(id: key.id, account: name, sealedSecret: sealed, createdAt: now()))
    }

    private func change<R: Sendable>(
        _ body: @escaping @Sendable (any CatalogTransaction, Int64) throws -> R
    ) async throws -> R {
        let now = now()
        let result = try await catalog.write { try body($0, now) }
        try await feedRing()
        return result
    }

    private static func account(_ name: String, in reader: any CatalogReader) throws -> ServiceAccount {
        guard let account = try reader.serviceAccount(name: name) else {
            throw ServiceAccountRefusal(.notFound, "There is no service account \(name).")
        }
        return account
    }

    private static func binding(_ account: String, _ keyId: String) -> String { "\(account)|\(keyId)" }
}
