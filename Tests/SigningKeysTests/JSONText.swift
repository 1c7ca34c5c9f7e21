import JSON

/// An order of the control log as a test reads it.
struct JSONText {
    private let value: JSONValue

    init(_ text: String) throws {
        value = try JSONValue.parse(Array(text.utf8))
    }

    /// The ids of an order about keys, by group.
    var groups: [String: [String]]? {
        value["keys"]?["groups"]?.object.map { object in
            object.members.reduce(into: [:]) { groups, member in
                groups[member.key] = member.value.array?.compactMap { $0["id"]?.string }
            }
        }
    }
}
