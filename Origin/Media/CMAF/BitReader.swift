/// Reads bits, most significant first, and never outside of its bytes.
public struct BitReader: Sendable {
    /// The bits end before the syntax does.
    public struct OutOfBits: Error {
        /// The bytes end, or what they say cannot be.
        public init() {}
    }

    private let bytes: [UInt8]
    private var position = 0

    /// Reads `bytes` from their first bit on.
    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// A NAL unit's payload without the bytes that keep start codes out of it (ITU-T H.264 §7.4.1); at most `limit` bytes.
    public init(unescaping unit: ArraySlice<UInt8>, limit: Int = 4_096) {
        bytes = NALUnit.unescaped(unit, limit: limit)
    }

    /// Whether the next bit begins a byte.
    public var isAtByte: Bool { position & 7 == 0 }
    /// Bits that are left.
    public var remaining: Int { bytes.count * 8 - position }

    /// One bit.
    public mutating func bit() throws(OutOfBits) -> Bool {
        guard position < bytes.count * 8 else { throw OutOfBits() }
        defer { position += 1 }
        return bytes[position >> 3] >> (7 - UInt8(position & 7)) & 1 == 1
    }

    /// Up to 64 bits.
    public mutating func bits(_ count: Int) throws(OutOfBits) -> UInt64 {
        guard count <= remaining else { throw OutOfBits() }
        var value: UInt64 = 0
        for _ in 0..<count { value = value << 1 | (try bit() ? 1 : 0) }
        return value
    }

    /// As many bits as fit a number.
    public mutating func int(_ count: Int) throws(OutOfBits) -> Int { Int(try bits(count)) }

    /// Passes over bits.
    public mutating func skip(_ count: Int) throws(OutOfBits) {
        guard count <= remaining else { throw OutOfBits() }
        position += count
    }

    /// ue(v): an unsigned Exp-Golomb code of up to 32 bits.
    public mutating func unsigned() throws(OutOfBits) -> Int {
        var zeros = 0
        while try !bit() {
            zeros += 1
            if zeros > 32 { throw OutOfBits() }
        }
        return (1 << zeros) - 1 + Int(try bits(zeros))
    }

    /// se(v): a signed Exp-Golomb code.
    public mutating func signed() throws(OutOfBits) -> Int {
        let code = try unsigned()
        return code & 1 == 1 ? (code + 1) / 2 : -(code / 2)
    }
}
