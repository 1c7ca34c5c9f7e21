internal import COpenSSL

/// Keyed hashes (RFC 2104).
public enum HMAC {
    /// The authentication code of `message` under `key`.
    public static func code(
        _ algorithm: DigestAlgorithm, key: UnsafeRawBufferPointer, message: UnsafeRawBufferPointer
    ) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Int(EVP_MAX_MD_SIZE)) { output, count in
            var length: UInt32 = 0
            var empty: UInt8 = 0
            // A null key means "keep the key of the last call" to OpenSSL, so an empty key still needs an address.
            let result = withUnsafePointer(to: &empty) { spare in
                COpenSSL.HMAC(
                    algorithm.implementation, key.baseAddress ?? UnsafeRawPointer(spare), Int32(key.count),
                    message.assumingMemoryBound(to: UInt8.self).baseAddress ?? spare, message.count,
                    output.baseAddress, &length)
            }
            guard result != nil else { fatalError("\(CryptoError.fromQueue("compute an HMAC"))") }
            count = Int(length)
        }
    }

    /// HMAC-SHA-256, 32 bytes.
    public static func sha256(key: [UInt8], message: [UInt8]) -> [UInt8] {
        key.withUnsafeBytes { key in message.withUnsafeBytes { code(.sha256, key: key, message: $0) } }
    }

    /// HMAC-SHA-1, 20 bytes; only for TOTP (RFC 6238), where applications know nothing else.
    public static func sha1(key: [UInt8], message: [UInt8]) -> [UInt8] {
        key.withUnsafeBytes { key in message.withUnsafeBytes { code(.sha1, key: key, message: $0) } }
    }
}

/// Whether two byte strings are equal, in a time that depends only on their lengths.
///
/// For codes, MACs and token hashes, where an early exit would tell how many bytes were right.
public func constantTimeEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    return left.withUnsafeBytes { left in
        right.withUnsafeBytes { right in
            left.isEmpty || CRYPTO_memcmp(left.baseAddress, right.baseAddress, left.count) == 0
        }
    }
}

/// Whether the UTF-8 bytes of two strings are equal, in a time that depends only on their lengths.
public func constantTimeEqual(_ left: String, _ right: String) -> Bool {
    constantTimeEqual(Array(left.utf8), Array(right.utf8))
}
