internal import Bytes

/// A compiled wildcard pattern: `*` stands for any run of bytes, `?` for exactly one, `\?` for a question mark.
///
/// Nearly all that people write is text, or text with one star behind it, and is compared as such. Anything else is matched
/// with two pointers: O(pattern · text) at worst, without recursion. A class, so that a match copies none of it.
final class Glob: Sendable {
    private static let star: UInt16 = 256
    private static let one: UInt16 = 257
    /// What the text begins with.
    private let start: [UInt8]
    /// Whether anything may follow `start`.
    private let isOpen: Bool
    /// The whole pattern, where it is not `start` alone or with a star.
    private let tokens: [UInt16]
    private let ignoringCase: Bool

    init(_ pattern: ArraySlice<UInt8>, ignoringCase: Bool) {
        let tokens = Self.tokens(pattern, ignoringCase: ignoringCase)
        start = tokens.prefix { $0 < Self.star }.map { UInt8($0) }
        isOpen = start.count < tokens.count
        self.tokens = tokens[start.count...].allSatisfy { $0 == Self.star } ? [] : tokens
        self.ignoringCase = ignoringCase
    }

    private static func tokens(_ pattern: ArraySlice<UInt8>, ignoringCase: Bool) -> [UInt16] {
        var tokens: [UInt16] = []
        var index = pattern.startIndex
        while index < pattern.endIndex {
            let byte = pattern[index]
            index += 1
            switch byte {
            case UInt8(ascii: "*"):
                if tokens.last != Self.star { tokens.append(Self.star) }
            case UInt8(ascii: "?"):
                tokens.append(Self.one)
            case UInt8(ascii: "\\") where index < pattern.endIndex && pattern[index] == UInt8(ascii: "?"):
                tokens.append(UInt16(UInt8(ascii: "?")))
                index += 1
            default:
                tokens.append(UInt16(ignoringCase ? ASCII.lowercased(byte) : byte))
            }
        }
        return tokens
    }

    func matches(_ text: UnsafeRawBufferPointer) -> Bool {
        if !tokens.isEmpty { return matchesTokens(text) }
        guard isOpen ? text.count >= start.count : text.count == start.count else { return false }
        return start.withUnsafeBytes { start in
            let first = UnsafeRawBufferPointer(rebasing: text[..<start.count])
            return ignoringCase ? ASCII.equalsIgnoringCase(first, start) : ByteSearch.equal(first, start)
        }
    }

    private func matchesTokens(_ text: UnsafeRawBufferPointer) -> Bool {
        var token = 0
        var position = 0
        var lastStar = -1
        var resume = 0
        while position < text.count {
            let byte = UInt16(ignoringCase ? ASCII.lowercased(text[position]) : text[position])
            if token < tokens.count, tokens[token] == Self.star {
                lastStar = token
                resume = position
                token += 1
            } else if token < tokens.count, tokens[token] == Self.one || tokens[token] == byte {
                token += 1
                position += 1
            } else if lastStar >= 0 {
                resume += 1
                position = resume
                token = lastStar + 1
            } else {
                return false
            }
        }
        while token < tokens.count, tokens[token] == Self.star { token += 1 }
        return token == tokens.count
    }
}
