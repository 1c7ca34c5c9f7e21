/// Decimal texts of RFC 8216 §4.2, kept as integers so that sums of durations do not drift.
enum PlaylistNumbers {
    /// A decimal-integer: 1 to 19 digits without a sign.
    static func integer(_ text: Substring) -> Int? {
        let digits = text.utf8
        guard (1...19).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(text)
    }

    /// A decimal-floating-point in units of 10^-places, half up; a leading minus only when `signed`.
    static func fixed(_ text: Substring, places: Int, signed: Bool = false) -> Int64? {
        var rest = text
        let isNegative = signed && rest.utf8.first == UInt8(ascii: "-")
        if isNegative { rest = rest.dropFirst() }
        let parts = rest.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, first.utf8.count <= 9, var value = integer(first).map(Int64.init) else {
            return nil
        }
        let fraction = parts.count == 2 ? Array(parts[1].utf8) : []
        guard parts.count == 1 || (1...18).contains(fraction.count) else { return nil }
        guard fraction.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        for place in 0..<places {
            value = value * 10 + (place < fraction.count ? Int64(fraction[place] - 0x30) : 0)
        }
        if fraction.count > places, fraction[places] >= 0x35 { value += 1 }
        return isNegative ? -value : value
    }

    /// Writes units of 10^-places with exactly that many decimals.
    static func text(_ value: Int64, places: Int) -> String {
        var scale: UInt64 = 1
        for _ in 0..<places { scale *= 10 }
        let fraction = String(value.magnitude % scale)
        let zeros = String(repeating: "0", count: places - fraction.utf8.count)
        return "\(value < 0 ? "-" : "")\(value.magnitude / scale).\(zeros)\(fraction)"
    }
}
