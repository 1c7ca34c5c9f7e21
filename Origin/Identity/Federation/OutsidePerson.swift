internal import JSON

/// A person as an outside provider speaks of them, in the words of this pool.
struct OutsidePerson: Sendable, Equatable {
    private static let maximumBytes = 2048

    /// Who it is to the provider.
    let subject: String
    /// Our attributes, as far as the provider has said something of them.
    let attributes: [String: String]

    /// Reads claims by a mapping of attributes to claims; what is too long, or no plain value, is left out.
    init(subject: String, claims: JSONObject, mapping: [String: String]) {
        self.subject = subject
        var attributes: [String: String] = [:]
        for (name, claim) in mapping where name != "username" {
            guard let value = claims[claim].flatMap(Self.text), value.utf8.count <= Self.maximumBytes else { continue }
            attributes[name] = name.hasSuffix("_verified") ? (value == "true" ? "true" : "false") : value
        }
        if attributes["email"].map(Self.isAddress) != true {
            attributes["email"] = nil
            attributes["email_verified"] = nil
        }
        self.attributes = attributes
    }

    /// The address that the provider says the person has proven; nil for one that it does not vouch for.
    var provenEmail: String? { attributes["email_verified"] == "true" ? attributes["email"] : nil }

    /// The name of an account of its own; a subject that is too long for a name is hashed.
    func username(at provider: String) -> String {
        let name = "\(provider)_\(subject)"
        return name.utf8.count <= 128 ? name : "\(provider)_\(RandomName.text(of: RandomName.hash(subject)))"
    }

    private static func text(_ value: JSONValue) -> String? {
        switch value {
        case .string(let text): text.isEmpty ? nil : text
        case .bool(let flag): flag ? "true" : "false"
        case .integer(let number): "\(number)"
        default: nil
        }
    }

    private static func isAddress(_ text: String) -> Bool {
        text.contains("@") && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7f }
    }
}
