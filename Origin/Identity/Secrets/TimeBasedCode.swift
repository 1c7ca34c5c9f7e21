internal import Bytes
internal import Crypto

/// Time-based one-time passwords (RFC 6238) as every authenticator application makes them: SHA-1, 30 s, six digits.
enum TimeBasedCode {
    static let stepSeconds: Int64 = 30
    static let digits = 6
    /// 160 bits, the length of the hash (RFC 4226 §4).
    static let secretBytes = 20

    /// What a code turned out to be.
    enum Outcome: Equatable {
        /// Right; the step must be stored before anything is granted.
        case accepted(step: Int64)
        /// Right once, and used already.
        case replayed
        case wrong
    }

    /// The code of one time step.
    static func code(secret: [UInt8], step: Int64) -> String {
        let counter = (0..<8).map { UInt8(truncatingIfNeeded: step >> Int64(56 - 8 * $0)) }
        let hash = HMAC.sha1(key: secret, message: counter)
        let offset = Int(hash[19] & 15)
        let number = hash[offset..<(offset + 4)].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7fff_ffff
        let text = String(number % 1_000_000)
        return String(repeating: "0", count: digits - text.utf8.count) + text
    }

    /// Compares a code with the step of `now` and the one on either side.
    ///
    /// Only a step after `lastAcceptedStep` can be accepted, so no code works twice (RFC 6238 §5.2). Anything but six
    /// ASCII digits is wrong.
    static func check(_ given: String, secret: [UInt8], nowSeconds: Int64, lastAcceptedStep: Int64) -> Outcome {
        let bytes = Array(given.utf8)
        guard bytes.count == digits, bytes.allSatisfy(ASCII.isDigit) else { return .wrong }
        let current = nowSeconds / stepSeconds
        let matching = (current - 1...current + 1).filter { constantTimeEqual(code(secret: secret, step: $0), given) }
        if let fresh = matching.first(where: { $0 > lastAcceptedStep }) { return .accepted(step: fresh) }
        return matching.isEmpty ? .wrong : .replayed
    }
}
