/// Numbers as people read them in a report.
enum Quantity {
    static func seconds(_ microseconds: Int64) -> String { "\(decimal(Double(microseconds) / 1_000_000, places: 3)) s" }

    static func rate(_ bitsPerSecond: Int) -> String { "\(decimal(Double(bitsPerSecond) / 1_000, places: 1)) kb/s" }

    /// With exactly `places` decimals, half up; large numbers are given without.
    static func decimal(_ value: Double, places: Int) -> String {
        guard value.isFinite, value.magnitude < 1e12 else { return "\(value)" }
        var scale: Int64 = 1
        for _ in 0..<places { scale *= 10 }
        let units = Int64((value.magnitude * Double(scale)).rounded())
        let fraction = String(units % scale)
        let sign = value < 0 && units > 0 ? "-" : ""
        guard places > 0 else { return sign + String(units) }
        return "\(sign)\(units / scale)." + String(repeating: "0", count: places - fraction.utf8.count) + fraction
    }

    static func percent(_ part: Int, of whole: Int) -> String {
        guard whole > 0 else { return "no part" }
        return "\(decimal(Double(part) / Double(whole) * 100, places: 0)) %"
    }

    /// `ticks` of `timescale` in microseconds, clamped.
    static func microseconds(_ ticks: Int64, timescale: UInt32) -> Int64 {
        guard timescale > 0 else { return 0 }
        let (high, low) = UInt64(ticks.magnitude).multipliedFullWidth(by: 1_000_000)
        guard high < UInt64(timescale) else { return ticks < 0 ? .min : .max }
        let value = Int64(clamping: UInt64(timescale).dividingFullWidth((high, low)).quotient)
        return ticks < 0 ? -value : value
    }
}
