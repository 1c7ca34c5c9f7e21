/// Parameter sets of an H.265 stream.
public struct HEVCConfiguration: Sendable, Equatable {
    /// Video, sequence and picture parameter set, each from its unit header on.
    private let sets: [[UInt8]]
    private let sequence: HEVCSequence

    private static let kinds = [
        HEVCUnit.videoParameterSet, HEVCUnit.sequenceParameterSet, HEVCUnit.pictureParameterSet,
    ]

    /// Takes the encoder's header in Annex B form; nil unless it holds one set of each kind.
    public init?(annexB header: [UInt8]) {
        let units = AnnexB.units(in: header)
        let found = Self.kinds.map { kind in units.filter { header[$0.lowerBound] >> 1 & 0x3f == kind } }
        guard found.allSatisfy({ $0.count == 1 }) else { return nil }
        sets = found.map { Array(header[$0[0]]) }
        guard let sequence = HEVCSequence(unit: sets[1][...]) else { return nil }
        self.sequence = sequence
    }

    /// Pictures that may be decoded before one and shown after it.
    public var reorderFrames: Int { sequence.reorderFrames }

    /// RFC 6381 string: profile, compatibility, tier, level and constraints as the stream states them.
    public var codecString: String { sequence.profile.codec(format: "hvc1") }

    /// The `hvcC` payload (ISO/IEC 14496-15 §8.3.3.1): all parameter sets are here, none in the samples.
    var record: [UInt8] {
        var writer = BoxWriter()
        writer.u8(1)
        writer.raw(sequence.profile.bytes)
        writer.u16(0xf000)  // nothing is known of slices and tiles
        writer.u8(0xfc)
        writer.u8(0xfc | UInt8(sequence.chromaFormat & 3))
        writer.u8(0xf8 | UInt8(sequence.bitDepth - 8))
        writer.u8(0xf8 | UInt8(sequence.chromaBitDepth - 8))
        writer.u16(0)
        writer.u8(UInt8(sequence.temporalLayers) << 3 | (sequence.isNested ? 4 : 0) | 3)
        writer.u8(UInt8(sets.count))
        for (kind, set) in zip(Self.kinds, sets) {
            writer.u8(0x80 | kind)
            writer.u16(1)
            writer.u16(UInt16(set.count))
            writer.raw(set)
        }
        return writer.bytes
    }
}

/// What `hvcC` says of an H.265 stream (ISO/IEC 14496-15 §8.3.3.1), read from any bytes.
public struct HEVCRecord: Sendable, Equatable {
    /// Profile, tier and level.
    public let profile: HEVCProfile
    /// Bytes of the length in front of each unit.
    public let lengthBytes: Int
    /// The first sequence parameter set; nil when it cannot be read.
    public private(set) var sequence: HEVCSequence?
    /// Whether static metadata of HDR10 stands here (mastering display, content light level).
    public private(set) var hasInformation = false

    /// Reads as far as the bytes go; nil when not even the fixed part is there.
    public init?(_ record: [UInt8]) {
        guard record.count >= 23, record[0] == 1, let profile = HEVCProfile(record[1...]) else { return nil }
        self.profile = profile
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
                if kind == HEVCUnit.sequenceParameterSet, sequence == nil {
                    sequence = HEVCSequence(unit: record[offset..<offset + length])
                }
                if kind == HEVCUnit.information { hasInformation = true }
                offset += length
            }
        }
    }
}
