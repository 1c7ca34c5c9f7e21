/// All sixteen lower-case hexadecimal digits of a number, as ids are written.
public struct HexadecimalDigits: Sendable, Hashable {
    /// The first eight digits, in the order of the text in memory.
    public let first: UInt64
    /// The last eight.
    public let last: UInt64

    /// The digits of `value`.
    public init(of value: UInt64) {
        first = Self.digits(of: UInt32(value >> 32)).bigEndian
        last = Self.digits(of: UInt32(truncatingIfNeeded: value)).bigEndian
    }

    /// Eight digits side by side in one register, without a loop.
    private static func digits(of value: UInt32) -> UInt64 {
        var nibbles = UInt64(value)
        nibbles = (nibbles | nibbles << 16) & 0x0000_ffff_0000_ffff
        nibbles = (nibbles | nibbles << 8) & 0x00ff_00ff_00ff_00ff
        nibbles = (nibbles | nibbles << 4) & 0x0f0f_0f0f_0f0f_0f0f
        let isLetter = (nibbles &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
        let letterOffset = UInt64(UInt8(ascii: "a") - 10 - UInt8(ascii: "0"))
        return nibbles &+ 0x3030_3030_3030_3030 &+ isLetter &* letterOffset
    }
}
