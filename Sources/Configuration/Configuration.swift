public import JSON

/// A validated configuration object: every declared key has a value of its declared kind, or is known to be absent.
///
/// Validation happens once, in the initialiser; the getters then cannot fail, and asking for a key that the table
/// does not declare is a bug of ours and traps.
public struct Configuration: Sendable {
    let values: JSONObject
    let parameters: [Parameter]

    /// Checks a whole document against its declarations.
    ///
    /// - Parameter path: where this object stands, for refusals; `$` is the document.
    /// - Throws: every problem found, not only the first.
    public init(_ document: JSONValue, parameters: [Parameter], path: String = "$") throws(ConfigurationRefused) {
        var validation = Validation()
        let checked = validation.check(object: document, against: parameters, at: path)
        guard validation.problems.isEmpty else { throw ConfigurationRefused(validation.problems) }
        self.init(checked: checked, parameters: parameters)
    }

    private init(checked: JSONObject, parameters: [Parameter]) {
        values = checked
        self.parameters = parameters
    }

    /// The text of a `.text` or `.choice` key that is required or has a default.
    public func text(_ key: String) -> String {
        guard let text = optionalText(key) else { preconditionFailure("\(key) may be absent: use optionalText") }
        return text
    }

    /// The text of a key, or `nil` when it is not set.
    public func optionalText(_ key: String) -> String? { value(key)?.string }

    /// The number of an `.integer` key, in its declared unit.
    public func integer(_ key: String) -> Int {
        guard let number = optionalInteger(key) else {
            preconditionFailure("\(key) may be absent: use optionalInteger")
        }
        return number
    }

    /// The number of a key, or `nil` when it is not set.
    public func optionalInteger(_ key: String) -> Int? { value(key)?.integer.map(Int.init) }

    /// The value of a `.boolean` key that is required or has a default.
    public func boolean(_ key: String) -> Bool {
        guard let flag = optionalBoolean(key) else {
            preconditionFailure("\(key) may be absent: use optionalBoolean")
        }
        return flag
    }

    /// The value of a key, or `nil` when it is not set.
    public func optionalBoolean(_ key: String) -> Bool? { value(key)?.bool }

    /// Whether a key has a value, given or by default.
    public func isSet(_ key: String) -> Bool { value(key) != nil }

    /// The elements of a `.texts` key; empty when not set.
    public func texts(_ key: String) -> [String] { value(key)?.array?.compactMap(\.string) ?? [] }

    /// The elements of an `.integers` key; empty when not set.
    public func integers(_ key: String) -> [Int] { value(key)?.array?.compactMap { $0.integer.map(Int.init) } ?? [] }

    /// Where a `.secret` key says its value is, or `nil` when it is not set.
    public func secret(_ key: String) -> SecretSource? {
        guard let value = value(key) else { return nil }
        if let text = value.string { return .inline(text) }
        if let path = value["file"]?.string { return .file(path) }
        return value["environment"]?.string.map(SecretSource.environment)
    }

    /// A nested object.
    public func section(_ key: String) -> Configuration {
        guard case .section(let nested) = parameter(key).kind, let object = value(key)?.object else {
            preconditionFailure("\(key) is not a section")
        }
        return Configuration(checked: object, parameters: nested)
    }

    /// The elements of a `.list` key; empty when not set.
    public func list(_ key: String) -> [Configuration] {
        guard case .list(let nested) = parameter(key).kind else { preconditionFailure("\(key) is not a list") }
        return (value(key)?.array ?? []).compactMap(\.object).map { Configuration(checked: $0, parameters: nested) }
    }

    /// The entries of a `.map` key in document order; empty when not set.
    public func map(_ key: String) -> [(name: String, value: Configuration)] {
        guard case .map(let nested) = parameter(key).kind else { preconditionFailure("\(key) is not a map") }
        return (value(key)?.object?.members ?? []).compactMap { member in
            member.value.object.map { (member.key, Configuration(checked: $0, parameters: nested)) }
        }
    }

    private func parameter(_ key: String) -> Parameter {
        guard let parameter = parameters.first(where: { $0.key == key }) else {
            preconditionFailure("configuration key \(key) is not declared")
        }
        return parameter
    }

    private func value(_ key: String) -> JSONValue? {
        values[parameter(key).key]
    }
}

/// Where a secret's bytes come from; reading them is I/O and belongs to the caller.
public enum SecretSource: Sendable, Equatable {
    /// The value itself.
    case inline(String)
    /// A file whose content, less trailing line breaks, is the value.
    case file(String)
    /// The name of an environment variable.
    case environment(String)
}
