internal import Bytes

/// What Cognito calls a sign-in that lasts: `tkn` and the number of its UUID in 25 digits of the base 36.
enum SessionName {
    private static let prefix = "tkn"
    private static let digits = 25
    private static let base = 36

    /// Nil for what is no UUID.
    static func name(ofSignIn id: String) -> String? {
        guard var bytes = Hex.decode(id.filter { $0 != "-" }), bytes.count == 16 else { return nil }
        var reversed: [UInt8] = []
        for _ in 0..<digits {
            var rest = 0
            for index in bytes.indices {
                let value = rest << 8 | Int(bytes[index])
                bytes[index] = UInt8(value / base)
                rest = value % base
            }
            reversed.append(UInt8(rest < 10 ? 48 + rest : 87 + rest))
        }
        return prefix + String(decoding: reversed.reversed(), as: UTF8.self)
    }

    /// The sign-in's id; nil for what is no such name.
    static func signIn(named name: String) -> String? {
        guard name.utf8.count == prefix.utf8.count + digits, name.hasPrefix(prefix) else { return nil }
        var bytes = [UInt8](repeating: 0, count: 16)
        for digit in name.utf8.dropFirst(prefix.utf8.count) {
            guard ASCII.isDigit(digit) || (97...122).contains(digit) else { return nil }
            var carry = Int(digit) - (ASCII.isDigit(digit) ? 48 : 87)
            for index in bytes.indices.reversed() {
                let value = Int(bytes[index]) * base + carry
                bytes[index] = UInt8(truncatingIfNeeded: value)
                carry = value >> 8
            }
            guard carry == 0 else { return nil }
        }
        return RandomName.hyphenated(bytes)
    }
}
