internal import COpenSSL

/// A public key of Ed25519 (RFC 8032).
///
/// Immutable, so every thread may use the same one. A type of its own, so that no place that takes RSA and P-256 keys begins to
/// take these.
public final class Ed25519PublicKey: Sendable {
    /// The length of a public key.
    public static let byteCount = 32

    // An EVP_PKEY is immutable once built and reference counted atomically.
    nonisolated(unsafe) private let pointer: OpaquePointer

    /// Reads the 32 bytes of a key; throws for another number of them.
    public init(_ bytes: [UInt8]) throws(CryptoError) {
        guard let key = EVP_PKEY_new_raw_public_key_ex(nil, "ED25519", nil, bytes, bytes.count) else {
            throw CryptoError.fromQueue("read a public key")
        }
        pointer = key
    }

    deinit {
        EVP_PKEY_free(pointer)
    }

    /// Whether `signature` is this key's over `message`; a malformed signature just does not match.
    public func verify(signature: [UInt8], message: [UInt8]) -> Bool {
        guard let context = EVP_MD_CTX_new() else { fatalError("out of memory for a signature check") }
        defer { EVP_MD_CTX_free(context) }
        let matches =
            EVP_DigestVerifyInit_ex(context, nil, nil, nil, nil, pointer, nil) == 1
            && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
        if !matches { ERR_clear_error() }
        return matches
    }
}

/// A private key of Ed25519 (RFC 8032).
///
/// Immutable, so every thread may use the same one.
public final class Ed25519PrivateKey: Sendable {
    // An EVP_PKEY is immutable once built and reference counted atomically.
    nonisolated(unsafe) private let pointer: OpaquePointer
    /// The public half.
    public let publicKey: Ed25519PublicKey
    /// The public half as bytes.
    public let publicKeyBytes: [UInt8]

    /// Makes the key of a secret of 32 bytes, by default a random one; throws for another number of them.
    public init(secret: [UInt8] = SecureRandom.bytes(32)) throws(CryptoError) {
        guard let key = EVP_PKEY_new_raw_private_key_ex(nil, "ED25519", nil, secret, secret.count) else {
            throw CryptoError.fromQueue("read a private key")
        }
        pointer = key
        var bytes = [UInt8](repeating: 0, count: Ed25519PublicKey.byteCount)
        var count = bytes.count
        try EVP_PKEY_get_raw_public_key(key, &bytes, &count).orThrow("derive a public key")
        publicKeyBytes = bytes
        publicKey = try Ed25519PublicKey(bytes)
    }

    deinit {
        EVP_PKEY_free(pointer)
    }

    /// The signature over `message`, 64 bytes.
    public func sign(_ message: [UInt8]) throws(CryptoError) -> [UInt8] {
        guard let context = EVP_MD_CTX_new() else { throw CryptoError.fromQueue("sign") }
        defer { EVP_MD_CTX_free(context) }
        try EVP_DigestSignInit_ex(context, nil, nil, nil, nil, pointer, nil).orThrow("sign")
        var signature = [UInt8](repeating: 0, count: 64)
        var count = signature.count
        try EVP_DigestSign(context, &signature, &count, message, message.count).orThrow("sign")
        return signature
    }
}
