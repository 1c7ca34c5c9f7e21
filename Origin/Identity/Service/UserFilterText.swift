internal import Bytes
internal import Catalog

/// The filter of `ListUsers`: `name = "value"`, or `name ^= "value"` for a beginning; quotes in a value have a backslash.
enum UserFilterText {
    /// Attributes that can be searched for; custom ones cannot.
    private static let searchable: Set<String> = [
        "username", "email", "phone_number", "name", "given_name", "family_name", "preferred_username",
        "cognito:user_status", "status", "sub",
    ]

    static func parse(_ text: String) throws(CognitoError) -> IdentityUserFilter {
        guard let (name, isPrefix, value) = parts(of: text) else {
            throw .invalidParameter("Value at 'Filter' must be like: email = \"ann@example.com\", or name ^= \"An\"")
        }
        guard searchable.contains(name) else {
            throw .invalidParameter(
                "Value at 'Filter' names \(name); one of \(searchable.sorted().joined(separator: ", ")) can be searched for"
            )
        }
        let (field, wanted) = try field(name, value, isPrefix)
        return isPrefix ? .prefix(field, wanted) : .equal(field, wanted)
    }

    private static func field(
        _ name: String, _ value: String, _ isPrefix: Bool
    ) throws(CognitoError) -> (IdentityUserFilter.Field, String) {
        switch name {
        case "sub": return (.id, value)
        case "username": return (.usernameKey, value.lowercased())
        case "cognito:user_status": return (.status, value.uppercased())
        case "status":
            guard !isPrefix, let flag = ["Enabled": "1", "Disabled": "0"][value] else {
                throw .invalidParameter("Value at 'Filter': status must be = \"Enabled\" or = \"Disabled\"")
            }
            return (.isEnabled, flag)
        default: return (.attribute(name), value)
        }
    }

    private static func parts(of text: String) -> (name: String, isPrefix: Bool, value: String)? {
        guard let equals = text.firstIndex(of: "=") else { return nil }
        var name = text[..<equals]
        let isPrefix = name.last == "^"
        if isPrefix { name.removeLast() }
        let trimmed = trim(name)
        let unquoted =
            trimmed.count >= 2 && trimmed.first == "\"" && trimmed.last == "\""
            ? trimmed.dropFirst().dropLast() : trimmed
        guard let value = unquote(trim(text[text.index(after: equals)...])) else { return nil }
        return (String(unquoted), isPrefix, value)
    }

    private static func trim(_ text: Substring) -> Substring {
        var text = text
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return text
    }

    private static func unquote(_ text: Substring) -> String? {
        guard text.count >= 2, text.first == "\"", text.last == "\"" else { return nil }
        var (value, isEscaped) = ("", false)
        for character in text.dropFirst().dropLast() {
            if !isEscaped, character == "\\" {
                isEscaped = true
                continue
            }
            guard isEscaped || character != "\"" else { return nil }
            value.append(character)
            isEscaped = false
        }
        return isEscaped ? nil : value
    }
}
