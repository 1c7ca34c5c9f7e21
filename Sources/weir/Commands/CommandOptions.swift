/// The words after a subcommand, split by what the subcommand declares.
struct CommandOptions {
    /// Options that take a value, with the values in the order given.
    private(set) var values: [String: [String]] = [:]
    private(set) var flags: Set<String> = []
    private(set) var operands: [String] = []

    /// - Throws: `UsageError` for an unknown option or one without its value.
    init(_ words: [String], values valueNames: Set<String>, flags flagNames: Set<String> = []) throws(UsageError) {
        var rest = words[...]
        while let word = rest.popFirst() {
            if valueNames.contains(word) {
                guard let value = rest.popFirst() else { throw UsageError("\(word) needs a value") }
                values[word, default: []].append(value)
            } else if flagNames.contains(word) {
                flags.insert(word)
            } else if word.hasPrefix("-"), word != "-" {
                throw UsageError("unknown option \(word)")
            } else {
                operands.append(word)
            }
        }
    }

    subscript(_ name: String) -> String? { values[name]?.last }
}

/// A wrong command line; the reader is shown the usage text with it.
struct UsageError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// A command that could not do its work, in words for a terminal.
struct CommandFailure: Error, CustomStringConvertible {
    let description: String
    /// What a service answered, where its refusal is the reason.
    let refusal: ServiceRefusal?

    init(_ description: String, refusal: ServiceRefusal? = nil) {
        self.description = description
        self.refusal = refusal
    }
}

/// An answer of a service that is no success.
struct ServiceRefusal: Sendable, Equatable {
    let status: Int
    /// The service's name of the problem, such as `video_not_found`; empty when it gave none.
    let code: String

    /// Whether the same call may be carried out later.
    var isPassing: Bool { [408, 429].contains(status) || status >= 500 && status != 507 }
}

/// Work that broke off and that the same command goes on with.
struct CommandInterrupted: Error, CustomStringConvertible {
    /// As `EX_TEMPFAIL` of sysexits.h.
    static let exitCode: Int32 = 75

    let description: String

    init(_ description: String) {
        self.description = description
    }
}
