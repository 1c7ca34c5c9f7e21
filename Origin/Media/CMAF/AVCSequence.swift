/// A sequence parameter set of H.264 (ITU-T H.264 §7.3.2.1.1 and annex E), as far as a player must know it before it decodes.
public struct AVCSequence: Sendable, Equatable {
    /// profile_idc.
    public private(set) var profile = 0
    /// The byte of constraint_set flags.
    public private(set) var constraints = 0
    /// level_idc: ten times the level.
    public private(set) var level = 0
    /// Pixels per row as shown, after cropping.
    public private(set) var width = 0
    /// Rows as shown.
    public private(set) var height = 0
    /// Macroblocks of one frame.
    public private(set) var macroblocks = 0
    /// max_num_ref_frames.
    public private(set) var referenceFrames = 0
    /// frame_mbs_only_flag: whether pictures are never coded by fields.
    public private(set) var isProgressive = true
    /// Bits of a luma sample.
    public private(set) var bitDepth = 8
    /// chroma_format_idc: 1 is 4:2:0.
    public private(set) var chromaFormat = 1
    /// Whether luma uses all values from 0 to 255.
    public private(set) var isFullRange = false
    /// Of one pixel; nil when it says nothing.
    public private(set) var pixelAspect: PixelAspect?
    /// How colours are coded; nil when it says nothing.
    public private(set) var colour: ColourCode?

    /// Profiles whose parameter sets say how chroma is sampled.
    private static let profilesWithChroma: Set<Int> = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]

    /// Reads `unit` from its unit header on; nil when it is none.
    public init?(unit: ArraySlice<UInt8>) {
        guard let header = unit.first, header & 0x1f == 7 else { return nil }
        var reader = BitReader(unescaping: unit.dropFirst())
        do {
            try read(&reader)
        } catch {
            return nil
        }
    }

    private mutating func read(_ reader: inout BitReader) throws(BitReader.OutOfBits) {
        profile = try reader.int(8)
        constraints = try reader.int(8)
        level = try reader.int(8)
        _ = try reader.unsigned()
        if Self.profilesWithChroma.contains(profile) { try readChroma(&reader) }
        _ = try reader.unsigned()
        try readPictureOrder(&reader)
        referenceFrames = try reader.unsigned()
        try reader.skip(1)
        let columns = try reader.unsigned() + 1
        let mapUnits = try reader.unsigned() + 1
        isProgressive = try reader.bit()
        if !isProgressive { try reader.skip(1) }
        try reader.skip(1)
        guard columns <= 4_096, mapUnits <= 4_096 else { throw BitReader.OutOfBits() }
        let rows = mapUnits * (isProgressive ? 1 : 2)
        macroblocks = columns * rows
        width = columns * 16
        height = rows * 16
        if try reader.bit() { try readCropping(&reader) }
        if try reader.bit() { try readUsability(&reader) }
    }

    private mutating func readChroma(_ reader: inout BitReader) throws(BitReader.OutOfBits) {
        chromaFormat = try reader.unsigned()
        if chromaFormat == 3 { try reader.skip(1) }
        bitDepth = try reader.unsigned() + 8
        _ = try reader.unsigned()
        try reader.skip(1)
        guard try reader.bit() else { return }
        for index in 0..<(chromaFormat == 3 ? 12 : 8) where try reader.bit() {
            try Self.skipScalingList(&reader, size: index < 6 ? 16 : 64)
        }
    }

    private static func skipScalingList(_ reader: inout BitReader, size: Int) throws(BitReader.OutOfBits) {
        var last = 8
        for _ in 0..<size {
            let next = (last + (try reader.signed()) + 256) & 255
            if next == 0 { return }
            last = next
        }
    }

    private func readPictureOrder(_ reader: inout BitReader) throws(BitReader.OutOfBits) {
        switch try reader.unsigned() {
        case 0:
            _ = try reader.unsigned()
        case 1:
            try reader.skip(1)
            _ = try reader.signed()
            _ = try reader.signed()
            let cycle = try reader.unsigned()
            guard cycle <= 255 else { throw BitReader.OutOfBits() }
            for _ in 0..<cycle { _ = try reader.signed() }
        default:
            break
        }
    }

    private mutating func readCropping(_ reader: inout BitReader) throws(BitReader.OutOfBits) {
        let left = try reader.unsigned()
        let right = try reader.unsigned()
        let top = try reader.unsigned()
        let bottom = try reader.unsigned()
        let across = chromaFormat == 1 || chromaFormat == 2 ? 2 : 1
        let down = (chromaFormat == 1 ? 2 : 1) * (isProgressive ? 1 : 2)
        width = max(0, width - (left + right) * across)
        height = max(0, height - (top + bottom) * down)
    }

    private mutating func readUsability(_ reader: inout BitReader) throws(BitReader.OutOfBits) {
        if try reader.bit() {
            let index = try reader.int(8)
            pixelAspect =
                index == 255
                ? PixelAspect(horizontal: try reader.int(16), vertical: try reader.int(16)) : PixelAspect(index: index)
        }
        if try reader.bit() { try reader.skip(1) }
        guard try reader.bit() else { return }
        try reader.skip(3)
        isFullRange = try reader.bit()
        guard try reader.bit() else { return }
        colour = ColourCode(
            primaries: try reader.int(8), transfer: try reader.int(8), matrix: try reader.int(8))
    }
}

/// Width to height of one pixel.
public struct PixelAspect: Sendable, Equatable {
    /// Width.
    public var horizontal: Int
    /// Height.
    public var vertical: Int

    init(horizontal: Int, vertical: Int) {
        self.horizontal = horizontal
        self.vertical = vertical
    }

    /// ITU-T H.264 table E-1, from index 1 on.
    private static let table = [
        (1, 1), (12, 11), (10, 11), (16, 11), (40, 33), (24, 11), (20, 11), (32, 11), (80, 33), (18, 11), (15, 11),
        (64, 33), (160, 99), (4, 3), (3, 2), (2, 1),
    ]

    init?(index: Int) {
        guard Self.table.indices.contains(index - 1) else { return nil }
        (horizontal, vertical) = Self.table[index - 1]
    }
}

/// How colours are coded, as ITU-T H.273 numbers.
public struct ColourCode: Sendable, Equatable {
    /// Colour primaries.
    public var primaries: Int
    /// Transfer characteristics.
    public var transfer: Int
    /// Matrix coefficients.
    public var matrix: Int

    /// Colour with these codes.
    public init(primaries: Int, transfer: Int, matrix: Int) {
        self.primaries = primaries
        self.transfer = transfer
        self.matrix = matrix
    }

    /// "PQ", "HLG" or "SDR"; nil when the transfer is unspecified.
    public var videoRange: String? {
        switch transfer {
        case 16: "PQ"
        case 18: "HLG"
        case 0, 2, 3: nil
        default: "SDR"
        }
    }
}
