/// A recovery code that has not been used: what stands in for an authenticator that was lost, once.
public struct IdentityRecoveryCode: Sendable, Equatable {
    /// The account.
    public let userId: String
    /// The part of the code that tells which of the account's it is, and is no secret.
    public let lookup: String
    /// The Argon2id hash of the code, in PHC form.
    public let hash: String

    /// A code.
    public init(userId: String, lookup: String, hash: String) {
        self.userId = userId
        self.lookup = lookup
        self.hash = hash
    }
}
