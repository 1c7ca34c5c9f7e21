internal import Bytes

/// A number of seconds as HTTP writes it (RFC 9111 §1.2.2): digits and nothing else, bounded.
struct DeltaSeconds: Equatable {
    /// 0 to `maximum`.
    let value: Int

    /// 2³¹, 68 years; a larger number counts as this one.
    static let maximum = 1 << 31

    /// Nil if `text` is not digits.
    init?(_ text: some StringProtocol) {
        guard !text.isEmpty, text.utf8.allSatisfy(ASCII.isDigit) else { return nil }
        value = ASCII.parseDecimal(text).map { Int(min($0, UInt64(Self.maximum))) } ?? Self.maximum
    }

    /// Bounds a computed number.
    static func bounded(_ seconds: Int64) -> Int { Int(min(max(0, seconds), Int64(maximum))) }
}
