/// Writes parameter sets for films that tests make.
struct BitWriter {
    private var current: UInt8 = 0
    private var used = 0
    private(set) var bytes: [UInt8] = []

    mutating func bits(_ value: Int, _ count: Int) {
        for shift in (0..<count).reversed() {
            current = current << 1 | UInt8(value >> shift & 1)
            used += 1
            if used == 8 {
                bytes.append(current)
                (current, used) = (0, 0)
            }
        }
    }

    mutating func flag(_ value: Bool) { bits(value ? 1 : 0, 1) }

    mutating func unsigned(_ value: Int) {
        let width = Int.bitWidth - (value + 1).leadingZeroBitCount
        bits(0, width - 1)
        bits(value + 1, width)
    }

    /// A stop bit and zeros to the end of the byte.
    mutating func end() {
        flag(true)
        while used > 0 { flag(false) }
    }

    /// The bytes with what keeps start codes out of them.
    var escaped: [UInt8] {
        var result: [UInt8] = []
        var zeros = 0
        for byte in bytes {
            if zeros >= 2, byte <= 3 {
                result.append(3)
                zeros = 0
            }
            result.append(byte)
            zeros = byte == 0 ? zeros + 1 : 0
        }
        return result
    }
}

/// A sequence parameter set of H.264 as a test wants it.
struct SequenceSpec {
    var width: Int
    var height: Int
    var profile = 100
    var level = 30
    var isProgressive = true
    var pixelAspect: (Int, Int)?
    var transfer: Int? = 1
    var references = 1

    var unit: [UInt8] {
        var writer = BitWriter()
        writer.bits(profile, 8)
        writer.bits(0, 8)
        writer.bits(level, 8)
        writer.unsigned(0)
        if profile == 100 {
            writer.unsigned(1)
            writer.unsigned(0)
            writer.unsigned(0)
            writer.flag(false)
            writer.flag(false)
        }
        writer.unsigned(0)
        writer.unsigned(2)
        writer.unsigned(references)
        writer.flag(false)
        let columns = (width + 15) / 16
        let unitHeight = isProgressive ? 16 : 32
        let mapUnits = (height + unitHeight - 1) / unitHeight
        writer.unsigned(columns - 1)
        writer.unsigned(mapUnits - 1)
        writer.flag(isProgressive)
        if !isProgressive { writer.flag(false) }
        writer.flag(true)
        let right = columns * 16 - width
        let bottom = mapUnits * unitHeight - height
        writer.flag(right + bottom > 0)
        if right + bottom > 0 {
            writer.unsigned(0)
            writer.unsigned(right / 2)
            writer.unsigned(0)
            writer.unsigned(bottom / (isProgressive ? 2 : 4))
        }
        writer.flag(pixelAspect != nil || transfer != nil)
        if pixelAspect != nil || transfer != nil {
            writer.flag(pixelAspect != nil)
            if let (horizontal, vertical) = pixelAspect {
                writer.bits(255, 8)
                writer.bits(horizontal, 16)
                writer.bits(vertical, 16)
            }
            writer.flag(false)
            writer.flag(transfer != nil)
            if let transfer {
                writer.bits(5, 3)
                writer.flag(false)
                writer.flag(true)
                writer.bits(1, 8)
                writer.bits(transfer, 8)
                writer.bits(1, 8)
            }
            writer.flag(false)
            writer.flag(false)
            writer.flag(false)
            writer.flag(false)
            writer.flag(false)
        }
        writer.end()
        return [0x67] + writer.escaped
    }
}
