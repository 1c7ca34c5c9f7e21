internal import Bytes
internal import Catalog
internal import Crypto
internal import JSON

/// Seals what must stay secret even from someone who has the database file, and hashes short codes under a key.
///
/// Every sealed value is bound to its pool, owner and field, so that rows cannot be exchanged.
struct SecretSealer: Sendable {
    enum Field: String {
        case softwareToken = "totp"
        case signingKey = "signing-key"
        case clientSecret = "client-secret"
        case providerSecret = "provider-secret"
        case providerJourney = "provider-journey"
        case srpVerifier = "srp-verifier"
        case srpChallenge = "srp-challenge"
        case openedSignIn = "opened-sign-in"
        case pageNotice = "page-notice"
        case poolSecret = "pool-secret"
    }

    private let sealer: Sealer
    /// What hashes and names are derived from: the pool's own secret, so that a new sealing key changes none of them.
    private let codeKey: [UInt8]
    private let poolId: String

    /// A sealer for a pool as the store has it; throws when a key does not have 32 bytes or none is the pool's.
    init(keys: [[UInt8]], poolId: String, store: any IdentityStore) async throws {
        let first = try SecretSealer(keys: keys, poolId: poolId)
        guard let sealed = try await store.read({ try $0.sealedPoolSecret(poolId: poolId) }) else {
            self = first
            return
        }
        self = SecretSealer(
            sealer: first.sealer, codeKey: try first.open(sealed, owner: poolId, field: .poolSecret), poolId: poolId)
    }

    /// A sealer for a pool that has no secret yet: it is derived from the oldest key, as it was before pools had one.
    init(keys: [[UInt8]], poolId: String) throws(CryptoError) {
        let keys = try SealingKeys(keys)
        self.init(
            sealer: Sealer(keys, purpose: "weir identity seal"),
            codeKey: HMAC.sha256(key: keys.oldest, message: Array("weir identity codes".utf8)), poolId: poolId)
    }

    /// A sealer for a pool that is being made, with a secret of its own.
    init(newPool poolId: String, keys: [[UInt8]]) throws(CryptoError) {
        self.init(
            sealer: Sealer(try SealingKeys(keys), purpose: "weir identity seal"), codeKey: SecureRandom.bytes(32),
            poolId: poolId)
    }

    private init(sealer: Sealer, codeKey: [UInt8], poolId: String) {
        self.sealer = sealer
        self.codeKey = codeKey
        self.poolId = poolId
    }

    /// The pool's secret as the store is to have it.
    func sealedPoolSecret() throws(CryptoError) -> [UInt8] {
        try seal(codeKey, owner: poolId, field: .poolSecret)
    }

    /// The same value under the key that seals now; nil where it is sealed under it already.
    func rewrapped(_ value: SealedValue, field: Field) throws(CryptoError) -> [UInt8]? {
        try sealer.rewrapped(value.sealed, binding: "\(value.scope)|\(value.owner)|\(field.rawValue)")
    }

    func seal(_ secret: [UInt8], owner: String, field: Field) throws(CryptoError) -> [UInt8] {
        try sealer.seal(secret, binding: binding(owner, field))
    }

    func open(_ sealed: [UInt8], owner: String, field: Field) throws(CryptoError) -> [UInt8] {
        try sealer.open(sealed, binding: binding(owner, field))
    }

    /// A hash of a six-digit code, and of all that it is bound to, that is worthless without the key.
    func codeHash(_ code: String, boundTo facts: [String]) -> [UInt8] {
        HMAC.sha256(key: codeKey, message: JSONValue.array((facts + [code]).map { .string($0) }).serialized())
    }

    /// A hash that only who has the key can make, over a text of this pool that begins with what it is for.
    func keyedHash(_ text: String) -> [UInt8] {
        HMAC.sha256(key: codeKey, message: Array("\(poolId)|\(text)".utf8))
    }

    /// An opaque name for counting attempts, so that a password typed as a user name does not land in the database.
    func subject(_ kind: String, _ name: String) -> String {
        Hex.encode(fingerprint(kind, name))
    }

    /// The salt of a name, whether anybody has it, so that it tells nothing; it outlasts the password and the account.
    func salt(of usernameKey: String) -> Natural {
        Natural(fingerprint("srp-salt", usernameKey))
    }

    /// What tells of something without a name in the database, so that it can be done once.
    func mark(_ kind: String, _ name: String) -> [UInt8] { fingerprint(kind, name) }

    /// An id made from a text, that nobody without the key can tell from a random one.
    func uuid(_ kind: String, _ text: String) -> String { RandomName.uuid(fingerprint(kind, text)) }

    /// Whose sign-in something is sealed for that the client keeps meanwhile.
    func signIn(_ client: String, _ usernameKey: String) -> String {
        "\(subject("sign-in", usernameKey))|\(client)"
    }

    private func fingerprint(_ kind: String, _ name: String) -> [UInt8] {
        Array(HMAC.sha256(key: codeKey, message: Array("\(kind)|\(poolId)|\(name)".utf8)).prefix(16))
    }

    private func binding(_ owner: String, _ field: Field) -> String { "\(poolId)|\(owner)|\(field.rawValue)" }
}

/// Identifiers and tokens that cannot be guessed.
enum RandomName {
    /// A version 4 UUID (RFC 9562 §5.4) of 16 bytes that nobody can guess.
    static func uuid(_ bytes: [UInt8] = SecureRandom.bytes(16)) -> String {
        var bytes = bytes
        bytes[6] = bytes[6] & 0x0f | 0x40
        bytes[8] = bytes[8] & 0x3f | 0x80
        return hyphenated(bytes)
    }

    /// 16 bytes as UUIDs are written.
    static func hyphenated(_ bytes: [UInt8]) -> String {
        let digits = Array(Hex.encode(bytes).utf8)
        return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32]
            .map { String(decoding: digits[$0], as: UTF8.self) }
            .joined(separator: "-")
    }

    /// 256 bits as text, for sessions and refresh tokens.
    static func token() -> String {
        text(of: SecureRandom.bytes(32))
    }

    /// Bytes as text that may stand in a cookie or a URL.
    static func text(of bytes: [UInt8]) -> String {
        Base64.encode(bytes, alphabet: .url)
    }

    /// What the database keeps of a token; it has too many bits to need a slow hash.
    static func hash(_ token: String) -> [UInt8] {
        Digest.sha256(Array(token.utf8))
    }
}
