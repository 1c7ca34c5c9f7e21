/// Why a text is no acceptable JSON, and where.
public struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was wrong.
    public enum Reason: Sendable, Equatable {
        /// The text ended inside a value.
        case unexpectedEnd
        /// A byte that cannot stand here; the text says what could.
        case unexpected(byte: UInt8, expected: String)
        /// Something follows the value.
        case trailingBytes
        /// A string, or the whole text, is not UTF-8.
        case invalidUTF8
        /// A control character stands unescaped in a string.
        case controlCharacter
        /// An unknown escape, or a surrogate without its partner.
        case invalidEscape
        /// A number that JSON does not allow, such as `01`, `+1` or `1.`.
        case invalidNumber
        /// A number beyond the range of a double.
        case numberOutOfRange
        /// An object names a member twice, which readers resolve differently and attackers exploit.
        case duplicateKey(String)
        /// Nested more deeply than the limit.
        case tooDeep(limit: Int)
        /// Longer than the limit.
        case tooLong(limit: Int)
    }

    /// What was wrong.
    public var reason: Reason
    /// Offset in bytes where it was noticed.
    public var offset: Int
    /// Line of the offset, counted from 1.
    public var line: Int
    /// Byte in the line, counted from 1.
    public var column: Int

    init(_ reason: Reason, at offset: Int, in text: UnsafeRawBufferPointer) {
        self.reason = reason
        self.offset = offset
        let before = text.prefix(offset)
        line = 1 + before.count { $0 == 0x0a }
        column = offset - (before.lastIndex(of: 0x0a) ?? -1)
    }

    /// A sentence for people, with line and column.
    public var description: String {
        "JSON, line \(line), column \(column): \(explanation)"
    }

    private var explanation: String {
        switch reason {
        case .unexpectedEnd: "the text ends inside a value"
        case .unexpected(let byte, let expected): "found \(JSONError.name(of: byte)) where \(expected) is expected"
        case .trailingBytes: "something follows the value"
        case .invalidUTF8: "the text is not valid UTF-8"
        case .controlCharacter: "a control character in a string must be escaped"
        case .invalidEscape: "invalid escape sequence in a string"
        case .invalidNumber: "this is not how JSON writes a number"
        case .numberOutOfRange: "the number is too large"
        case .duplicateKey(let key): "the object names \"\(key)\" twice"
        case .tooDeep(let limit): "nested more than \(limit) levels deep"
        case .tooLong(let limit): "longer than \(limit) bytes"
        }
    }

    private static func name(of byte: UInt8) -> String {
        byte > 0x20 && byte < 0x7f ? "'\(Character(Unicode.Scalar(byte)))'" : "byte \(byte)"
    }
}

/// How much of a document a reader is ready to take from a stranger.
public struct JSONLimits: Sendable, Equatable {
    /// Arrays and objects inside one another; 64 unless told.
    public var maximumDepth: Int
    /// Bytes of text; 1 MiB unless told.
    public var maximumBytes: Int

    /// Takes both limits.
    public init(maximumDepth: Int = 64, maximumBytes: Int = 1 << 20) {
        self.maximumDepth = maximumDepth
        self.maximumBytes = maximumBytes
    }

    /// Depth 64, 1 MiB.
    public static let `default` = JSONLimits()
}
