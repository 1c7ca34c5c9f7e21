internal import Bytes

/// Where a line goes on, in memory that has room for its longest form: no piece of a line asks for room.
struct LineCursor {
    /// Where the next byte goes.
    private(set) var end: UnsafeMutableRawPointer
    private let start: UnsafeMutableRawPointer

    /// Bytes that a piece may touch behind its end.
    static let slack = 16

    init(at start: UnsafeMutableRawPointer) {
        self.start = start
        end = start
    }

    /// Bytes written.
    var count: Int { end - start }

    /// A literal becomes a few stores.
    @inline(__always)
    mutating func put(_ literal: StaticString) {
        end.copyMemory(from: literal.utf8Start, byteCount: literal.utf8CodeUnitCount)
        end += literal.utf8CodeUnitCount
    }

    /// One of a few literals.
    @inline(__always)
    mutating func put(word: StaticString) {
        put(AccessText(word))
    }

    /// Text that holds nothing to escape.
    @inline(__always)
    mutating func put(_ text: AccessText) {
        ByteCopy.copy(text.base, count: text.count, to: end)
        end += text.count
    }

    /// Some fields, written before.
    @inline(__always)
    mutating func put(block: UnsafeRawPointer, count: Int) {
        end.copyMemory(from: block, byteCount: count)
        end += count
    }

    mutating func put(_ byte: UInt8) {
        end.storeBytes(of: byte, as: UInt8.self)
        end += 1
    }

    /// The first `count` bytes of a register.
    @inline(__always)
    mutating func put(_ bytes: UInt64, count: Int) {
        end.storeBytes(of: bytes, as: UInt64.self)
        end += count
    }

    /// So many bytes have been written at `end`.
    mutating func advance(by byteCount: Int) {
        end += byteCount
    }

    mutating func put(decimal value: Int) {
        // A negative number is a large one here.
        let bits = UInt64(bitPattern: Int64(value))
        if bits < 10_000 {
            let digits = DecimalDigits(brief: UInt32(truncatingIfNeeded: bits))
            put(digits.text, count: digits.count)
        } else if bits < 100_000_000 {
            let digits = DecimalDigits(short: UInt32(truncatingIfNeeded: bits))
            put(digits.text, count: digits.count)
        } else {
            put(large: value)
        }
    }

    /// Three digits as a rule.
    @inline(__always)
    mutating func put(status: Int) {
        guard 100...999 ~= status else { return put(decimal: status) }
        put(DecimalDigits(three: UInt32(truncatingIfNeeded: status)).text, count: 3)
    }

    @inline(never)
    private mutating func put(large value: Int) {
        if value < 0 { put(UInt8(ascii: "-")) }
        let high = value.magnitude / 100_000_000
        let low = UInt32(truncatingIfNeeded: value.magnitude &- high &* 100_000_000)
        if high > 0 { put(decimal: Int(high)) }
        let digits = high > 0 ? DecimalDigits(eight: low) : DecimalDigits(short: low)
        put(digits.text, count: digits.count)
    }

    /// A number of thousandths, with three decimals.
    mutating func put(thousandths value: UInt64) {
        let whole = value / 1_000
        let decimals = DecimalDigits(three: UInt32(truncatingIfNeeded: value &- whole &* 1_000)).text
        let point = UInt64(UInt8(ascii: "."))
        if whole < 10 {
            put(UInt64(UInt8(ascii: "0")) &+ whole | point << 8 | decimals << 16, count: 5)
        } else {
            put(decimal: Int(whole))
            put(point | decimals << 8, count: 4)
        }
    }
}
