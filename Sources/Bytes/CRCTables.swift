/// Eight tables of 256 entries for a reflected CRC of 32 or 64 bits: "slicing by eight", eight bytes per step.
struct CRCTables<Word: FixedWidthInteger & UnsignedInteger & Sendable>: Sendable {
    private let entries: [Word]

    init(polynomial: Word) {
        var entries = [Word](repeating: 0, count: 8 * 256)
        for index in 0..<256 {
            var value = Word(index)
            for _ in 0..<8 {
                value = value & 1 == 1 ? value >> 1 ^ polynomial : value >> 1
            }
            entries[index] = value
        }
        for index in 256..<8 * 256 {
            let previous = entries[index - 256]
            entries[index] = previous >> 8 ^ entries[Int(previous & 255)]
        }
        self.entries = entries
    }

    func advance(_ state: Word, over bytes: UnsafeRawBufferPointer) -> Word {
        entries.withUnsafeBufferPointer { table in
            var state = state
            var offset = 0
            while bytes.count - offset >= 8 {
                let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                let next = word ^ UInt64(truncatingIfNeeded: state)
                state = table[7 * 256 + Int(next & 255)] ^ table[6 * 256 + Int(next >> 8 & 255)]
                state ^= table[5 * 256 + Int(next >> 16 & 255)] ^ table[4 * 256 + Int(next >> 24 & 255)]
                state ^= table[3 * 256 + Int(next >> 32 & 255)] ^ table[2 * 256 + Int(next >> 40 & 255)]
                state ^= table[256 + Int(next >> 48 & 255)] ^ table[Int(next >> 56)]
                offset += 8
            }
            while offset < bytes.count {
                state = state >> 8 ^ table[Int(UInt8(truncatingIfNeeded: state) ^ bytes[offset])]
                offset += 1
            }
            return state
        }
    }
}
