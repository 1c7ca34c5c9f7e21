/// Where the database keeps what is sealed, all of it: what is added is added here, or a new sealing key leaves it behind.
public enum SealedColumn: String, Sendable, CaseIterable {
    /// The secrets of verified authenticators.
    case authenticator
    /// Those that were handed out and not yet verified.
    case pendingAuthenticator = "pending-authenticator"
    /// What SRP checks passwords with.
    case verifier
    /// The secrets of app clients.
    case clientSecret = "client-secret"
    /// The secrets that outside providers know the pool by.
    case providerSecret = "provider-secret"
    /// The private keys that sign tokens.
    case tokenKey = "token-key"
    /// What each pool derives names and codes from.
    case poolSecret = "pool-secret"
    /// The private keys that sign access to media.
    case signingKey = "signing-key"
    /// The keys of encrypted videos.
    case contentKey = "content-key"
    /// The secrets of service accounts.
    case accessKeySecret = "access-key-secret"
    /// What was answered to calls that may be repeated.
    case idempotentAnswer = "idempotent-answer"
    /// What messages to webhooks are signed with.
    case webhookSecret = "webhook-secret"
    /// What they were signed with before.
    case oldWebhookSecret = "old-webhook-secret"
}

/// A sealed value in its row.
public struct SealedValue: Sendable, Equatable {
    /// The row's id, by which values are ordered.
    public let id: String
    /// Whose it is: what it is bound to, together with the scope.
    public let owner: String
    /// The pool or group of the row; empty where rows have none.
    public let scope: String
    /// The value.
    public let sealed: [UInt8]

    /// A value.
    public init(id: String, owner: String, scope: String, sealed: [UInt8]) {
        self.id = id
        self.owner = owner
        self.scope = scope
        self.sealed = sealed
    }
}

/// Seals the values of some columns under the key that seals now; nil for a value that is sealed under it already, and an error
/// for one that no key opens.
public typealias SealedValueRewrapping = [SealedColumn: @Sendable (SealedValue) throws -> [UInt8]?]

/// Reads what is sealed, whatever it is.
public protocol SealedValueReader {
    /// Up to `limit` values by id, from the first whose id comes after `id`.
    func sealedValues(_ column: SealedColumn, after id: String, limit: Int) throws -> [SealedValue]
}

/// Replaces what is sealed.
public protocol SealedValueWriter {
    /// Puts `sealed` in the place of a value; the row is otherwise left as it is.
    func replace(_ value: SealedValue, in column: SealedColumn, with sealed: [UInt8]) throws
}
