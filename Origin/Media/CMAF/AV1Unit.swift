/// An open bitstream unit of AV1 (AV1 specification §5.3).
public struct AV1Unit: Sendable, Equatable {
    /// What units are (AV1 specification §6.2.2); others are of no concern here.
    public enum Kind {
        /// OBU_SEQUENCE_HEADER.
        public static let sequenceHeader: UInt8 = 1
        /// OBU_TEMPORAL_DELIMITER.
        public static let temporalDelimiter: UInt8 = 2
        /// OBU_FRAME_HEADER.
        public static let frameHeader: UInt8 = 3
        /// OBU_FRAME.
        public static let frame: UInt8 = 6
        /// OBU_TILE_LIST.
        public static let tileList: UInt8 = 8
        /// OBU_PADDING.
        public static let padding: UInt8 = 15
    }

    /// obu_type.
    public let kind: UInt8
    /// Everything of it, header and size included.
    public let bytes: ArraySlice<UInt8>
    /// What follows header and size.
    public let payload: ArraySlice<UInt8>

    /// The units one after the other, as far as their sizes fit; at most 1,024.
    public static func list(in bytes: ArraySlice<UInt8>) -> [AV1Unit] {
        var units: [AV1Unit] = []
        var rest = bytes
        while let header = rest.first, units.count < 1_024 {
            let start = rest.startIndex
            rest = rest.dropFirst(header & 0x04 != 0 ? 2 : 1)
            var size = rest.count
            if header & 0x02 != 0 {
                guard let (value, length) = variableLength(rest), value <= rest.count - length else { break }
                rest = rest.dropFirst(length)
                size = value
            }
            let payload = rest.prefix(size)
            units.append(
                AV1Unit(kind: header >> 3 & 15, bytes: bytes[start..<payload.endIndex], payload: payload))
            rest = rest.dropFirst(size)
        }
        return units
    }

    /// A sample for an `av01` track: what a decoder is given of one moment, without the units that have no place in one (AV1 in
    /// ISOBMFF §2.4).
    public static func sample(from bytes: [UInt8]) -> [UInt8] {
        let leftOut = [Kind.temporalDelimiter, Kind.tileList, Kind.padding]
        return list(in: bytes[...]).filter { !leftOut.contains($0.kind) }.flatMap(\.bytes)
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
