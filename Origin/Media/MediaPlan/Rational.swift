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

    /// In words, for messages and logs.
    public var description: String { denominator == 1 ? "\(numerator)" : "\(numerator)/\(denominator)" }
}
