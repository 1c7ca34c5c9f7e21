/// What a sequence header of AV1 says (AV1 specification §5.5), read from any bytes.
public struct AV1Sequence: Sendable, Equatable {
    /// Samples of chroma beside those of luma.
    public enum Chroma: Sendable {
        /// As many: 4:4:4.
        case all
        /// Half as many in a row: 4:2:2.
        case halfAcross
        /// Half as many in a row, and half of the rows: 4:2:0.
        case halfBothWays
    }

    /// seq_profile: 0 Main, 1 High, 2 Professional.
    public private(set) var profile = 0
    /// seq_level_idx of the first operating point: 4·(major − 2) + minor.
    public private(set) var level = 0
    /// seq_tier of it.
    public private(set) var isHighTier = false
    /// Whether every frame is a key frame whose header leaves out its type.
    public private(set) var isReducedStillPicture = false
    /// Pixels per row at most.
    public private(set) var width = 0
    /// Rows at most.
    public private(set) var height = 0
    /// Bits of a sample.
    public private(set) var bitDepth = 8
    /// Whether there is luma alone.
    public private(set) var isMonochrome = false
    /// How many samples chroma has.
    public private(set) var chroma = Chroma.halfBothWays
    /// chroma_sample_position: 0 says nothing.
    public private(set) var chromaPosition = 0
    /// Colour codes; nil when it says nothing.
    public private(set) var colour: ColourCode?

    /// Reads the payload of a sequence header; nil when it ends too early.
    public init?(payload: ArraySlice<UInt8>) {
        var reader = BitReader(Array(payload.prefix(1_024)))
        do {
            try read(&reader)
        } catch {
            return nil
        }
    }

    private mutating func read(_ reader: inout BitReader) throws(BitReader.OutOfBits) {
        profile = try reader.int(3)
        try reader.skip(1)
        isReducedStillPicture = try reader.bit()
        if isReducedStillPicture { level = try reader.int(5) } else { try readOperatingPoints(&reader) }
        let (widthBits, heightBits) = (try reader.int(4) + 1, try reader.int(4) + 1)
        width = try reader.int(widthBits) + 1
        height = try reader.int(heightBits) + 1
        if !isReducedStillPicture, try reader.bit() { try reader.skip(7) }
        try reader.skip(3)
        if !isReducedStillPicture { try skipTools(&reader) }
        try reader.skip(3)
        try readColours(&reader)
    }

    private mutating func readOperatingPoints(_ reader: inout BitReader) throws(BitReader.OutOfBits) {
        var delayBits: Int?
        if try reader.bit() {
            try reader.skip(64)
            if try reader.bit() { _ = try reader.unsigned() }
            if try reader.bit() {
                delayBits = try reader.int(5) + 1
                try reader.skip(42)
            }
        }
        let hasDisplayDelay = try reader.bit()
        for point in 0...(try reader.int(5)) {
            try reader.skip(12)
            let level = try reader.int(5)
            let isHighTier = level > 7 ? try reader.bit() : false
            if point == 0 { (self.level, self.isHighTier) = (level, isHighTier) }
            if let delayBits, try reader.bit() { try reader.skip(2 * delayBits + 1) }
            if hasDisplayDelay, try reader.bit() { try reader.skip(4) }
        }
    }

    /// What may be used to code pictures of more than one kind.
    private func skipTools(_ reader: inout BitReader) throws(BitReader.OutOfBits) {
        try reader.skip(4)
        let hasOrder = try reader.bit()
        if hasOrder { try reader.skip(2) }
        // Tools for screens are chosen by frame, or once here; only where there may be some, whole-pixel vectors are, too.
        let isChosenByFrame = try reader.bit()
        let hasScreenTools = isChosenByFrame ? true : try reader.bit()
        if hasScreenTools, try !reader.bit() { try reader.skip(1) }
        if hasOrder { try reader.skip(3) }
    }

    private mutating func readColours(_ reader: inout BitReader) throws(BitReader.OutOfBits) {
        let isDeep = try reader.bit()
        let isDeeper = profile == 2 && isDeep ? try reader.bit() : false
        bitDepth = isDeeper ? 12 : isDeep ? 10 : 8
        isMonochrome = profile == 1 ? false : try reader.bit()
        if try reader.bit() {
            colour = ColourCode(
                primaries: try reader.int(8), transfer: try reader.int(8), matrix: try reader.int(8))
        }
        if isMonochrome { return }
        // sRGB has every sample of every colour, and says no more of it.
        if let colour, (colour.primaries, colour.transfer, colour.matrix) == (1, 13, 0) {
            chroma = .all
            return
        }
        try reader.skip(1)
        chroma = try readChroma(&reader)
        if chroma == .halfBothWays { chromaPosition = try reader.int(2) }
    }

    private func readChroma(_ reader: inout BitReader) throws(BitReader.OutOfBits) -> Chroma {
        switch profile {
        case 0: return .halfBothWays
        case 1: return .all
        default:
            guard bitDepth == 12 else { return .halfAcross }
            guard try reader.bit() else { return .all }
            return try reader.bit() ? .halfBothWays : .halfAcross
        }
    }
}
