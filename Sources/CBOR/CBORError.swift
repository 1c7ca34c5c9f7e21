/// Why bytes are not a value of canonical CBOR, and where.
public struct CBORError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong.
    public enum Reason: String, Sendable {
        /// The bytes end inside a value.
        case truncated = "ends inside a value"
        /// More bytes follow where one value was expected.
        case trailing = "goes on after the value"
        /// A number or length takes more bytes than it needs.
        case notShortest = "writes a number longer than it is"
        /// An indefinite length, a tag, a float, or a simple value other than false, true and null.
        case unsupported = "holds what canonical CBOR of authenticators does not have"
        /// A text is not UTF-8.
        case notText = "holds a text that is not UTF-8"
        /// A key is neither a number of 64 bits with its sign nor a text.
        case wrongKey = "has a key that is neither a number nor a text"
        /// A key comes twice, or before one that it must follow.
        case keyOrder = "has keys that repeat or are out of order"
        /// Arrays and maps stand deeper in each other than allowed.
        case tooDeep = "is nested too deeply"
        /// There are more bytes than allowed.
        case tooLarge = "is too large"
    }

    /// What is wrong.
    public let reason: Reason
    /// The offset of the first byte of the item that is wrong.
    public let offset: Int

    /// One line.
    public var description: String { "CBOR \(reason.rawValue), at byte \(offset)" }
}

/// How much is read at most.
public struct CBORLimits: Sendable, Equatable {
    /// How deep arrays and maps may stand in each other; 4 by default, as CTAP2 §8 has it.
    public var maximumDepth: Int
    /// How many bytes one value may take; 65,536 by default.
    public var maximumBytes: Int

    /// Limits.
    public init(maximumDepth: Int = 4, maximumBytes: Int = 65_536) {
        self.maximumDepth = maximumDepth
        self.maximumBytes = maximumBytes
    }
}
