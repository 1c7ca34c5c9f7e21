internal import COpenSSL

/// AES-128 in Cipher Block Chaining mode with PKCS7 padding: what HLS calls AES-128 (RFC 8216 §5.2).
///
/// It does not say whether the bytes are those that were encrypted; for secrets of our own there is `AESGCM`.
public enum AESCBC {
    /// The key's and the vector's length in bytes.
    public static let blockBytes = 16

    /// Pads and encrypts: 1 to 16 bytes more than it is given. The same bytes, key and vector always give the same result.
    ///
    /// - Throws: when the lengths are wrong.
    public static func seal(_ clear: [UInt8], key: [UInt8], vector: [UInt8]) throws(CryptoError) -> [UInt8] {
        try transform(clear, key: key, vector: vector, isSealing: true)
    }

    /// Decrypts whole blocks and takes the padding off.
    ///
    /// - Throws: when the lengths are wrong, or when what comes out does not end in padding.
    public static func open(_ sealed: [UInt8], key: [UInt8], vector: [UInt8]) throws(CryptoError) -> [UInt8] {
        try transform(sealed, key: key, vector: vector, isSealing: false)
    }

    private static func transform(
        _ input: [UInt8], key: [UInt8], vector: [UInt8], isSealing: Bool
    ) throws(CryptoError) -> [UInt8] {
        let operation = isSealing ? "encrypt AES-128-CBC" : "decrypt AES-128-CBC"
        guard key.count == blockBytes, vector.count == blockBytes, isSealing || input.count % blockBytes == 0,
            input.count < 1 << 30
        else { throw CryptoError(operation, reasons: ["key, vector or bytes have the wrong length"]) }
        guard let context = EVP_CIPHER_CTX_new() else { throw CryptoError.fromQueue(operation) }
        defer { EVP_CIPHER_CTX_free(context) }
        try EVP_CipherInit_ex(context, EVP_aes_128_cbc(), nil, key, vector, isSealing ? 1 : 0).orThrow(operation)
        var output = [UInt8](repeating: 0, count: input.count + blockBytes)
        var length: Int32 = 0
        try EVP_CipherUpdate(context, &output, &length, input, Int32(input.count)).orThrow(operation)
        var rest: Int32 = 0
        let isWhole = output.withUnsafeMutableBufferPointer {
            EVP_CipherFinal_ex(context, $0.baseAddress! + Int(length), &rest) == 1
        }
        guard isWhole else {
            ERR_clear_error()
            throw CryptoError(operation, reasons: ["the key or the bytes are not the right ones"])
        }
        return Array(output.prefix(Int(length + rest)))
    }
}
