internal import CArgon2

/// Argon2id password hashes (RFC 9106) in the PHC string form `$argon2id$v=19$m=…,t=…,p=…$salt$hash`.
///
/// Blocks for about 36 ms and `memoryKiB` of memory at the defaults: call it on a bounded thread pool only.
public enum Argon2id {
    /// What a hash costs.
    public struct Parameters: Sendable, Equatable {
        /// Memory in KiB.
        public var memoryKiB: UInt32
        /// Passes over the memory.
        public var passes: UInt32
        /// Lanes.
        public var lanes: UInt32

        /// OWASP's first choice by default: 19 MiB, two passes, one lane.
        public init(memoryKiB: UInt32 = 19456, passes: UInt32 = 2, lanes: UInt32 = 1) {
            self.memoryKiB = memoryKiB
            self.passes = passes
            self.lanes = lanes
        }
    }

    /// The salt's length in bytes.
    public static let saltBytes = 16
    /// The tag's length in bytes.
    public static let tagBytes = 32

    /// Hashes under a fresh random salt.
    public static func hash(_ password: [UInt8], parameters: Parameters = Parameters()) throws(CryptoError) -> String {
        try hash(password, salt: SecureRandom.bytes(saltBytes), parameters: parameters)
    }

    static func hash(_ password: [UInt8], salt: [UInt8], parameters: Parameters) throws(CryptoError) -> String {
        let length = argon2_encodedlen(
            parameters.passes, parameters.memoryKiB, parameters.lanes, UInt32(salt.count), UInt32(tagBytes), Argon2_id)
        var encoded = [CChar](repeating: 0, count: length)
        let code = argon2id_hash_encoded(
            parameters.passes, parameters.memoryKiB, parameters.lanes, password, password.count, salt, salt.count,
            tagBytes, &encoded, encoded.count)
        guard code == ARGON2_OK.rawValue else { throw error("hash a password", code) }
        return String(decoding: encoded.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Whether `password` has the hash `encoded`; a malformed hash never matches.
    public static func verify(_ password: [UInt8], encoded: String) -> Bool {
        argon2id_verify(encoded, password, password.count) == ARGON2_OK.rawValue
    }

    /// Whether `encoded` was made with other parameters, so that the next successful sign-in should replace it.
    public static func needsRehash(_ encoded: String, parameters: Parameters = Parameters()) -> Bool {
        !encoded.hasPrefix(
            "$argon2id$v=19$m=\(parameters.memoryKiB),t=\(parameters.passes),p=\(parameters.lanes)$")
    }

    private static func error(_ operation: String, _ code: Int32) -> CryptoError {
        CryptoError(operation, reasons: [String(cString: argon2_error_message(code))])
    }
}
