import JSON

/// Keys as a table for people.
struct KeyTable {
    private let rows: [[String]]

    init(_ keys: [JSONValue]) {
        func text(_ key: JSONValue, _ name: String) -> String { key[name]?.string ?? "" }
        rows =
            [["KEY", "STATE", "ALGORITHM", "CREATED", "UNTIL", "GROUP"]]
            + keys.map { key in
                var state = text(key, "state")
                if key["signsWhenTrusted"]?.bool == true { state += ", about to sign" }
                if key["hasPrivateKey"]?.bool == false, state == "trusted" { state += ", signed elsewhere" }
                let until = [text(key, "verifiesUntil"), text(key, "retiredAt")].last { !$0.isEmpty } ?? "-"
                return [
                    text(key, "keyPairId"), state, text(key, "algorithm"), text(key, "createdAt"), until,
                    text(key, "groupId"),
                ]
            }
    }

    /// One line for each key, under a heading.
    var text: String {
        let widths = rows[0].indices.map { column in rows.map { $0[column].utf8.count }.max() ?? 0 }
        return rows.map { row in
            let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.utf8.count) }
            let line = cells.joined(separator: "  ")
            return String(line[..<(line.lastIndex { $0 != " " }.map { line.index(after: $0) } ?? line.startIndex)])
                + "\n"
        }.joined()
    }
}
