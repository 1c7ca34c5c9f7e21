/// What `av1C` says of an AV1 stream (AV1 in ISOBMFF §2.3.3), with its sequence header.
struct AV1Configuration: Equatable {
    var profile = 0
    var level = 0
    var isHighTier = false
    var bitDepth = 8
    /// Whether every frame is a key frame whose header leaves out its type.
    var isReducedStillPicture = false

    init?(record: [UInt8]) {
        guard record.count >= 4, record[0] == 0x81 else { return nil }
        profile = Int(record[1] >> 5)
        level = Int(record[1] & 0x1f)
        isHighTier = record[2] & 0x80 != 0
        let isDeep = record[2] & 0x40 != 0
        bitDepth = isDeep ? (record[2] & 0x20 != 0 ? 12 : 10) : 8
        for unit in AV1Unit.list(in: record[4...]) where unit.kind == 1 {
            isReducedStillPicture = unit.payload.first.map { $0 & 0x08 != 0 } ?? false
        }
    }

    /// RFC 6381 string with what must be in it (AV1 in ISOBMFF §5).
    var codec: String {
        let padded = { (value: Int) in (value < 10 ? "0" : "") + String(value) }
        return "av01.\(profile).\(padded(level))\(isHighTier ? "H" : "M").\(padded(bitDepth))"
    }

    /// Whether decoding can start at a sample: its first frame is a key frame that is shown.
    func beginsWithKeyFrame(_ sample: ArraySlice<UInt8>) -> Bool {
        for unit in AV1Unit.list(in: sample) where unit.kind == 3 || unit.kind == 6 {
            if isReducedStillPicture { return true }
            // show_existing_frame, frame_type, show_frame (AV1 specification §5.9.2).
            guard let byte = unit.payload.first else { return false }
            return byte & 0x80 == 0 && byte >> 5 & 3 == 0 && byte & 0x10 != 0
        }
        return false
    }
}

/// An open bitstream unit of AV1 (AV1 specification §5.3).
struct AV1Unit {
    let kind: UInt8
    let payload: ArraySlice<UInt8>

    /// The units one after the other, as far as their sizes fit; at most 1,024.
    static func list(in bytes: ArraySlice<UInt8>) -> [AV1Unit] {
        var units: [AV1Unit] = []
        var rest = bytes
        while let header = rest.first, units.count < 1_024 {
            rest = rest.dropFirst(header & 0x04 != 0 ? 2 : 1)
            var size = rest.count
            if header & 0x02 != 0 {
                guard let (value, length) = variableLength(rest), value <= rest.count - length else { break }
                rest = rest.dropFirst(length)
                size = value
            }
            units.append(AV1Unit(kind: header >> 3 & 15, payload: rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
        return units
    }

    /// leb128() of up to five bytes.
    private static func variableLength(_ bytes: ArraySlice<UInt8>) -> (value: Int, length: Int)? {
        var value = 0
        for (index, byte) in bytes.prefix(5).enumerated() {
            value |= Int(byte & 0x7f) << (7 * index)
            if byte & 0x80 == 0 { return (value, index + 1) }
        }
        return nil
    }
}
