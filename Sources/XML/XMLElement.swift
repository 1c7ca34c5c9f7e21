/// One element of a document that was read.
///
/// Names come without prefix and namespace, because AWS's clients send documents with, without and with another
/// namespace, and mean the same. Attributes, comments and processing instructions are left out: no call uses them.
public struct XMLElement: Sendable, Equatable {
    /// The name, without prefix.
    public let name: String
    /// The character data between its own tags, white space included.
    public internal(set) var text = ""
    /// In the order of the document.
    public internal(set) var children: [XMLElement] = []

    /// The first child of a name.
    public func first(_ name: String) -> XMLElement? { children.first { $0.name == name } }

    /// All children of a name, in the order of the document.
    public func all(_ name: String) -> [XMLElement] { children.filter { $0.name == name } }
}

/// How large a document may be in structure; its bytes are bounded by whoever reads them from the network.
public struct XMLLimits: Sendable {
    /// Elements within elements (default 16).
    public var depth: Int
    /// Elements in all (default 20,000).
    public var elements: Int

    /// Limits with the given values.
    public init(depth: Int = 16, elements: Int = 20_000) {
        self.depth = depth
        self.elements = elements
    }
}

/// Why bytes are no document that is taken.
public enum XMLError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Not well-formed; what the parser says, with its line and column.
    case malformed(String)
    /// A document type declaration, through which entities could grow or reach outside.
    case documentType
    /// Deeper or larger than the limits.
    case tooLarge

    /// One line for an error message.
    public var description: String {
        switch self {
        case .malformed(let reason): reason
        case .documentType: "a document type declaration is not taken"
        case .tooLarge: "too many elements, or too deep"
        }
    }
}
