/// A positive or zero fraction in lowest terms; media rates and ratios are never floating point.
public struct Rational: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Above the line.
    public let numerator: Int
    /// Below the line; never zero.
    public let denominator: Int

    /// Reduces `numerator`/`denominator`; nil unless both are positive and small enough (below 2^31) to multiply.
    public init?(_ numerator: Int, _ denominator: Int) {
        guard numerator > 0, denominator > 0 else { return nil }
        var (a, b) = (numerator, denominator)
        while b != 0 { (a, b) = (b, a % b) }
        guard numerator / a <= Int32.max, denominator / a <= Int32.max else { return nil }
        self.numerator = numerator / a
        self.denominator = denominator / a
    }

    init(known numerator: Int, _ denominator: Int) {
        self.numerator = numerator
        self.denominator = denominator
    }

    /// 1/1.
    public static let one = Rational(known: 1, 1)

    /// Compares by cross-multiplying.
    public static func < (left: Rational, right: Rational) -> Bool {
        left.numerator * right.denominator < right.numerator * left.denominator
    }

    /// The nearest double, for messages and ratios of sizes.
    public var value: Double { Double(numerator) / Double(denominator) }

    /// In words, for messages and logs.
    public var description: String { denominator == 1 ? "\(numerator)" : "\(numerator)/\(denominator)" }

    /// `microseconds` in units of this many seconds, to the nearest one, halves away from zero.
    public func units(microseconds: Int64) -> Int64 {
        let divisor = UInt64(numerator) * 1_000_000
        var (high, low) = microseconds.magnitude.multipliedFullWidth(by: UInt64(denominator))
        let (sum, carries) = low.addingReportingOverflow(divisor / 2)
        low = sum
        if carries { high += 1 }
        guard high < divisor else { return microseconds < 0 ? -Self.manyUnits : Self.manyUnits }
        let units = min(Int64(clamping: divisor.dividingFullWidth((high, low)).quotient), Self.manyUnits)
        return microseconds < 0 ? -units : units
    }

    /// `units` of this many seconds in microseconds, to the nearest one, halves away from zero.
    public func microseconds(units: Int64) -> Int64 {
        let divisor = UInt64(denominator)
        var (high, low) = units.magnitude.multipliedFullWidth(by: UInt64(numerator) * 1_000_000)
        let (sum, carries) = low.addingReportingOverflow(divisor / 2)
        low = sum
        if carries { high += 1 }
        guard high < divisor else { return units < 0 ? -Self.manyUnits : Self.manyUnits }
        let result = min(Int64(clamping: divisor.dividingFullWidth((high, low)).quotient), Self.manyUnits)
        return units < 0 ? -result : result
    }

    /// Beyond every time that means something; sums of a few of them still fit.
    private static let manyUnits: Int64 = 1 << 60
}
