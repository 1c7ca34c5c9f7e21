internal import COpenSSL

/// The signature scheme a key belongs to; it follows from the key, never from what a request claims.
public enum KeyKind: Sendable, Equatable {
    /// RSASSA-PKCS1-v1_5.
    case rsa
    /// ECDSA on P-256 with ASN.1 DER signatures.
    case ecdsaP256
}

/// A public key that verifies signatures.
///
/// Immutable, so every thread may use the same one.
/// `verify` allocates an OpenSSL context per call; a loop that verifies often keeps a `SignatureVerifier`.
public final class PublicKey: Sendable {
    // An EVP_PKEY is immutable once built and reference counted atomically.
    nonisolated(unsafe) let pointer: OpaquePointer
    /// The scheme.
    public let kind: KeyKind
    /// The size of the modulus, or of the curve's field, in bits.
    public let bits: Int

    /// The smallest RSA modulus accepted by default, in bits.
    public static let minimumRSABits = 2048

    /// Reads a `-----BEGIN PUBLIC KEY-----` document (RFC 7468 §13).
    ///
    /// Throws when it is no public key, neither RSA nor P-256, or an RSA key shorter than `minimumRSABits`.
    public convenience init(pem: String, minimumRSABits: Int = PublicKey.minimumRSABits) throws(CryptoError) {
        let bio = try MemoryBIO(Array(pem.utf8))
        guard let key = weir_read_public_key(bio.pointer) else { throw CryptoError.fromQueue("read a public key") }
        try self.init(taking: key, minimumRSABits: minimumRSABits)
    }

    /// Reads a DER SubjectPublicKeyInfo (RFC 5280 §4.1); errors as for `init(pem:)`.
    public convenience init(der: [UInt8], minimumRSABits: Int = PublicKey.minimumRSABits) throws(CryptoError) {
        let bio = try MemoryBIO(der)
        guard let key = d2i_PUBKEY_bio(bio.pointer, nil) else { throw CryptoError.fromQueue("read a public key") }
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

    /// The `-----BEGIN PUBLIC KEY-----` document.
    public var pem: String {
        guard let bio = try? MemoryBIO(), PEM_write_bio_PUBKEY(bio.pointer, pointer) == 1 else {
            fatalError("\(CryptoError.fromQueue("write a public key"))")
        }
        return bio.text
    }

    /// The DER SubjectPublicKeyInfo.
    public var der: [UInt8] {
        guard let bio = try? MemoryBIO(), i2d_PUBKEY_bio(bio.pointer, pointer) == 1 else {
            fatalError("\(CryptoError.fromQueue("write a public key"))")
        }
        return bio.bytes
    }

    /// The modulus and the exponent, big-endian without leading zeros, as RFC 7518 §6.3.1 wants them; nil unless RSA.
    public var rsaParameters: (modulus: [UInt8], exponent: [UInt8])? {
        guard kind == .rsa, let modulus = number(OSSL_PKEY_PARAM_RSA_N), let exponent = number(OSSL_PKEY_PARAM_RSA_E)
        else { return nil }
        return (modulus, exponent)
    }

    /// Whether `signature` is this key's over `message`; a malformed signature just does not match.
    public func verify(signature: [UInt8], message: [UInt8], digest: DigestAlgorithm) -> Bool {
        let verifier = SignatureVerifier(key: self, digest: digest)
        return signature.withUnsafeBytes { signature in
            message.withUnsafeBytes { verifier.verify(signature: signature, message: $0) }
        }
    }

    private func number(_ name: String) -> [UInt8]? {
        var value: OpaquePointer?
        guard EVP_PKEY_get_bn_param(pointer, name, &value) == 1, let value else {
            ERR_clear_error()
            return nil
        }
        defer { BN_free(value) }
        return Natural(copying: value).bytes
    }
}

extension KeyKind {
    /// The kind of a key that an object is being made of. One that is refused is freed: an object that is not whole when it throws
    /// is not deinitialised.
    init(taking key: OpaquePointer, minimumRSABits: Int) throws(CryptoError) {
        do {
            try self.init(of: key, minimumRSABits: minimumRSABits)
        } catch {
            EVP_PKEY_free(key)
            throw error
        }
    }

    init(of key: OpaquePointer, minimumRSABits: Int) throws(CryptoError) {
        if EVP_PKEY_is_a(key, "RSA") == 1 {
            let bits = Int(EVP_PKEY_get_bits(key))
            guard bits >= minimumRSABits else {
                throw CryptoError(
                    "use an RSA key", reasons: ["it has \(bits) bits and needs at least \(minimumRSABits)"])
            }
            self = .rsa
            return
        }
        var group = [CChar](repeating: 0, count: 64)
        var length = 0
        if EVP_PKEY_is_a(key, "EC") == 1,
            EVP_PKEY_get_group_name(key, &group, group.count, &length) == 1,
            String(decoding: group.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self) == "prime256v1"
        {
            self = .ecdsaP256
            return
        }
        ERR_clear_error()
        throw CryptoError("use a key", reasons: ["only RSA and EC P-256 keys are supported"])
    }
}
