internal import COpenSSL

/// AES-256 in Galois/Counter Mode (NIST SP 800-38D): seals secrets that a stolen database must not reveal.
public enum AESGCM {
    /// The key's length in bytes.
    public static let keyBytes = 32
    /// The nonce's length in bytes.
    public static let nonceBytes = 12
    /// The tag's length in bytes.
    public static let tagBytes = 16

    /// Seals under a fresh random nonce and returns `nonce ‖ ciphertext ‖ tag`.
    ///
    /// Additional data is authenticated and not stored: the same bytes must be given to `open`, which binds a
    /// sealed value to the row it was sealed for. Safe for about 2³² seals under one key.
    public static func seal(
        _ plaintext: [UInt8], key: [UInt8], additionalData: [UInt8] = []
    ) throws(CryptoError) -> [UInt8] {
        let nonce = SecureRandom.bytes(nonceBytes)
        return nonce + (try seal(plaintext, key: key, nonce: nonce, additionalData: additionalData))
    }

    /// Opens what `seal(_:key:additionalData:)` made.
    ///
    /// Throws when the key, the additional data or any byte is not the one it was sealed with.
    public static func open(
        _ sealed: [UInt8], key: [UInt8], additionalData: [UInt8] = []
    ) throws(CryptoError) -> [UInt8] {
        guard sealed.count >= nonceBytes + tagBytes else {
            throw CryptoError("open a sealed value", reasons: ["too short"])
        }
        return try open(
            Array(sealed[nonceBytes...]), key: key, nonce: Array(sealed[..<nonceBytes]), additionalData: additionalData)
    }

    /// Seals under a nonce that the caller promises never to use twice with this key; returns `ciphertext ‖ tag`.
    public static func seal(
        _ plaintext: [UInt8], key: [UInt8], nonce: [UInt8], additionalData: [UInt8]
    ) throws(CryptoError) -> [UInt8] {
        let cipher = try CipherContext(key: key, nonce: nonce, sealing: true)
        try cipher.authenticate(additionalData)
        var output = try cipher.transform(plaintext)
        try cipher.finish("seal a value")
        var tag = [UInt8](repeating: 0, count: tagBytes)
        try weir_gcm_get_tag(cipher.pointer, &tag).orThrow("seal a value")
        output.append(contentsOf: tag)
        return output
    }

    /// Opens `ciphertext ‖ tag` sealed under an explicit nonce.
    public static func open(
        _ sealed: [UInt8], key: [UInt8], nonce: [UInt8], additionalData: [UInt8]
    ) throws(CryptoError) -> [UInt8] {
        guard sealed.count >= tagBytes else { throw CryptoError("open a sealed value", reasons: ["too short"]) }
        let cipher = try CipherContext(key: key, nonce: nonce, sealing: false)
        try cipher.authenticate(additionalData)
        let plaintext = try cipher.transform(Array(sealed[..<(sealed.count - tagBytes)]))
        try weir_gcm_set_tag(cipher.pointer, Array(sealed[(sealed.count - tagBytes)...])).orThrow("open a sealed value")
        try cipher.finish("open a sealed value")
        return plaintext
    }
}

private final class CipherContext {
    let pointer: OpaquePointer

    init(key: [UInt8], nonce: [UInt8], sealing: Bool) throws(CryptoError) {
        guard key.count == AESGCM.keyBytes else {
            throw CryptoError(
                "use AES-256-GCM", reasons: ["the key has \(key.count) bytes and needs \(AESGCM.keyBytes)"])
        }
        guard nonce.count == AESGCM.nonceBytes else {
            throw CryptoError(
                "use AES-256-GCM", reasons: ["the nonce has \(nonce.count) bytes and needs \(AESGCM.nonceBytes)"])
        }
        guard let context = EVP_CIPHER_CTX_new() else { throw CryptoError.fromQueue("use AES-256-GCM") }
        pointer = context
        try EVP_CipherInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce, sealing ? 1 : 0).orThrow("use AES-256-GCM")
    }

    deinit {
        EVP_CIPHER_CTX_free(pointer)
    }

    func authenticate(_ bytes: [UInt8]) throws(CryptoError) {
        guard !bytes.isEmpty else { return }
        var length: Int32 = 0
        try EVP_CipherUpdate(pointer, nil, &length, bytes, Int32(bytes.count)).orThrow("use AES-256-GCM")
    }

    func transform(_ bytes: [UInt8]) throws(CryptoError) -> [UInt8] {
        guard !bytes.isEmpty else { return [] }
        var output = [UInt8](repeating: 0, count: bytes.count)
        var length: Int32 = 0
        try EVP_CipherUpdate(pointer, &output, &length, bytes, Int32(bytes.count)).orThrow("use AES-256-GCM")
        return output
    }

    func finish(_ operation: String) throws(CryptoError) {
        var rest = [UInt8](repeating: 0, count: 16)
        var length: Int32 = 0
        guard EVP_CipherFinal_ex(pointer, &rest, &length) == 1 else {
            ERR_clear_error()
            throw CryptoError(operation, reasons: ["the key or the bytes are not the sealed ones"])
        }
    }
}
