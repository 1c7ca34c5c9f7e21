internal import JSON
internal import SQLiteDatabase

/// Header fields, metadata or checksums as one column: a JSON object of strings, in the order of its names.
func encodeFields(_ fields: [String: String]) -> String {
    var object = JSONObject()
    for (name, value) in fields.sorted(by: { $0.key < $1.key }) { object[name] = .string(value) }
    return String(decoding: JSONValue.object(object).serialized(), as: UTF8.self)
}

extension Row {
    /// A column that holds a JSON object of strings.
    func fields(_ column: Int) throws -> [String: String] {
        let text = try text(column)
        guard text != "{}" else { return [:] }
        guard let object = try JSONValue.parse(text).object else {
            throw DatabaseError(.unexpectedType, "column \(column) holds no JSON object")
        }
        var fields: [String: String] = [:]
        for member in object.members { fields[member.key] = member.value.string }
        return fields
    }
}
