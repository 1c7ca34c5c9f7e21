internal import Bytes
internal import Catalog
internal import Crypto
internal import JSON

/// The RSA keys of a pool: the newest signs, all of them verify.
struct TokenKeys: Sendable {
    struct Key: Sendable {
        let id: String
        let privateKey: PrivateKey
        let publicKey: PublicKey
    }

    /// There is no key, because the pool has not been set up.
    struct NoKeys: Error, CustomStringConvertible {
        let poolId: String
        var description: String { "user pool \(poolId) has no signing key; run the identity bootstrap first" }
    }

    private let keys: [Key]
    let signing: Key

    static func load(_ store: any IdentityStore, poolId: String, sealer: SecretSealer) async throws -> TokenKeys {
        let sealed = try await store.read { try $0.signingKeys(poolId: poolId) }
        let keys = try sealed.map { key in
            let pem = try sealer.open(key.sealedPrivateKey, owner: key.id, field: .signingKey)
            let privateKey = try PrivateKey(pem: String(decoding: pem, as: UTF8.self))
            return Key(id: key.id, privateKey: privateKey, publicKey: privateKey.publicKey)
        }
        guard let newest = keys.first else { throw NoKeys(poolId: poolId) }
        return TokenKeys(keys: keys, signing: newest)
    }

    func publicKey(id: String) -> PublicKey? {
        keys.first { $0.id == id }?.publicKey
    }

    /// The JSON Web Key Set (RFC 7517 §5).
    var document: JSONValue {
        let documents = keys.compactMap { key -> JSONValue? in
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
