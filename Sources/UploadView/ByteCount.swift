/// Amounts of bytes for people.
public enum ByteCount {
    private static let units = ["KiB", "MiB", "GiB", "TiB"]

    /// Such as `812 bytes`, `3.4 KiB` or `1.0 GiB`; one decimal, cut and not rounded, so that a whole is only said of one.
    public static func text(_ bytes: Int64) -> String {
        guard bytes >= 1_024 else { return "\(max(bytes, 0)) bytes" }
        var (unit, scale) = (0, Int64(1_024))
        while unit < units.count - 1, bytes >= scale * 1_024 {
            unit += 1
            scale *= 1_024
        }
        // Tenths of the rest alone: ten times the whole would not fit for the largest.
        return "\(bytes / scale).\(bytes % scale * 10 / scale) \(units[unit])"
    }
}
