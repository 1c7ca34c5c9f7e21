extension GrowableBuffer {
    /// Appends a copy of `bytes`, which must not point into this buffer.
    @inlinable
    public mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress, !bytes.isEmpty else { return }
        append(source, count: bytes.count)
    }

    /// Appends a copy of `bytes`.
    public mutating func append(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { append($0) }
    }

    /// Appends a copy of `bytes`.
    public mutating func append(_ bytes: ArraySlice<UInt8>) {
        bytes.withUnsafeBytes { append($0) }
    }

    /// Appends a literal; nothing is allocated, and a literal known where this is inlined becomes a few stores.
    @inlinable
    @inline(__always)
    public mutating func append(_ literal: StaticString) {
        append(UnsafeRawPointer(literal.utf8Start), count: literal.utf8CodeUnitCount)
    }

    /// Appends one byte.
    @inlinable
    @inline(__always)
    public mutating func append(_ byte: UInt8) {
        reserve(1)
        free.storeBytes(of: byte, as: UInt8.self)
        tail += 1
    }

    @inlinable
    @inline(__always)
    mutating func append(_ source: UnsafeRawPointer, count: Int) {
        reserve(count)
        free.copyMemory(from: source, byteCount: count)
        tail += count
    }

    /// Where the next byte goes; only after `reserve`.
    @inlinable
    var free: UnsafeMutableRawPointer { storage.baseAddress.unsafelyUnwrapped + tail }

    /// Appends the UTF-8 of `string`.
    public mutating func append(string: String) {
        var string = string
        string.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    /// Appends `value` in decimal, without going through a string.
    public mutating func append(decimal value: Int) {
        append(decimal: value.magnitude, negative: value < 0)
    }

    /// Appends `value` in decimal, without going through a string.
    public mutating func append(decimal value: UInt64) {
        append(decimal: UInt(value), negative: false)
    }

    /// Appends `value` in lower-case hexadecimal without leading zeros, as chunk sizes are written.
    public mutating func append(hexadecimal value: UInt64) {
        let digits = max(1, (64 - value.leadingZeroBitCount + 3) / 4)
        reserve(digits)
        for index in 0..<digits {
            storage[tail + index] = Hex.digit(UInt8(truncatingIfNeeded: value >> UInt64(4 * (digits - 1 - index)) & 15))
        }
        tail += digits
    }

    /// Appends all 16 lower-case hexadecimal digits of `value`, as ids are written.
    public mutating func append(hexadecimalDigits value: UInt64) {
        reserve(16)
        free.storeBytes(of: Self.hexadecimalDigits(UInt32(value >> 32)).bigEndian, as: UInt64.self)
        tail += 8
        free.storeBytes(of: Self.hexadecimalDigits(UInt32(truncatingIfNeeded: value)).bigEndian, as: UInt64.self)
        tail += 8
    }

    /// Eight digits side by side in one register, without a loop.
    private static func hexadecimalDigits(_ value: UInt32) -> UInt64 {
        var nibbles = UInt64(value)
        nibbles = (nibbles | nibbles << 16) & 0x0000_ffff_0000_ffff
        nibbles = (nibbles | nibbles << 8) & 0x00ff_00ff_00ff_00ff
        nibbles = (nibbles | nibbles << 4) & 0x0f0f_0f0f_0f0f_0f0f
        let isLetter = (nibbles + 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
        let letterOffset = UInt64(UInt8(ascii: "a") - 10 - UInt8(ascii: "0"))
        return nibbles + 0x3030_3030_3030_3030 + isLetter * letterOffset
    }

    /// Appends `value` as exactly `width` decimal digits with leading zeros, as dates need.
    ///
    /// Traps if it does not fit.
    public mutating func append(decimal value: Int, width: Int) {
        reserve(width)
        var rest = value
        for index in stride(from: width - 1, through: 0, by: -1) {
            storage[tail + index] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        }
        precondition(rest == 0 && value >= 0, "number wider than its field")
        tail += width
    }

    private mutating func append(decimal magnitude: UInt, negative: Bool) {
        reserve(20)
        var digits = 1
        var limit = magnitude
        while limit >= 10 {
            limit /= 10
            digits += 1
        }
        if negative {
            storage[tail] = UInt8(ascii: "-")
            tail += 1
        }
        var rest = magnitude
        for index in stride(from: digits - 1, through: 0, by: -1) {
            storage[tail + index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        tail += digits
    }
}
