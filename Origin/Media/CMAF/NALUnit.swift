/// What lies in a unit of H.264, apart from the bytes that keep start codes out of it (ITU-T H.264 §7.4.1).
enum NALUnit {
    /// At most `limit` bytes of a unit's payload without those bytes.
    static func unescaped(_ unit: ArraySlice<UInt8>, limit: Int) -> [UInt8] {
        var plain: [UInt8] = []
        plain.reserveCapacity(min(unit.count, limit))
        var zeros = 0
        for byte in unit.prefix(limit) {
            if zeros >= 2, byte == 3 {
                zeros = 0
                continue
            }
            zeros = byte == 0 ? zeros + 1 : 0
            plain.append(byte)
        }
        return plain
    }

    /// A unit of `header` and the payload `plain`.
    static func escaped(header: UInt8, _ plain: [UInt8]) -> [UInt8] {
        var unit: [UInt8] = [header]
        unit.reserveCapacity(plain.count + plain.count / 64 + 1)
        var zeros = 0
        for byte in plain {
            if zeros >= 2, byte <= 3 {
                unit.append(3)
                zeros = 0
            }
            zeros = byte == 0 ? zeros + 1 : 0
            unit.append(byte)
        }
        return unit
    }
}
