/// Text as protocols see it: bytes, with the case rule of the 26 ASCII letters and nothing of locales.
public enum ASCII {
    /// The lower-case form of an ASCII letter; every other byte is itself.
    public static func lowercased(_ byte: UInt8) -> UInt8 {
        byte &- 0x41 < 26 ? byte | 0x20 : byte
    }

    /// `text` with its ASCII letters in lower case and everything else untouched.
    public static func lowercased(_ text: String) -> String {
        String(decoding: text.utf8.map { lowercased($0) }, as: UTF8.self)
    }

    /// Brings the ASCII letters of `text` to lower case where they stand.
    public static func lowercase(_ text: UnsafeMutableRawBufferPointer) {
        guard let start = text.baseAddress else { return }
        ByteWord.lowercase(start, count: text.count)
    }

    /// Whether the byte is `0` to `9`.
    @inlinable
    public static func isDigit(_ byte: UInt8) -> Bool {
        byte &- 0x30 < 10
    }

    /// Whether the byte is an ASCII letter.
    public static func isLetter(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- 0x61 < 26
    }

    /// Whether `text` is a name that needs no quoting in paths, headers and logs: letters, digits, `-`, `_` and `.`, as many
    /// as `lengths` has, 1 to 64 unless given.
    public static func isName(_ text: some StringProtocol, of lengths: ClosedRange<Int> = 1...64) -> Bool {
        isName(text.utf8, of: lengths)
    }

    /// The same of bytes.
    public static func isName(_ text: some Collection<UInt8>, of lengths: ClosedRange<Int> = 1...64) -> Bool {
        lengths.contains(text.count)
            && text.allSatisfy { isLetter($0) || isDigit($0) || $0 == 0x2d || $0 == 0x2e || $0 == 0x5f }
    }

    /// Whether both are equal but for the case of ASCII letters.
    public static func equalsIgnoringCase(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) -> Bool {
        guard first.count == second.count else { return false }
        guard let left = first.baseAddress, let right = second.baseAddress else { return true }
        return ByteWord.equalIgnoringCase(left, right, count: first.count)
    }

    /// Whether `bytes` equal the literal but for the case of ASCII letters.
    public static func equalsIgnoringCase(_ bytes: UnsafeRawBufferPointer, _ literal: StaticString) -> Bool {
        guard bytes.count == literal.utf8CodeUnitCount else { return false }
        guard let start = bytes.baseAddress else { return true }
        return ByteWord.equalIgnoringCase(start, UnsafeRawPointer(literal.utf8Start), count: bytes.count)
    }

    /// Whether both are equal but for the case of ASCII letters.
    public static func equalsIgnoringCase(_ first: some StringProtocol, _ second: some StringProtocol) -> Bool {
        let left = first.utf8
        let right = second.utf8
        return left.elementsEqual(right) { lowercased($0) == lowercased($1) }
    }

    /// The range of `bytes` left when spaces and tabs (HTTP's optional whitespace) are cut from both ends.
    public static func trimmed(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        var start = 0
        var end = bytes.count
        while start < end, bytes[start] == 0x20 || bytes[start] == 0x09 { start += 1 }
        while end > start, bytes[end - 1] == 0x20 || bytes[end - 1] == 0x09 { end -= 1 }
        return UnsafeRawBufferPointer(rebasing: bytes[start..<end])
    }

    /// `text` without leading and trailing spaces and tabs.
    public static func trimmed(_ text: some StringProtocol) -> String {
        var text = String(text)
        return text.withUTF8 { String(decoding: trimmed(UnsafeRawBufferPointer($0)), as: UTF8.self) }
    }

    /// The number written in `bytes`: one or more digits and nothing else, no sign, no space; nil as well when it
    /// exceeds `UInt64`.
    ///
    /// Leading zeros are allowed.
    @inlinable
    public static func parseDecimal(_ bytes: some Sequence<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        var digits = 0
        for byte in bytes {
            guard isDigit(byte) else { return nil }
            let (product, overflowed) = value.multipliedReportingOverflow(by: 10)
            let (sum, carried) = product.addingReportingOverflow(UInt64(byte &- 0x30))
            if overflowed || carried { return nil }
            value = sum
            digits += 1
        }
        return digits == 0 ? nil : value
    }

    /// The number written in `bytes`, under the same rules.
    public static func parseDecimal(_ bytes: UnsafeRawBufferPointer) -> UInt64? {
        parseDecimal(bytes[...])
    }

    /// The number written in `text`, under the rules for bytes.
    @inlinable
    public static func parseDecimal(_ text: some StringProtocol) -> UInt64? {
        parseDecimal(text.utf8)
    }
}
