/// A person who is signed in with a browser, by its cookie.
public struct IdentityBrowserSession: Sendable, Equatable {
    /// The hash of the cookie's value.
    public let idHash: [UInt8]
    /// The account.
    public let userId: String
    /// The pool of the account.
    public let poolId: String
    /// When the person proved who they are, in epoch milliseconds.
    public let authenticatedAt: Int64
    /// When it was last seen to be used, in epoch milliseconds.
    public var usedAt: Int64
    /// When it ends however much it is used, in epoch milliseconds.
    public let expiresAt: Int64

    /// A session that begins at `authenticatedAt`.
    public init(idHash: [UInt8], userId: String, poolId: String, authenticatedAt: Int64, expiresAt: Int64) {
        self.idHash = idHash
        self.userId = userId
        self.poolId = poolId
        self.authenticatedAt = authenticatedAt
        usedAt = authenticatedAt
        self.expiresAt = expiresAt
    }
}
