public import JSON

/// What a value must be like; compiled by `SchemaDocument`.
public struct JSONSchema: Sendable {
    /// A JSON type, as the keyword `type` names it.
    enum Kind: String, Sendable, CaseIterable {
        case null, boolean, integer, number, string, array, object

        /// The type as a sentence says it.
        var phrase: String {
            switch self {
            case .null: "null"
            case .boolean: "true or false"
            case .integer: "a whole number"
            case .number: "a number"
            case .string: "text"
            case .array: "a list"
            case .object: "an object"
            }
        }
    }

    var kinds: [Kind]?
    var allowed: [JSONValue]?
    var lengths = Bounds<Int>()
    var pattern: Pattern?
    var numbers = Bounds<Double>()
    var counts = Bounds<Int>()
    var items: Child?
    var properties: [String: JSONSchema] = [:]
    var required: [String] = []
    /// Other members than those of `properties`; nil for any.
    var additional: Child?
    var allOf: [JSONSchema] = []
    /// Exactly one of them holds, unless there are none.
    var oneOf: [JSONSchema] = []

    /// What is wrong with `value`, in the order of the schema; empty when nothing is. At most `limit` things.
    public func violations(of value: JSONValue, limit: Int = 16) -> [SchemaViolation] {
        var check = SchemaCheck(limit: limit)
        check.check(value, self, at: "$")
        return check.violations
    }

    /// What is wrong with a value that came as text, such as a parameter of a query: where a number or a truth value is asked for, the text
    /// is read as one.
    public func violations(ofText text: String) -> [SchemaViolation] { violations(of: value(of: text)) }

    private func value(of text: String) -> JSONValue {
        let kinds = wantedKinds
        if kinds.contains(.boolean), let flag = Bool(text) { return .bool(flag) }
        if kinds.contains(.integer), !text.hasPrefix("+"), let number = Int64(text) { return .integer(number) }
        return .string(text)
    }

    private var wantedKinds: [Kind] { kinds ?? allOf.flatMap(\.wantedKinds) }

    /// A schema that stands inside another one.
    indirect enum Child: Sendable {
        case none
        case schema(JSONSchema)
    }

    /// A smallest and a largest value, either or none of them.
    struct Bounds<Value: Comparable & Sendable>: Sendable {
        var minimum: Value?
        var maximum: Value?

        func hold(_ value: Value) -> Bool {
            (minimum.map { value >= $0 } ?? true) && (maximum.map { value <= $0 } ?? true)
        }
    }
}
