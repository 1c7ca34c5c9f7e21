/// A person's passkey; only its public half is here.
public struct IdentityPasskey: Sendable, Equatable {
    /// The credential's id as text (base 64, URL alphabet).
    public let id: String
    /// The account.
    public let userId: String
    /// The relying party it was made for.
    public let relyingPartyId: String
    /// The public key (COSE).
    public let publicKey: [UInt8]
    /// The authenticator's count of signatures at the last sign-in; 0 where it does not count.
    public var signatureCount: Int64
    /// Whether it may be copied to other devices of its owner.
    public let isBackupEligible: Bool
    /// How browsers reach the authenticator, such as `internal`.
    public let transports: [String]
    /// `platform` or `cross-platform`; nil where the browser did not say.
    public let attachment: String?
    /// Epoch milliseconds.
    public let createdAt: Int64

    /// A passkey.
    public init(
        id: String, userId: String, relyingPartyId: String, publicKey: [UInt8], signatureCount: Int64,
        isBackupEligible: Bool, transports: [String], attachment: String?, createdAt: Int64
    ) {
        self.id = id
        self.userId = userId
        self.relyingPartyId = relyingPartyId
        self.publicKey = publicKey
        self.signatureCount = signatureCount
        self.isBackupEligible = isBackupEligible
        self.transports = transports
        self.attachment = attachment
        self.createdAt = createdAt
    }
}

/// A passkey that is being made: an account awaits at most one.
public struct IdentityPasskeyChallenge: Sendable, Equatable {
    /// The account.
    public let userId: String
    /// The client that began.
    public let clientId: String
    /// What the browser's answer must hold.
    public let challenge: [UInt8]
    /// Epoch milliseconds.
    public let expiresAt: Int64

    /// A challenge.
    public init(userId: String, clientId: String, challenge: [UInt8], expiresAt: Int64) {
        self.userId = userId
        self.clientId = clientId
        self.challenge = challenge
        self.expiresAt = expiresAt
    }
}
