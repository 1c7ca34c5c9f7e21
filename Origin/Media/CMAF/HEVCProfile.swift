/// profile_tier_level of H.265 (ITU-T H.265 §7.3.3), which parameter sets and `hvcC` state in the same bytes.
public struct HEVCProfile: Sendable, Equatable {
    /// Bytes that it takes.
    static let length = 12

    /// general_profile_space.
    public let space: Int
    /// general_tier_flag.
    public let isHighTier: Bool
    /// general_profile_idc: 1 is Main, 2 Main 10.
    public let profile: Int
    /// general_profile_compatibility_flag, the first one highest.
    public let compatibility: UInt32
    /// The six bytes of constraint flags.
    public let constraints: [UInt8]
    /// general_level_idc: thirty times the level.
    public let level: Int

    /// Reads the first bytes of `bytes`; nil when there are too few.
    init?(_ bytes: ArraySlice<UInt8>) {
        guard bytes.count >= Self.length else { return nil }
        let bytes = Array(bytes.prefix(Self.length))
        space = Int(bytes[0] >> 6)
        isHighTier = bytes[0] & 0x20 != 0
        profile = Int(bytes[0] & 0x1f)
        compatibility = bytes[1..<5].reduce(0) { $0 << 8 | UInt32($1) }
        constraints = Array(bytes[5..<11])
        level = Int(bytes[11])
    }

    /// RFC 6381 string (ISO/IEC 14496-15 annex E.3): flags reversed, constraint bytes without the zeros at the end.
    public func codec(format: String) -> String {
        let space = ["", "A", "B", "C"][space]
        var reversed: UInt32 = 0
        for bit in 0..<32 where compatibility & 1 << UInt32(bit) != 0 { reversed |= 1 << UInt32(31 - bit) }
        let used = constraints.prefix((constraints.lastIndex { $0 != 0 } ?? -1) + 1)
        return
            (["\(format).\(space)\(profile)", String(reversed, radix: 16), "\(isHighTier ? "H" : "L")\(level)"]
            + used.map { String($0, radix: 16).uppercased() }).joined(separator: ".")
    }

    var bytes: [UInt8] {
        var writer = BoxWriter()
        writer.u8(UInt8(space) << 6 | (isHighTier ? 0x20 : 0) | UInt8(profile))
        writer.u32(compatibility)
        writer.raw(constraints)
        writer.u8(UInt8(level))
        return writer.bytes
    }
}

/// A sequence parameter set of H.265 (ITU-T H.265 §7.3.2.2), up to the order of its pictures.
public struct HEVCSequence: Sendable, Equatable {
    /// Profile, tier and level.
    public let profile: HEVCProfile
    /// sps_max_sub_layers_minus1, plus one.
    public let temporalLayers: Int
    /// sps_temporal_id_nesting_flag.
    public let isNested: Bool
    /// chroma_format_idc: 1 is 4:2:0.
    public private(set) var chromaFormat = 1
    /// Pixels per row as shown, after cropping.
    public private(set) var width = 0
    /// Rows as shown.
    public private(set) var height = 0
    /// Bits of a luma sample.
    public private(set) var bitDepth = 8
    /// Bits of a chroma sample.
    public private(set) var chromaBitDepth = 8
    /// sps_max_num_reorder_pics of the highest layer: pictures that may be decoded before one and shown after it.
    public private(set) var reorderFrames = 0

    /// Reads `unit` from its two header bytes on; nil when it is none.
    public init?(unit: ArraySlice<UInt8>) {
        guard let header = unit.first, header >> 1 & 0x3f == HEVCUnit.sequenceParameterSet else { return nil }
        var reader = BitReader(unescaping: unit.dropFirst(2))
        do {
            try reader.skip(4)
            temporalLayers = try reader.int(3) + 1
            isNested = try reader.bit()
            var general: [UInt8] = []
            for _ in 0..<HEVCProfile.length { general.append(UInt8(try reader.int(8))) }
            guard let profile = HEVCProfile(general[...]) else { return nil }
            self.profile = profile
            try read(&reader)
        } catch {
            return nil
        }
    }

    private mutating func read(_ reader: inout BitReader) throws(BitReader.OutOfBits) {
        let subLayers = temporalLayers - 1
        var present: [(profile: Bool, level: Bool)] = []
        for _ in 0..<subLayers { present.append((try reader.bit(), try reader.bit())) }
        if subLayers > 0 { try reader.skip(2 * (8 - subLayers)) }
        for layer in present { try reader.skip((layer.profile ? 88 : 0) + (layer.level ? 8 : 0)) }
        _ = try reader.unsigned()
        chromaFormat = try reader.unsigned()
        if chromaFormat == 3 { try reader.skip(1) }
        width = try reader.unsigned()
        height = try reader.unsigned()
        guard width <= 1 << 16, height <= 1 << 16 else { throw BitReader.OutOfBits() }
        if try reader.bit() { try readCropping(&reader) }
        bitDepth = try depth(&reader)
        chromaBitDepth = try depth(&reader)
        _ = try reader.unsigned()
        let isStatedForAll = try reader.bit()
        for _ in 0..<(isStatedForAll ? temporalLayers : 1) {
            _ = try reader.unsigned()
            reorderFrames = try reader.unsigned()
            _ = try reader.unsigned()
        }
    }

    private mutating func readCropping(_ reader: inout BitReader) throws(BitReader.OutOfBits) {
        let across = chromaFormat == 1 || chromaFormat == 2 ? 2 : 1
        let down = chromaFormat == 1 ? 2 : 1
        width = max(0, width - (try reader.unsigned() + reader.unsigned()) * across)
        height = max(0, height - (try reader.unsigned() + reader.unsigned()) * down)
    }

    private func depth(_ reader: inout BitReader) throws(BitReader.OutOfBits) -> Int {
        let above8 = try reader.unsigned()
        guard above8 <= 8 else { throw BitReader.OutOfBits() }
        return above8 + 8
    }
}

/// Kinds of units of H.265 (ITU-T H.265 table 7-1).
enum HEVCUnit {
    static let videoParameterSet: UInt8 = 32
    static let sequenceParameterSet: UInt8 = 33
    static let pictureParameterSet: UInt8 = 34
    static let delimiter: UInt8 = 35
    static let filler: UInt8 = 38
    static let information: UInt8 = 39
}
