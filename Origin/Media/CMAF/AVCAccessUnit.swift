/// One coded picture of H.264 as MP4 holds it, every unit behind its length (ISO/IEC 14496-15 §5.3.2), read from any bytes.
public struct AVCAccessUnit: Sendable {
    /// Why a picture cannot be copied into a track with one set of parameters.
    public enum Obstacle: Error, Sendable, Equatable {
        /// The lengths do not fit into each other, or there is no picture.
        case broken
        /// Its parts do not begin with the first one, or begin twice: it is not one whole picture.
        case notWhole
        /// It brings other parameter sets than the header.
        case parameterSets
        /// A unit of a kind that players of plain H.264 need not know.
        case kind(Int)
    }

    /// Whether it is an IDR, with which decoding can begin and before which nothing is needed.
    public let isIDR: Bool
    /// The picture for an `avc1` track: lengths of four bytes, without delimiters, filler and parameter sets, and without
    /// closed captions, which playlists would have to announce.
    public let sample: [UInt8]

    /// Takes a sample with lengths of `lengthBytes` bytes that belongs to `configuration`.
    public init(_ bytes: [UInt8], lengthBytes: Int, configuration: AVCConfiguration) throws(Obstacle) {
        var slices: [UInt8] = []
        var sample: [UInt8] = []
        sample.reserveCapacity(bytes.count + 16)
        var offset = 0
        while offset < bytes.count {
            guard bytes.count - offset > lengthBytes else { throw .broken }
            let length = Int(Box.number(in: bytes, at: offset, bytes: lengthBytes))
            offset += lengthBytes
            guard length > 0, length <= bytes.count - offset else { throw .broken }
            let unit = bytes[offset..<offset + length]
            offset += length
            let kind = unit[unit.startIndex] & 0x9f
            switch kind {
            case 1, 5:
                try Self.checkStart(of: unit, isFirst: slices.isEmpty)
                slices.append(kind)
            case 6:
                if Self.holdsCaptions(unit) { continue }
            case 7, 8:
                let known = kind == 7 ? configuration.sequenceParameterSet : configuration.pictureParameterSet
                guard unit.elementsEqual(known) else { throw .parameterSets }
                continue
            case 9...12:
                continue
            default:
                throw kind > 0x1f ? .broken : .kind(Int(kind))
            }
            for shift in [24, 16, 8, 0] as [UInt32] {
                sample.append(UInt8(truncatingIfNeeded: UInt32(length) >> shift))
            }
            sample.append(contentsOf: unit)
        }
        guard let first = slices.first else { throw .broken }
        guard slices.allSatisfy({ $0 == first }) else { throw .notWhole }
        isIDR = first == 5
        self.sample = sample
    }

    /// first_mb_in_slice is 0, a single bit, in the first slice alone (ITU-T H.264 §7.3.3).
    private static func checkStart(of slice: ArraySlice<UInt8>, isFirst: Bool) throws(Obstacle) {
        guard slice.count > 1 else { throw .broken }
        guard (slice[slice.startIndex + 1] & 0x80 != 0) == isFirst else { throw .notWhole }
    }

    /// Whether one of the messages is user data registered with ITU-T T.35 (ITU-T H.264 §D.1.6).
    private static func holdsCaptions(_ unit: ArraySlice<UInt8>) -> Bool {
        var reader = BitReader(unescaping: unit.dropFirst(), limit: unit.count)
        do {
            // The stop bit takes the last byte.
            while reader.remaining > 8 {
                let type = try number(&reader)
                if type == 4 { return true }
                try reader.skip(8 * number(&reader))
            }
        } catch {
            return false
        }
        return false
    }

    private static func number(_ reader: inout BitReader) throws(BitReader.OutOfBits) -> Int {
        var sum = 0
        while true {
            let byte = try reader.int(8)
            sum += byte
            if byte < 255 { return sum }
        }
    }
}

extension AVCAccessUnit.Obstacle {
    /// In words, of a picture.
    public var words: String {
        switch self {
        case .broken: "is damaged"
        case .notWhole: "is not whole"
        case .parameterSets: "brings parameter sets that differ from the header's"
        case .kind(let kind): "holds a unit of kind \(kind), which is not plain H.264"
        }
    }
}
