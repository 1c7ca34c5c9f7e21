internal import Bytes

/// A compiled wildcard pattern: `*` stands for any run of bytes, `?` for exactly one, `\?` for a question mark.
///
/// Nearly all that people write is text, or text with one star behind it, and is compared as such. Anything else is matched
/// with two pointers: O(pattern · text) at worst, without recursion.
struct Glob: Sendable, Equatable {
    private enum Form: Sendable, Equatable {
        case exact([UInt8])
        case prefix([UInt8])
        case tokens([UInt16])
    }

    private static let star: UInt16 = 256
    private static let one: UInt16 = 257
    private let form: Form
    private let ignoringCase: Bool

    init(_ pattern: ArraySlice<UInt8>, ignoringCase: Bool) {
        let tokens = Self.tokens(pattern, ignoringCase: ignoringCase)
        let text = tokens.prefix { $0 < Self.star }.map { UInt8($0) }
        if text.count == tokens.count {
            form = .exact(text)
        } else if text.count == tokens.count - 1, tokens.last == Self.star {
            form = .prefix(text)
        } else {
            form = .tokens(tokens)
        }
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
        switch form {
        case .exact(let bytes): text.count == bytes.count && begins(text, with: bytes)
        case .prefix(let bytes): text.count >= bytes.count && begins(text, with: bytes)
        case .tokens(let tokens): matches(tokens, text)
        }
    }

    /// Whether `text`, which is no shorter, begins with `bytes`.
    private func begins(_ text: UnsafeRawBufferPointer, with bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { bytes in
            let start = UnsafeRawBufferPointer(rebasing: text[..<bytes.count])
            return ignoringCase ? ASCII.equalsIgnoringCase(start, bytes) : ByteSearch.equal(start, bytes)
        }
    }

    private func matches(_ tokens: [UInt16], _ text: UnsafeRawBufferPointer) -> Bool {
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
