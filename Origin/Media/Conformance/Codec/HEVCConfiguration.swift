import CMAF

/// What `hvcC` says of an H.265 stream (ISO/IEC 14496-15 §8.3.3.1).
struct HEVCConfiguration: Equatable {
    var profileSpace = 0
    var isHighTier = false
    var profile = 0
    var compatibility: UInt32 = 0
    var constraints: [UInt8] = []
    var level = 0
    var lengthBytes = 4
    var bitDepth = 8
    var sequence: HEVCSequence?
    /// Whether static metadata of HDR10 stands here (mastering display, content light level).
    var hasInformation = false

    init?(record: [UInt8]) {
        guard record.count >= 23, record[0] == 1 else { return nil }
        profileSpace = Int(record[1] >> 6)
        isHighTier = record[1] & 0x20 != 0
        profile = Int(record[1] & 0x1f)
        compatibility = record[2..<6].reduce(0) { $0 << 8 | UInt32($1) }
        constraints = Array(record[6..<12])
        level = Int(record[12])
        bitDepth = Int(record[17] & 7) + 8
        lengthBytes = Int(record[21] & 3) + 1
        var offset = 23
        for _ in 0..<record[22] {
            guard offset + 3 <= record.count else { return }
            let kind = record[offset] & 0x3f
            let count = Int(record[offset + 1]) << 8 | Int(record[offset + 2])
            offset += 3
            for _ in 0..<count {
                guard offset + 2 <= record.count else { return }
                let length = Int(record[offset]) << 8 | Int(record[offset + 1])
                offset += 2
                guard offset + length <= record.count else { return }
                if kind == 33, sequence == nil { sequence = HEVCSequence(unit: record[offset..<offset + length]) }
                if kind == 39 { hasInformation = true }
                offset += length
            }
        }
    }

    /// RFC 6381 string (ISO/IEC 14496-15 annex E.3): flags reversed, constraint bytes without the zeros at the end.
    func codec(format: String) -> String {
        let space = ["", "A", "B", "C"][profileSpace]
        var reversed: UInt32 = 0
        for bit in 0..<32 where compatibility & 1 << UInt32(bit) != 0 { reversed |= 1 << UInt32(31 - bit) }
        let used = constraints.prefix((constraints.lastIndex { $0 != 0 } ?? -1) + 1)
        return
            (["\(format).\(space)\(profile)", String(reversed, radix: 16), "\(isHighTier ? "H" : "L")\(level)"]
            + used.map { String($0, radix: 16).uppercased() }).joined(separator: ".")
    }
}

/// A sequence parameter set of H.265 (ITU-T H.265 §7.3.2.2), up to its size.
struct HEVCSequence: Equatable {
    var width = 0
    var height = 0

    /// - Parameter unit: from its two header bytes on.
    init?(unit: ArraySlice<UInt8>) {
        var reader = BitReader(unescaping: unit.dropFirst(2))
        do {
            try read(&reader)
        } catch {
            return nil
        }
    }

    private mutating func read(_ reader: inout BitReader) throws(BitReader.OutOfBits) {
        try reader.skip(4)
        let subLayers = try reader.int(3)
        try reader.skip(1 + 96)
        var present: [(profile: Bool, level: Bool)] = []
        for _ in 0..<subLayers { present.append((try reader.bit(), try reader.bit())) }
        if subLayers > 0 { try reader.skip(2 * (8 - subLayers)) }
        for layer in present { try reader.skip((layer.profile ? 88 : 0) + (layer.level ? 8 : 0)) }
        _ = try reader.unsigned()
        let chroma = try reader.unsigned()
        if chroma == 3 { try reader.skip(1) }
        width = try reader.unsigned()
        height = try reader.unsigned()
        guard width <= 1 << 16, height <= 1 << 16 else { throw BitReader.OutOfBits() }
        guard try reader.bit() else { return }
        let across = chroma == 1 || chroma == 2 ? 2 : 1
        let down = chroma == 1 ? 2 : 1
        width = max(0, width - (try reader.unsigned() + reader.unsigned()) * across)
        height = max(0, height - (try reader.unsigned() + reader.unsigned()) * down)
    }
}
