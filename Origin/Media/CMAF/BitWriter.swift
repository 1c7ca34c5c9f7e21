/// Writes bits, most significant first.
struct BitWriter {
    private var bytes: [UInt8] = []
    /// Bits of the last byte that are not written yet.
    private var free = 0

    /// What was written, the last byte filled up with zeros.
    var written: [UInt8] { bytes }

    /// The low `count` bits of `value`.
    mutating func write(_ value: UInt64, bits count: Int) {
        for place in stride(from: count - 1, through: 0, by: -1) {
            if free == 0 {
                bytes.append(0)
                free = 8
            }
            free -= 1
            bytes[bytes.count - 1] |= UInt8(truncatingIfNeeded: value >> UInt64(place) & 1) << UInt8(free)
        }
    }

    /// ue(v): an unsigned Exp-Golomb code (ITU-T H.264 §9.1).
    mutating func write(unsigned value: Int) {
        write(UInt64(value + 1), bits: Self.bits(ofUnsigned: value))
    }

    /// Length of the Exp-Golomb code of `value`.
    static func bits(ofUnsigned value: Int) -> Int { 2 * (Int.bitWidth - (value + 1).leadingZeroBitCount) - 1 }

    /// All that `reader` has left.
    mutating func write(rest reader: inout BitReader) throws(BitReader.OutOfBits) {
        while reader.remaining > 0 {
            let count = min(64, reader.remaining)
            write(try reader.bits(count), bits: count)
        }
    }
}
