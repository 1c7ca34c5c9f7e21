public import OAuth

/// What an application redeems for tokens, once: who has signed in, and all that the request was bound to.
public struct IdentityAuthorizationCode: Sendable, Equatable {
    /// The hash of the code.
    public let codeHash: [UInt8]
    /// The client that asked.
    public let clientId: String
    /// The account.
    public let userId: String
    /// The browser session that it was given in, with which it ends.
    public let browserSessionHash: [UInt8]
    /// Where it was sent.
    public let redirectURI: String
    /// What the secret is checked with that comes with it.
    public let codeChallenge: String
    /// What the tokens are good for.
    public let scopes: [OAuthScope]
    /// What the ID token carries back.
    public let nonce: String?
    /// When the person proved who they are, in epoch milliseconds.
    public let authenticatedAt: Int64
    /// Epoch milliseconds.
    public let expiresAt: Int64

    /// A code.
    public init(
        codeHash: [UInt8], clientId: String, userId: String, browserSessionHash: [UInt8], redirectURI: String,
        codeChallenge: String, scopes: [OAuthScope], nonce: String?, authenticatedAt: Int64, expiresAt: Int64
    ) {
        self.codeHash = codeHash
        self.clientId = clientId
        self.userId = userId
        self.browserSessionHash = browserSessionHash
        self.redirectURI = redirectURI
        self.codeChallenge = codeChallenge
        self.scopes = scopes
        self.nonce = nonce
        self.authenticatedAt = authenticatedAt
        self.expiresAt = expiresAt
    }
}
