/// Why an import is not begun or changed.
public struct ImportRefusal: Error, Sendable, Equatable {
    /// The kinds, by the names that callers get.
    public enum Code: String, Sendable {
        /// There is none, or it is somebody else's.
        case notFound = "import_not_found"
        /// The account has as many under way as it may.
        case tooMany = "too_many_imports"
        /// The address is one that is not asked; the message goes on after the name of the field.
        case refusedAddress = "import_refused_address"
        /// Nothing more will happen to it.
        case over = "import_over"
    }

    /// The kind.
    public let code: Code
    /// A sentence for whoever asked.
    public let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
