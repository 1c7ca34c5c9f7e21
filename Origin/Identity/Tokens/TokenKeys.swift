internal import Bytes
internal import Catalog
internal import Crypto
internal import JSON
internal import Synchronization

/// The RSA keys of a pool as the store has them: one signs, all of them verify.
///
/// What is in memory saves opening them again; `reload` makes it new while tokens are made and verified.
final class TokenKeys: Sendable {
    struct Key: Sendable {
        let id: String
        let signsFrom: Int64
        let privateKey: PrivateKey
        let publicKey: PublicKey
    }

    /// There is no key, because the pool has not been set up.
    struct NoKeys: Error, CustomStringConvertible {
        let poolId: String
        var description: String { "user pool \(poolId) has no signing key; run the identity bootstrap first" }
    }

    private let store: any IdentityStore
    private let poolId: String
    private let sealer: SecretSealer
    private let keys: Mutex<[Key]>

    /// Reads the keys; throws `NoKeys`, and `CryptoError` for another sealing key.
    init(store: any IdentityStore, poolId: String, sealer: SecretSealer) async throws {
        self.store = store
        self.poolId = poolId
        self.sealer = sealer
        keys = Mutex(try await Self.read(store, poolId, sealer, known: []))
    }

    /// Reads the keys again, and opens those that are new.
    func reload() async throws {
        let read = try await Self.read(store, poolId, sealer, known: keys.withLock { $0 })
        keys.withLock { $0 = read }
    }

    private static func read(
        _ store: any IdentityStore, _ poolId: String, _ sealer: SecretSealer, known: [Key]
    ) async throws -> [Key] {
        let sealed = try await store.read { try $0.signingKeys(poolId: poolId) }
        guard !sealed.isEmpty else { throw NoKeys(poolId: poolId) }
        return try sealed.map { key in
            if let known = known.first(where: { $0.id == key.id }) { return known }
            let pem = try sealer.open(key.sealedPrivateKey, owner: key.id, field: .signingKey)
            let privateKey = try PrivateKey(pem: String(decoding: pem, as: UTF8.self))
            return Key(
                id: key.id, signsFrom: key.signsFrom, privateKey: privateKey, publicKey: privateKey.publicKey)
        }
    }

    /// The key that signs at `now`, in epoch milliseconds.
    func signing(at now: Int64) -> Key {
        let keys = keys.withLock { $0 }
        let states = TokenKeyTurns.states(keys.map(\.signsFrom), now: now)
        guard let index = states.firstIndex(of: .signing) else { preconditionFailure("a pool without keys was opened") }
        return keys[index]
    }

    /// A key that tokens may name; looked up in memory only.
    func publicKey(id: String) -> PublicKey? {
        keys.withLock { keys in keys.first { $0.id == id }?.publicKey }
    }

    /// The JSON Web Key Set (RFC 7517 §5), with keys that do not sign yet.
    var document: JSONValue {
        let documents = keys.withLock { $0 }.compactMap { key -> JSONValue? in
            guard let (modulus, exponent) = key.publicKey.rsaParameters else { return nil }
            return [
                "kty": "RSA", "use": "sig", "alg": "RS256", "kid": .string(key.id),
                "n": .string(Base64.encode(modulus, alphabet: .url)),
                "e": .string(Base64.encode(exponent, alphabet: .url)),
            ]
        }
        return ["keys": .array(documents)]
    }
}

extension IdentitySigningKey {
    /// A new RSA key; takes up to a second.
    init(generatedFor poolId: String, sealer: SecretSealer, createdAt: Int64, signsFrom: Int64) throws(CryptoError) {
        let id = RandomName.token()
        let pem = try PrivateKey.generateRSA(bits: 2048).pem
        self.init(
            id: id, poolId: poolId, sealedPrivateKey: try sealer.seal(Array(pem.utf8), owner: id, field: .signingKey),
            createdAt: createdAt, signsFrom: signsFrom)
    }
}
