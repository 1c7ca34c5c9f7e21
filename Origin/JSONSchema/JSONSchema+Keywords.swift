internal import JSON

/// What is wrong with the value of a keyword.
struct SchemaFault: Error {
    let message: String
}

extension JSONSchema {
    /// Keywords that are for people.
    private static let annotations: Set<String> = [
        "title", "description", "default", "example", "examples", "format", "deprecated", "readOnly", "writeOnly",
    ]

    /// Takes a keyword that holds no schema; false for any other.
    mutating func take(_ keyword: String, _ value: JSONValue) throws(SchemaFault) -> Bool {
        switch keyword {
        case "type": kinds = try Self.kinds(value)
        case "enum":
            guard let list = value.array, !list.isEmpty else { throw SchemaFault(message: "must be a list of values") }
            allowed = list
        case "const": allowed = [value]
        case "minLength": lengths.minimum = try Self.count(value)
        case "maxLength": lengths.maximum = try Self.count(value)
        case "minItems": counts.minimum = try Self.count(value)
        case "maxItems": counts.maximum = try Self.count(value)
        case "minimum": numbers.minimum = try Self.number(value)
        case "maximum": numbers.maximum = try Self.number(value)
        case "pattern":
            guard let pattern = value.string.flatMap({ Pattern($0) }) else {
                throw SchemaFault(message: "must be a regular expression")
            }
            self.pattern = pattern
        case "required":
            let names = value.array?.compactMap(\.string)
            guard let names, names.count == value.array?.count else {
                throw SchemaFault(message: "must be a list of names")
            }
            required = names
        default: return Self.annotations.contains(keyword) || keyword.hasPrefix("x-")
        }
        return true
    }

    private static func kinds(_ value: JSONValue) throws(SchemaFault) -> [Kind] {
        let names = value.array ?? [value]
        let kinds = names.compactMap { $0.string.flatMap(Kind.init) }
        guard !kinds.isEmpty, kinds.count == names.count else {
            throw SchemaFault(message: "must be one of \(Kind.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return kinds
    }

    private static func count(_ value: JSONValue) throws(SchemaFault) -> Int {
        guard let count = value.integer, count >= 0 else { throw SchemaFault(message: "must be a whole number") }
        return Int(count)
    }

    private static func number(_ value: JSONValue) throws(SchemaFault) -> Double {
        guard let number = value.number else { throw SchemaFault(message: "must be a number") }
        return number
    }
}
