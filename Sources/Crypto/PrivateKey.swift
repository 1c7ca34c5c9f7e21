internal import COpenSSL

/// A private key that signs, RSA (PKCS#1 v1.5) or ECDSA P-256.
///
/// Immutable, so every thread may use the same one.
public final class PrivateKey: Sendable {
    // An EVP_PKEY is immutable once built and reference counted atomically.
    nonisolated(unsafe) let pointer: OpaquePointer
    /// The scheme.
    public let kind: KeyKind
    /// The size of the modulus, or of the curve's field, in bits.
    public let bits: Int

    /// Reads an unencrypted PEM private key: PKCS#8, PKCS#1 (`RSA PRIVATE KEY`) or SEC 1 (`EC PRIVATE KEY`).
    ///
    /// Throws when it is encrypted, damaged, of another kind, or an RSA key shorter than `minimumRSABits`.
    public convenience init(pem: String, minimumRSABits: Int = PublicKey.minimumRSABits) throws(CryptoError) {
        let bio = try MemoryBIO(Array(pem.utf8))
        guard let key = weir_read_private_key(bio.pointer) else { throw CryptoError.fromQueue("read a private key") }
        try self.init(taking: key, minimumRSABits: minimumRSABits)
    }

    init(taking key: OpaquePointer, minimumRSABits: Int) throws(CryptoError) {
        pointer = key
        bits = Int(EVP_PKEY_get_bits(key))
        kind = try KeyKind(taking: key, minimumRSABits: minimumRSABits)
    }

    deinit {
        EVP_PKEY_free(pointer)
    }

    /// Generates an RSA key.
    ///
    /// Takes up to a second for 2048 bits: keep it off the loops.
    public static func generateRSA(bits: Int = 2048) throws(CryptoError) -> PrivateKey {
        guard let key = weir_rsa_generate(UInt32(bits)) else { throw CryptoError.fromQueue("generate an RSA key") }
        return try PrivateKey(taking: key, minimumRSABits: bits)
    }

    /// Generates an ECDSA P-256 key.
    public static func generateP256() throws(CryptoError) -> PrivateKey {
        guard let key = weir_p256_generate() else { throw CryptoError.fromQueue("generate a P-256 key") }
        return try PrivateKey(taking: key, minimumRSABits: 0)
    }

    /// The unencrypted PKCS#8 PEM document.
    ///
    /// Whoever writes it to a file gives the file mode 0600.
    public var pem: String {
        guard let bio = try? MemoryBIO(),
            PEM_write_bio_PKCS8PrivateKey(bio.pointer, pointer, nil, nil, 0, nil, nil) == 1
        else { fatalError("\(CryptoError.fromQueue("write a private key"))") }
        return bio.text
    }

    /// The public half; it shares the key's storage and writes only the public part.
    public var publicKey: PublicKey {
        EVP_PKEY_up_ref(pointer)
        guard let publicKey = try? PublicKey(taking: pointer, minimumRSABits: 0) else {
            fatalError("the public half of a \(kind) key is of no known kind")
        }
        return publicKey
    }

    /// The signature over `message`: as long as the modulus for RSA, ASN.1 DER for ECDSA.
    public func sign(_ message: [UInt8], _ digest: DigestAlgorithm) throws(CryptoError) -> [UInt8] {
        guard let context = EVP_PKEY_CTX_new_from_pkey(nil, pointer, nil) else {
            throw CryptoError.fromQueue("sign")
        }
        defer { EVP_PKEY_CTX_free(context) }
        try EVP_PKEY_sign_init(context).orThrow("sign")
        if kind == .rsa {
            try EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING).orThrow("sign")
        }
        try EVP_PKEY_CTX_set_signature_md(context, digest.implementation).orThrow("sign")
        let hash = Digest.hash(message, digest)
        var length = 0
        try EVP_PKEY_sign(context, nil, &length, hash, hash.count).orThrow("sign")
        var signature = [UInt8](repeating: 0, count: length)
        try EVP_PKEY_sign(context, &signature, &length, hash, hash.count).orThrow("sign")
        signature.removeLast(signature.count - length)
        return signature
    }
}
