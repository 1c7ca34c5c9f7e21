internal import COpenSSL

/// Unpredictable bytes and names from OpenSSL's generator (`RAND_bytes`).
///
/// A process whose generator fails has nothing safe left to do, so every function here ends it instead of throwing.
public enum SecureRandom {
    /// `count` random bytes.
    public static func bytes(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { output, initialized in
            if count > 0, RAND_bytes(output.baseAddress, Int32(count)) != 1 {
                fatalError("\(CryptoError.fromQueue("draw random bytes"))")
            }
            initialized = count
        }
    }

    /// `byteCount` random bytes as twice as many lower-case hexadecimal digits.
    public static func hex(_ byteCount: Int) -> String {
        string(bytes(byteCount).flatMap { [hexDigits[Int($0 >> 4)], hexDigits[Int($0 & 15)]] })
    }

    /// `count` characters, each drawn evenly from the 62 ASCII letters and digits.
    public static func alphanumeric(_ count: Int) -> String {
        string(drawn(count, from: alphanumerics))
    }

    /// `count` characters, each drawn evenly from the capital letters and digits, as in `APKA…` key pair ids.
    public static func uppercaseAlphanumeric(_ count: Int) -> String {
        string(drawn(count, from: uppercaseAlphanumerics))
    }

    /// `count` decimal digits.
    public static func digits(_ count: Int) -> String {
        string(drawn(count, from: Array("0123456789".utf8)))
    }

    private static let hexDigits = Array("0123456789abcdef".utf8)
    private static let uppercaseAlphanumerics = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".utf8)
    private static let alphanumerics = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)

    /// Rejection sampling, so that no character is likelier than another.
    private static func drawn(_ count: Int, from alphabet: [UInt8]) -> [UInt8] {
        let limit = 256 - 256 % alphabet.count
        var output: [UInt8] = []
        output.reserveCapacity(count)
        while output.count < count {
            for byte in bytes(count - output.count) where Int(byte) < limit {
                output.append(alphabet[Int(byte) % alphabet.count])
            }
        }
        return output
    }

    private static func string(_ ascii: [UInt8]) -> String {
        String(decoding: ascii, as: UTF8.self)
    }
}
