/// The decimal digits of a number, as many as fit a register, made side by side without a loop or a branch.
public struct DecimalDigits: Sendable, Hashable {
    /// The digits in the order of the text in memory; what follows them is not specified.
    public let text: UInt64
    /// How many digits there are.
    public let count: Int

    /// The digits of a number below 10,000, without leading zeros; 0 has one. For most numbers of a log this is enough, and half
    /// the work.
    @inlinable
    public init(brief value: UInt32) {
        let hundreds = value / 100
        let pairs = hundreds | (value &- hundreds &* 100) &<< 16
        let tens = (pairs &* 103) &>> 10 & 0x000f_000f
        let digits = tens | (pairs &- tens &* 10) &<< 8
        let zeros = (digits | 1 &<< 24).trailingZeroBitCount & 0x18
        text = UInt64((digits | 0x3030_3030) &>> UInt32(truncatingIfNeeded: zeros))
        count = 4 &- zeros &>> 3
    }

    /// The digits of a number below 100,000,000, without leading zeros; 0 has one.
    @inlinable
    public init(short value: UInt32) {
        let digits = Self.eight(value)
        // The last digit counts whatever it is.
        let zeros = (digits | 1 << 56).trailingZeroBitCount & 0x38
        text = (digits | Self.zeros) &>> UInt64(truncatingIfNeeded: zeros)
        count = 8 &- zeros &>> 3
    }

    /// All eight digits of a number below 100,000,000.
    @inlinable
    public init(eight value: UInt32) {
        text = Self.eight(value) | Self.zeros
        count = 8
    }

    /// All three digits of a number below 1,000; the other bytes are 0.
    @inlinable
    public init(three value: UInt32) {
        let hundreds = value / 100
        let rest = value &- hundreds &* 100
        let tens = rest / 10
        text = UInt64(0x30_3030 | hundreds | tens &<< 8 | (rest &- tens &* 10) &<< 16)
        count = 3
    }

    @inlinable static var zeros: UInt64 { 0x3030_3030_3030_3030 }

    /// The values of eight digits, a byte each: halves, then pairs, then digits, each step on all parts at once. The factors
    /// are reciprocals that are exact for numbers of four and of two digits.
    @inlinable
    static func eight(_ value: UInt32) -> UInt64 {
        let high = value / 10_000
        let halves = UInt64(high) | UInt64(value &- high &* 10_000) << 32
        let hundreds = (halves &* 10_486) >> 20 & 0x0000_007f_0000_007f
        let pairs = hundreds | (halves &- hundreds &* 100) << 16
        let tens = (pairs &* 103) >> 10 & 0x000f_000f_000f_000f
        return tens | (pairs &- tens &* 10) << 8
    }
}
