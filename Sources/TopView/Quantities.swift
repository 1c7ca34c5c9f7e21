/// Numbers as a person reads them at a glance.
enum Quantities {
    /// `0`, `0.4`, `12`, `1,234`, `56.7k`, `8.9M`
    static func count(_ value: Double) -> String {
        switch value {
        case ..<0.05: "0"
        case ..<10: fixed(value, 1)
        case ..<10_000: grouped(Int(value.rounded()))
        case ..<1_000_000: fixed(value / 1_000, 1) + "k"
        default: fixed(value / 1_000_000, 1) + "M"
        }
    }

    /// The same of what comes in whole numbers.
    static func whole(_ value: Double) -> String {
        value < 10 ? Int(value.rounded()).description : count(value)
    }

    /// `0 B`, `12.3 KiB`, `4.0 GiB`
    static func bytes(_ value: Double) -> String {
        var (value, index) = (value, 0)
        let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]
        while value >= 1_024, index < units.count - 1 { (value, index) = (value / 1_024, index + 1) }
        return "\(index == 0 ? Int(value.rounded()).description : fixed(value, 1)) \(units[index])"
    }

    /// `-`, `80 µs`, `1.2 ms`, `3.4 s`
    static func duration(_ seconds: Double?) -> String {
        guard let seconds else { return "-" }
        switch seconds {
        case ..<0.001: return "\(Int((seconds * 1e6).rounded())) µs"
        case ..<1: return fixed(seconds * 1e3, seconds < 0.01 ? 1 : 0) + " ms"
        default: return fixed(seconds, 1) + " s"
        }
    }

    /// `-`, `97.3 %`
    static func share(_ share: Double?) -> String {
        guard let share else { return "-" }
        return fixed(share * 100, 1) + " %"
    }

    static func fixed(_ value: Double, _ digits: Int) -> String {
        let scale = digits == 0 ? 1.0 : 10.0
        let tenths = Int((value * scale).rounded())
        return digits == 0 ? tenths.description : "\(tenths / 10).\(tenths % 10)"
    }

    private static func grouped(_ value: Int) -> String {
        value < 1_000
            ? value.description : "\(value / 1_000),\(String((value % 1_000 + 1_000).description.dropFirst()))"
    }
}
