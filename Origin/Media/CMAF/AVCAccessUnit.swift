/// One coded picture of H.264 as MP4 holds it, every unit behind its length (ISO/IEC 14496-15 §5.3.2), read from any bytes.
public struct AVCAccessUnit: Sendable {
    /// Why a picture cannot be copied into a track with one set of parameters.
    public enum Obstacle: Error, Sendable, Equatable {
        /// The lengths do not fit into each other, or there is no picture.
        case broken
        /// Its parts do not begin with the first one, or begin twice: it is not one whole picture.
        case notWhole
        /// It brings several parameter sets of a kind, or other ones in the middle of a group, or refers to one that is not there.
        case parameterSets
        /// A unit of a kind that players of plain H.264 need not know.
        case kind(Int)
    }

    /// Whether it is an IDR, with which decoding can begin and before which nothing is needed.
    public let isIDR: Bool
    /// Sequence parameter sets that come with it, each once.
    public let sequenceSets: [[UInt8]]
    /// Picture parameter sets that come with it, each once.
    public let pictureSets: [[UInt8]]
    /// Its slices, and what belongs to them.
    private let units: [ArraySlice<UInt8>]

    /// Takes a sample with lengths of `lengthBytes` bytes.
    public init(_ bytes: [UInt8], lengthBytes: Int) throws(Obstacle) {
        var slices: [UInt8] = []
        var sets: [UInt8: [[UInt8]]] = [:]
        var units: [ArraySlice<UInt8>] = []
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
                if Self.messages(of: unit).contains(Self.captions) { continue }
            case 7, 8:
                let set = Array(unit)
                if sets[kind]?.contains(set) != true { sets[kind, default: []].append(set) }
                continue
            case 9...12:
                continue
            default:
                throw kind > 0x1f ? .broken : .kind(Int(kind))
            }
            units.append(unit)
        }
        guard let first = slices.first else { throw .broken }
        guard slices.allSatisfy({ $0 == first }) else { throw .notWhole }
        isIDR = first == 5
        sequenceSets = sets[7] ?? []
        pictureSets = sets[8] ?? []
        self.units = units
    }

    /// The picture for an `avc1` track: lengths of four bytes, without delimiters, filler and parameter sets, and without
    /// closed captions, which playlists would have to announce.
    ///
    /// Its slices must refer to picture parameter set `old`, and refer to `new` afterwards.
    public func sample(referringTo old: Int, as new: Int) throws(Obstacle) -> [UInt8] {
        var sample: [UInt8] = []
        sample.reserveCapacity(units.reduce(16) { $0 + $1.count + 5 })
        for unit in units {
            let kind = unit[unit.startIndex] & 0x1f
            // It names the sequence parameter set, which has another number then, and is about buffers alone.
            if kind == 6, old != new, Self.messages(of: unit).contains(Self.bufferingPeriod) { continue }
            var unit = unit
            if kind == 1 || kind == 5 {
                guard let slice = AVCSlice(unit, limit: old == new ? AVCSlice.headBytes : unit.count),
                    slice.pictureSet == old
                else { throw .parameterSets }
                if old != new {
                    guard let renumbered = slice.referring(to: new) else { throw .parameterSets }
                    unit = renumbered[...]
                }
            }
            for shift in [24, 16, 8, 0] as [UInt32] {
                sample.append(UInt8(truncatingIfNeeded: UInt32(unit.count) >> shift))
            }
            sample.append(contentsOf: unit)
        }
        return sample
    }

    /// first_mb_in_slice is 0, a single bit, in the first slice alone (ITU-T H.264 §7.3.3).
    private static func checkStart(of slice: ArraySlice<UInt8>, isFirst: Bool) throws(Obstacle) {
        guard slice.count > 1 else { throw .broken }
        guard (slice[slice.startIndex + 1] & 0x80 != 0) == isFirst else { throw .notWhole }
    }

    /// Payload types of messages (ITU-T H.264 §D.1): what a buffer holds, and user data registered with ITU-T T.35.
    private static let bufferingPeriod = 0
    private static let captions = 4

    /// The types of the messages in a unit, as far as they can be read.
    private static func messages(of unit: ArraySlice<UInt8>) -> [Int] {
        var reader = BitReader(unescaping: unit.dropFirst(), limit: unit.count)
        var types: [Int] = []
        do {
            // The stop bit takes the last byte.
            while reader.remaining > 8 {
                types.append(try number(&reader))
                try reader.skip(8 * number(&reader))
            }
        } catch {
            return types
        }
        return types
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
        case .parameterSets: "does not keep to one parameter set of each kind"
        case .kind(let kind): "holds a unit of kind \(kind), which is not plain H.264"
        }
    }
}
