import JSON

/// Keys as a table for people.
struct KeyTable {
    private let keys: [JSONValue]

    init(_ keys: [JSONValue]) { self.keys = keys }

    var text: String {
        TextTable(
            heading: ["KEY", "STATE", "ALGORITHM", "CREATED", "UNTIL", "GROUP"], rows: keys.map(Self.row)
        ).text
    }

    private static func row(_ key: JSONValue) -> [String] {
        func text(_ name: String) -> String { key[name]?.string ?? "" }
        var state = text("state")
        if key["signsWhenTrusted"]?.bool == true { state += ", about to sign" }
        if key["hasPrivateKey"]?.bool == false, state == "trusted" { state += ", signed elsewhere" }
        let until = [text("verifiesUntil"), text("retiredAt")].last { !$0.isEmpty } ?? "-"
        return [text("keyPairId"), state, text("algorithm"), text("createdAt"), until, text("groupId")]
    }
}
