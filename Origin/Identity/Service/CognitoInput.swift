internal import JSON

/// The JSON input of an operation, read by field with Cognito's own refusals.
struct CognitoInput: Sendable {
    private let object: JSONObject

    init(_ body: [UInt8]) throws(CognitoError) {
        guard let object = try? JSONValue.parse(body).object else {
            throw CognitoError("SerializationException", "The request body is not a JSON object.")
        }
        self.object = object
    }

    /// Text of 1 to `limit` bytes.
    func text(_ name: String, limit: Int = 4096) throws(CognitoError) -> String {
        guard let text = try optionalText(name, limit: limit) else {
            throw .invalidParameter("Missing required parameter \(name)")
        }
        return text
    }

    /// Text of 1 to `limit` bytes; nil where the field is absent or null.
    func optionalText(_ name: String, limit: Int = 4096) throws(CognitoError) -> String? {
        guard let value = object[name], !value.isNull else { return nil }
        guard let text = value.string, (1...limit).contains(text.utf8.count) else {
            throw .invalidParameter("Value at '\(name)' must be text of 1 to \(limit) bytes")
        }
        return text
    }

    func flag(_ name: String) throws(CognitoError) -> Bool {
        try optionalFlag(name) ?? false
    }

    /// Nil where the field is absent or null.
    func optionalFlag(_ name: String) throws(CognitoError) -> Bool? {
        guard let value = object[name], !value.isNull else { return nil }
        guard let flag = value.bool else { throw .invalidParameter("Value at '\(name)' must be true or false") }
        return flag
    }

    /// A whole number in `range`; nil where the field is absent or null.
    func optionalInteger(_ name: String, in range: ClosedRange<Int64>) throws(CognitoError) -> Int64? {
        guard let value = object[name], !value.isNull else { return nil }
        guard let number = value.integer, range.contains(number) else {
            throw .invalidParameter(
                "Value at '\(name)' must be a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// One of the texts that are allowed; nil where the field is absent or null.
    func choice(_ name: String, of allowed: [String]) throws(CognitoError) -> String? {
        guard let text = try optionalText(name) else { return nil }
        guard allowed.contains(text) else {
            throw .invalidParameter("Value at '\(name)' must be one of \(allowed.joined(separator: ", "))")
        }
        return text
    }

    /// A list of texts; nil where the field is absent or null.
    func texts(_ name: String, limit: Int) throws(CognitoError) -> [String]? {
        guard let value = object[name], !value.isNull else { return nil }
        guard let list = value.array, list.count <= limit else {
            throw .invalidParameter("Value at '\(name)' must be a list of at most \(limit) texts")
        }
        let texts = list.compactMap(\.string)
        guard texts.count == list.count else {
            throw .invalidParameter("Value at '\(name)' must be a list of texts")
        }
        return texts
    }

    /// Any JSON value (a document of the model).
    func document(_ name: String) throws(CognitoError) -> JSONValue {
        guard let value = object[name], !value.isNull else {
            throw .invalidParameter("Missing required parameter \(name)")
        }
        return value
    }

    /// Refuses what is asked for beside `supported`, by its name.
    func refuseAll(but supported: Set<String>, of section: String? = nil) throws(CognitoError) {
        let asked = object.members.first { member in
            !supported.contains(member.key) && !member.value.isNull && member.value.array?.isEmpty != true
        }
        guard let asked else { return }
        throw .invalidParameter("\(section.map { "\($0)." } ?? "")\(asked.key) is not supported")
    }

    /// A nested object; nil where it is absent or null.
    func section(_ name: String) throws(CognitoError) -> CognitoInput? {
        try object(name).map { CognitoInput($0) }
    }

    /// A nested object as it is; nil where it is absent or null.
    func object(_ name: String) throws(CognitoError) -> JSONObject? {
        guard let value = object[name], !value.isNull else { return nil }
        guard let section = value.object else { throw .invalidParameter("Value at '\(name)' must be an object") }
        return section
    }

    init(_ object: JSONObject) {
        self.object = object
    }

    /// A user name: 1 to 128 characters without white space or control characters.
    func username(_ name: String = "Username") throws(CognitoError) -> String {
        let username = try text(name, limit: 512)
        guard username.unicodeScalars.count <= 128,
            username.unicodeScalars.allSatisfy({ !$0.properties.isWhitespace && $0.value >= 0x20 && $0.value != 0x7f })
        else {
            throw .invalidParameter("Value at '\(name)' must have at most 128 characters and no white space")
        }
        return username
    }

    /// A list of names of attributes, empty where it is absent; the service's own are refused unless `privileged`.
    func attributeNames(
        _ name: String = "UserAttributeNames", privileged: Bool = false
    ) throws(CognitoError) -> [String] {
        guard let value = object[name], !value.isNull else { return [] }
        let names = value.array?.compactMap(\.string) ?? []
        guard names.count == value.array?.count, names.count <= 50 else {
            throw .invalidParameter("Value at '\(name)' must be a list of at most 50 names")
        }
        guard privileged || !names.contains(where: Self.isReserved) else {
            throw .notAuthorized("A client attempted to write unauthorized attribute")
        }
        return names
    }

    /// Whether only the service itself, or an administrator, writes the attribute.
    private static func isReserved(_ name: String) -> Bool {
        ["sub", "email_verified", "phone_number_verified", "identities"].contains(name) || name.hasPrefix("cognito:")
    }

    /// `[{"Name": …, "Value": …}]`; names that are the service's own are refused unless `privileged`.
    func attributes(_ name: String = "UserAttributes", privileged: Bool = false) throws(CognitoError) -> [String:
        String]
    {
        guard let value = object[name], !value.isNull else { return [:] }
        guard let list = value.array, list.count <= 50 else {
            throw .invalidParameter("Value at '\(name)' must be a list of at most 50 attributes")
        }
        var attributes: [String: String] = [:]
        for item in list {
            guard let key = item["Name"]?.string,
                let value = item["Value"]?.string ?? (item["Value"] == nil ? "" : nil),
                (1...32).contains(key.utf8.count) || key.hasPrefix("custom:"), key.utf8.count <= 64,
                value.utf8.count <= 2048
            else { throw .invalidParameter("Value at '\(name)' holds an attribute that is too long or no text") }
            guard
                !Self.isReserved(key)
                    || (privileged && key != "sub" && key != "identities" && !key.hasPrefix("cognito:"))
            else {
                throw .notAuthorized("A client attempted to write unauthorized attribute")
            }
            attributes[key] = value
        }
        return attributes
    }
}
