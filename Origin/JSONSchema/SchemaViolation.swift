/// One thing that is wrong with a value.
public struct SchemaViolation: Sendable, Equatable {
    /// Where, as a JSON path such as `$.parts[3].etag`.
    public let path: String
    /// What is wrong there and what would be right, beginning in the middle of a sentence: `must be text.`
    public let message: String

    /// Something wrong at a path.
    public init(path: String, message: String) {
        self.path = path
        self.message = message
    }
}

/// Why a schema is none.
public struct SchemaError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The place of the schema in its document, as a JSON pointer such as `/components/schemas/Video`.
    public let pointer: String
    /// What is wrong with it.
    public let message: String

    /// One line for a log.
    public var description: String { "\(pointer): \(message)" }
}
