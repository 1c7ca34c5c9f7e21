/// A key whose signatures open media, with what became of it; the private half is sealed by whoever stores it.
public struct SigningKey: Sendable, Equatable {
    /// What the key is good for.
    public enum State: String, Sendable, CaseIterable {
        /// Edges verify with it; nothing is signed with it here yet.
        case trusted
        /// What is signed is signed with it; one in a group.
        case signing
        /// Signs no more; what it has signed is good until its grants lapse.
        case verifying
        /// Trusted by nobody.
        case retired
    }

    /// The `Key-Pair-Id` of cookies and URLs.
    public let id: String
    /// The key group that behaviors trust.
    public let groupId: String
    /// Where it is in its life.
    public var state: State
    /// Such as `RSA-2048`.
    public let algorithm: String
    /// PEM.
    public let publicKey: String
    /// nil once retired, and for a key whose private half somebody else has.
    public var sealedPrivateKey: [UInt8]?
    /// The entry of the control log by which edges learn the last change of whether it is trusted.
    public var sequence: Int64
    /// It takes the place of its group's signing key once every connected edge trusts it.
    public var signsWhenTrusted: Bool
    /// The longest life that anything it has signed can have had.
    public var grantSeconds: Int64
    /// Epoch milliseconds, as all times here.
    public let createdAt: Int64
    /// Who made it.
    public let createdBy: String
    /// When it last began to sign.
    public var signsFrom: Int64?
    /// When it last ceased to sign.
    public var signedUntil: Int64?
    /// When it retires by itself.
    public var verifiesUntil: Int64?
    /// When it was retired.
    public var retiredAt: Int64?
    /// Who retired it; nil when it did so by itself.
    public var retiredBy: String?

    /// A key that is trusted and does not sign yet.
    public init(
        id: String, groupId: String, algorithm: String, publicKey: String, sealedPrivateKey: [UInt8]?,
        signsWhenTrusted: Bool = false, createdAt: Int64, createdBy: String
    ) {
        self.id = id
        self.groupId = groupId
        state = .trusted
        self.algorithm = algorithm
        self.publicKey = publicKey
        self.sealedPrivateKey = sealedPrivateKey
        sequence = 0
        self.signsWhenTrusted = signsWhenTrusted
        grantSeconds = 0
        self.createdAt = createdAt
        self.createdBy = createdBy
    }
}

/// Reads the keys.
public protocol SigningKeyReader {
    /// One key, whatever its state.
    func signingKey(id: String) throws -> SigningKey?
    /// The key that signs for a group; nil when the group has no keys.
    func signer(ofGroup groupId: String) throws -> SigningKey?
    /// Every key that is not retired, by group, oldest first.
    func unretiredSigningKeys() throws -> [SigningKey]
    /// Every group that has ever had a key, by name.
    func signingKeyGroups() throws -> [String]
    /// All keys, or those of one group, newest first.
    func signingKeys(groupId: String?, limit: Int, after: PageKey?) throws -> Page<SigningKey>
}

/// Changes the keys.
public protocol SigningKeyWriter {
    /// Adds a key; its id must be new.
    func insert(_ key: SigningKey) throws
    /// Replaces what can change of a key; of a group at most one may sign at any moment.
    func update(_ key: SigningKey) throws
}
