/// Why there is no answer.
public struct OutboundFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds a caller may act on.
    public enum Kind: Sendable, Equatable {
        /// The URL, or every address of its host, is one that is not asked.
        case refused
        /// No connection, no answer, or not in time.
        case noAnswer
    }

    /// The kind.
    public let kind: Kind
    /// One line.
    public let description: String

    init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}
