/// Why a configuration document is refused, at one place in it.
public struct ConfigurationProblem: Sendable, Equatable, CustomStringConvertible {
    /// JSON path of the value, such as `$.limits.headerBytes`.
    public let path: String
    /// What is wrong, with the value found and what is allowed.
    public let message: String

    /// A problem at a JSON path.
    public init(path: String, message: String) {
        self.path = path
        self.message = message
    }

    /// One line for a terminal.
    public var description: String { "\(path): \(message)" }
}

/// Every problem of one document; a start or a reload is refused with all of them at once.
public struct ConfigurationRefused: Error, Equatable, CustomStringConvertible {
    /// In document order.
    public let problems: [ConfigurationProblem]

    /// A refusal for these reasons.
    public init(_ problems: [ConfigurationProblem]) {
        self.problems = problems
    }

    /// One line per problem.
    public var description: String { problems.map(\.description).joined(separator: "\n") }
}
