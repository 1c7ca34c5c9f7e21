/// An outside provider that may say who somebody is.
public struct IdentityProvider: Sendable, Equatable {
    /// What kind of provider it is, in Cognito's words.
    public enum Kind: String, Sendable, CaseIterable {
        /// Any that speaks OpenID Connect.
        case openID = "OIDC"
        /// Google's, whose issuer is known.
        case google = "Google"
    }

    /// The pool that believes it.
    public let poolId: String
    /// Its name, unique within the pool; part of the user names of those who come from it.
    public let name: String
    /// What kind it is.
    public let kind: Kind
    /// Who it is: the `iss` of its tokens. It stays, for links name people by what only this issuer says of them.
    public let issuer: String
    /// Our id there.
    public var clientId: String
    /// Our sealed secret there; nil where we have none.
    public var sealedSecret: [UInt8]?
    /// What is asked for, in order.
    public var scopes: [String]
    /// The method that an administrator has named for the user info endpoint, `GET` or `POST`.
    public var userInfoMethod: String
    /// The provider's claims by the attributes that they become.
    public var mapping: [String: String]
    /// Epoch milliseconds.
    public let createdAt: Int64
    /// Epoch milliseconds.
    public var updatedAt: Int64

    /// A provider.
    public init(
        poolId: String, name: String, kind: Kind, issuer: String, clientId: String, sealedSecret: [UInt8]?,
        scopes: [String], userInfoMethod: String, mapping: [String: String], createdAt: Int64
    ) {
        self.poolId = poolId
        self.name = name
        self.kind = kind
        self.issuer = issuer
        self.clientId = clientId
        self.sealedSecret = sealedSecret
        self.scopes = scopes
        self.userInfoMethod = userInfoMethod
        self.mapping = mapping
        self.createdAt = createdAt
        updatedAt = createdAt
    }
}

/// Whose account a provider's person has here.
public struct IdentityLink: Sendable, Equatable {
    /// The pool.
    public let poolId: String
    /// The provider's name.
    public let provider: String
    /// Who it is to the provider: the `sub` of its tokens.
    public let subject: String
    /// The account.
    public let userId: String
    /// Whether it may be used; an administrator's no is kept, for the next sign-in would link again.
    public var isEnabled = true
    /// Epoch milliseconds.
    public let createdAt: Int64

    /// A link that may be used.
    public init(poolId: String, provider: String, subject: String, userId: String, createdAt: Int64) {
        self.poolId = poolId
        self.provider = provider
        self.subject = subject
        self.userId = userId
        self.createdAt = createdAt
    }
}

/// A person who was sent to a provider and has not come back.
public struct IdentityDeparture: Sendable, Equatable {
    /// The hash of the state that the answer carries.
    public let stateHash: [UInt8]
    /// The pool.
    public let poolId: String
    /// The provider's name.
    public let provider: String
    /// The hash of the cookie of the browser that was sent.
    public let browserHash: [UInt8]
    /// What is needed when the person comes back, sealed.
    public let sealedJourney: [UInt8]
    /// Epoch milliseconds.
    public let expiresAt: Int64

    /// A departure.
    public init(
        stateHash: [UInt8], poolId: String, provider: String, browserHash: [UInt8], sealedJourney: [UInt8],
        expiresAt: Int64
    ) {
        self.stateHash = stateHash
        self.poolId = poolId
        self.provider = provider
        self.browserHash = browserHash
        self.sealedJourney = sealedJourney
        self.expiresAt = expiresAt
    }
}
