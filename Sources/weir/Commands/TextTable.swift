/// A table for people: columns as wide as their widest cell, under a heading. Control characters are shown as `?`.
struct TextTable {
    private let rows: [[String]]

    init(heading: [String], rows: [[String]]) { self.rows = ([heading] + rows).map { $0.map(\.printable) } }

    /// One line for each row, without spaces at its end.
    var text: String {
        let widths = rows[0].indices.map { column in rows.map { $0[column].unicodeScalars.count }.max() ?? 0 }
        return rows.map { row in
            let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.unicodeScalars.count) }
            let line = cells.joined(separator: "  ")
            return String(line[..<(line.lastIndex { $0 != " " }.map { line.index(after: $0) } ?? line.startIndex)])
                + "\n"
        }.joined()
    }
}
