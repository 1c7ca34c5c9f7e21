/// A machine that may call the origin, by access keys instead of a password.
public struct ServiceAccount: Sendable, Equatable {
    /// What it is called, for good.
    public let name: String
    /// What it may do, as the keys of the installation's own configuration say it.
    public let role: String
    /// Whether its keys are good.
    public var isEnabled: Bool
    /// Epoch milliseconds, as all times here.
    public let createdAt: Int64
    /// Who made it.
    public let createdBy: String

    /// An account that may be used.
    public init(name: String, role: String, createdAt: Int64, createdBy: String) {
        self.name = name
        self.role = role
        isEnabled = true
        self.createdAt = createdAt
        self.createdBy = createdBy
    }
}

/// An access key of a service account; the secret is sealed by whoever stores it.
public struct ServiceAccountKey: Sendable, Equatable {
    /// The public id.
    public let id: String
    /// The name of the account.
    public let account: String
    /// What only the origin can open.
    public let sealedSecret: [UInt8]
    /// When it was made.
    public let createdAt: Int64
    /// When something was last signed with it, to about a minute; nil for never.
    public let lastUsedAt: Int64?

    /// A key that nobody has used yet, or what a row says of one.
    public init(id: String, account: String, sealedSecret: [UInt8], createdAt: Int64, lastUsedAt: Int64? = nil) {
        self.id = id
        self.account = account
        self.sealedSecret = sealedSecret
        self.createdAt = createdAt
        self.lastUsedAt = lastUsedAt
    }
}

/// Reads the service accounts.
public protocol ServiceAccountReader {
    /// One account.
    func serviceAccount(name: String) throws -> ServiceAccount?
    /// All accounts, by name.
    func serviceAccounts() throws -> [ServiceAccount]
    /// All keys, oldest first.
    func serviceAccountKeys() throws -> [ServiceAccountKey]
    /// The keys of one account, oldest first.
    func keys(ofServiceAccount name: String) throws -> [ServiceAccountKey]
}

/// Changes the service accounts.
public protocol ServiceAccountWriter {
    /// Adds an account; its name must be new.
    func insert(_ account: ServiceAccount) throws
    /// Replaces what can change of an account.
    func update(_ account: ServiceAccount) throws
    /// Removes an account with its keys.
    func deleteServiceAccount(name: String) throws
    /// Adds a key of an account that there is.
    func insert(_ key: ServiceAccountKey) throws
    /// Removes a key.
    func deleteServiceAccountKey(id: String) throws
    /// Notes that a key was used at a time; an earlier one than is known changes nothing.
    func noteUse(ofServiceAccountKey id: String, at time: Int64) throws
}

/// The tables of the service accounts.
enum ServiceAccountSchema {
    static let tables = """
        CREATE TABLE service_accounts (
            name TEXT PRIMARY KEY,
            role TEXT NOT NULL CHECK (role IN ('viewer', 'creator', 'admin', 'worker', 'edge')),
            enabled INTEGER NOT NULL, created_at INTEGER NOT NULL, created_by TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE service_account_keys (
            id TEXT PRIMARY KEY, account TEXT NOT NULL REFERENCES service_accounts (name) ON DELETE CASCADE,
            sealed_secret BLOB NOT NULL, created_at INTEGER NOT NULL, last_used_at INTEGER
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX service_account_keys_by_account ON service_account_keys (account, created_at, id);
        """
}
