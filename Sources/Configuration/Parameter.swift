public import JSON

/// One key of a configuration document, declared once: readers, `--defaults`, refusals and the reference page all
/// come from this declaration.
public struct Parameter: Sendable {
    /// The JSON key, without its parents.
    public let key: String
    /// What values are allowed.
    public let kind: Kind
    /// The value when the key is absent; `nil` together with `isRequired == false` means "not set".
    public let defaultValue: JSONValue?
    /// Whether a document without this key is refused.
    public let isRequired: Bool
    /// One sentence for the person who edits the file.
    public let meaning: String

    /// The shapes a value may have.
    public indirect enum Kind: Sendable {
        case text
        case boolean
        /// A whole number within a range; the unit is for people.
        case integer(ClosedRange<Int>, unit: String)
        case choice([String])
        case texts
        /// An array of whole numbers within a range; the unit is for people.
        case integers(ClosedRange<Int>, unit: String)
        /// Text, or `{"file": PATH}`, or `{"environment": NAME}`, so that secrets need not stand in the document.
        case secret
        /// A nested object.
        case section([Parameter])
        /// An array of objects.
        case list([Parameter])
        /// An object whose keys are names chosen by the operator.
        case map([Parameter])
    }

    init(_ key: String, _ kind: Kind, default defaultValue: JSONValue?, required: Bool, _ meaning: String) {
        self.key = key
        self.kind = kind
        self.defaultValue = defaultValue
        self.isRequired = required
        self.meaning = meaning
    }

    /// A key with a default.
    public static func optional(
        _ key: String, _ kind: Kind, default defaultValue: JSONValue, _ meaning: String
    ) -> Parameter {
        Parameter(key, kind, default: defaultValue, required: false, meaning)
    }

    /// A key that may be absent and then means "not set".
    public static func optional(_ key: String, _ kind: Kind, _ meaning: String) -> Parameter {
        Parameter(key, kind, default: nil, required: false, meaning)
    }

    /// A key without which the document is refused.
    public static func required(_ key: String, _ kind: Kind, _ meaning: String) -> Parameter {
        Parameter(key, kind, default: nil, required: true, meaning)
    }

    /// A nested object; it may be left out as long as none of its own keys is required.
    public static func section(_ key: String, _ meaning: String, _ parameters: [Parameter]) -> Parameter {
        Parameter(key, .section(parameters), default: .object([:]), required: false, meaning)
    }
}
