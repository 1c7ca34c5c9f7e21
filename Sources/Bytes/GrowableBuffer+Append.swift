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
        tail &+= 1
    }

    @inlinable
    @inline(__always)
    mutating func append(_ source: UnsafeRawPointer, count: Int) {
        reserve(count)
        free.copyMemory(from: source, byteCount: count)
        tail &+= count
    }

    /// Where the next byte goes; only after `reserve`.
    @inlinable
    var free: UnsafeMutableRawPointer { base.unsafelyUnwrapped + tail }

    /// Appends the UTF-8 of `string`.
    public mutating func append(string: String) {
        var string = string
        string.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    /// Appends `value` in lower-case hexadecimal without leading zeros, as chunk sizes are written.
    public mutating func append(hexadecimal value: UInt64) {
        let digits = max(1, (64 - value.leadingZeroBitCount + 3) / 4)
        reserve(digits)
        for index in 0..<digits {
            let digit = Hex.digit(UInt8(truncatingIfNeeded: value >> UInt64(4 * (digits - 1 - index)) & 15))
            free.storeBytes(of: digit, toByteOffset: index, as: UInt8.self)
        }
        tail &+= digits
    }

    /// Appends sixteen digits.
    @inlinable
    public mutating func append(_ digits: HexadecimalDigits) {
        reserve(16)
        free.storeBytes(of: digits.first, as: UInt64.self)
        free.storeBytes(of: digits.last, toByteOffset: 8, as: UInt64.self)
        tail &+= 16
    }
}
