internal import Crypto

/// What stands in for a lost authenticator, once: twelve symbols, `xxxx-xxxx-xxxx`, 60 random bits.
///
/// The first two tell which of an account's codes it is, so that one slow hash is enough to check it; 50 bits are left to guess.
struct RecoveryCode: Sendable, Equatable {
    /// How many an account is given at a time.
    static let count = 10
    /// Crockford's: no I, L, O and U, so that none is taken for another.
    private static let symbols = Array("0123456789abcdefghjkmnpqrstvwxyz")
    private static let length = 12
    private static let lookupLength = 2

    /// The symbols alone, which are what is hashed.
    let text: String

    /// Ten that can be told apart.
    static func drawn() -> [RecoveryCode] {
        var drawn: [String: RecoveryCode] = [:]
        while drawn.count < count {
            // 32 divides 256: no symbol is likelier than another.
            let code = RecoveryCode(text: String(SecureRandom.bytes(length).map { symbols[Int($0 & 31)] }))
            drawn[code.lookup] = code
        }
        return Array(drawn.values)
    }

    private init(text: String) { self.text = text }

    /// Reads what somebody typed, in whatever case, with or without hyphens and spaces; nil where it has another shape, as the
    /// six digits of an authenticator have.
    init?(_ typed: String) {
        let symbols = typed.lowercased().filter { $0 != "-" && $0 != " " }.map { symbol -> Character in
            switch symbol {
            case "o": "0"
            case "i", "l": "1"
            default: symbol
            }
        }
        guard symbols.count == Self.length, symbols.allSatisfy(Self.symbols.contains) else { return nil }
        text = String(symbols)
    }

    /// Which of an account's codes it is; no secret.
    var lookup: String { String(text.prefix(Self.lookupLength)) }

    /// As people write it down.
    var written: String {
        stride(from: 0, to: Self.length, by: 4).map { String(text.dropFirst($0).prefix(4)) }.joined(separator: "-")
    }
}
