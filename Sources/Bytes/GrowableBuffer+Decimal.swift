extension GrowableBuffer {
    /// Appends `value` in decimal, without going through a string.
    public mutating func append(decimal value: Int) {
        if value < 0 { append(UInt8(ascii: "-")) }
        append(decimal: UInt64(value.magnitude))
    }

    /// Appends `value` in decimal, without going through a string.
    public mutating func append(decimal value: UInt64) {
        reserve(20)
        // Most numbers are a status, a part of an address or an age: they are taken apart by comparisons.
        if value < 10 {
            free.storeBytes(of: UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: value), as: UInt8.self)
            tail &+= 1
        } else if value < 100 {
            free.storeBytes(of: Self.pair(value), as: UInt16.self)
            tail &+= 2
        } else if value < 1_000 {
            let (hundreds, rest) = value.quotientAndRemainder(dividingBy: 100)
            free.storeBytes(of: UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: hundreds), as: UInt8.self)
            free.storeBytes(of: Self.pair(rest), toByteOffset: 1, as: UInt16.self)
            tail &+= 3
        } else {
            let width = Self.digitCount(value)
            writeDigits(value, width: width)
            tail &+= width
        }
    }

    /// Appends `value` as exactly `width` decimal digits with leading zeros, as dates need.
    ///
    /// Traps if it does not fit.
    public mutating func append(decimal value: Int, width: Int) {
        reserve(width)
        let rest = writeDigits(UInt64(value), width: width)
        precondition(rest == 0, "number wider than its field")
        tail &+= width
    }

    /// Writes the last `width` digits from right to left, two at a time because a division costs more than a look at a table;
    /// returns what is left of the number.
    @discardableResult
    @inline(__always)
    private func writeDigits(_ value: UInt64, width: Int) -> UInt64 {
        let start = free
        var rest = value
        var end = width
        while end >= 2 {
            end &-= 2
            let (quotient, pair) = rest.quotientAndRemainder(dividingBy: 100)
            rest = quotient
            start.storeBytes(of: Self.pair(pair), toByteOffset: end, as: UInt16.self)
        }
        if end == 1 {
            start.storeBytes(of: UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10), as: UInt8.self)
            rest /= 10
        }
        return rest
    }

    @inline(__always)
    private static func digitCount(_ value: UInt64) -> Int {
        var count = 0
        var rest = value
        while rest >= 10_000 {
            rest /= 10_000
            count &+= 4
        }
        if rest < 100 { return count &+ (rest < 10 ? 1 : 2) }
        return count &+ (rest < 1_000 ? 3 : 4)
    }

    /// The two digits of a number below 100.
    @inline(__always)
    private static func pair(_ value: UInt64) -> UInt16 {
        UnsafeRawPointer(pairs.utf8Start).loadUnaligned(
            fromByteOffset: 2 &* Int(truncatingIfNeeded: value), as: UInt16.self)
    }

    /// `00` to `99`.
    private static let pairs: StaticString = """
        0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849\
        5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899
        """
}
