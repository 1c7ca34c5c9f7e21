/// A bar that fills, with words behind it.
enum Bar {
    private static let width = 24

    /// Bar and percentage, then as many of `parts` as fit into `width` columns.
    static func line(progress: Double, _ parts: [String], width: Int) -> String {
        let filled = Int((progress * Double(Self.width)).rounded(.down))
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: Self.width - filled)
        var line = "  [\(bar)] \(percent(progress))"
        for part in parts {
            guard line.count + part.count + 2 < width else { break }
            line += "  \(part)"
        }
        return String(line.prefix(max(width - 1, 0)))
    }

    static func percent(_ progress: Double) -> String { "\(Int(progress * 100)) %" }
}
