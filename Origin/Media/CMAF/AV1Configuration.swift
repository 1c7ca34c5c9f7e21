/// What `av1C` says of an AV1 stream (AV1 in ISOBMFF §2.3.3), with its sequence header.
public struct AV1Configuration: Sendable, Equatable {
    /// seq_profile: 0 Main, 1 High, 2 Professional.
    public let profile: Int
    /// seq_level_idx: 4·(major − 2) + minor.
    public let level: Int
    /// seq_tier.
    public let isHighTier: Bool
    /// Bits of a sample.
    public let bitDepth: Int
    /// The sequence header; nil when it is not here or cannot be read.
    public let sequence: AV1Sequence?
    /// The box's payload.
    let record: [UInt8]

    /// Reads the box's payload from any bytes; nil when not even its fixed part is there.
    public init?(record: [UInt8]) {
        guard record.count >= 4, record[0] == 0x81 else { return nil }
        profile = Int(record[1] >> 5)
        level = Int(record[1] & 0x1f)
        isHighTier = record[2] & 0x80 != 0
        let isDeep = record[2] & 0x40 != 0
        bitDepth = isDeep ? (record[2] & 0x20 != 0 ? 12 : 10) : 8
        sequence = Self.sequenceHeader(in: record[4...]).flatMap { AV1Sequence(payload: $0.payload) }
        self.record = record
    }

    /// Takes what an encoder gives as its header; nil unless that holds a sequence header that can be read.
    public init?(header: [UInt8]) {
        guard let unit = Self.sequenceHeader(in: header[...]), let sequence = AV1Sequence(payload: unit.payload) else {
            return nil
        }
        profile = sequence.profile
        level = sequence.level
        isHighTier = sequence.isHighTier
        bitDepth = sequence.bitDepth
        self.sequence = sequence
        record = [0x81, UInt8(sequence.profile << 5 | sequence.level), sequence.flags, 0] + unit.bytes
    }

    private static func sequenceHeader(in bytes: ArraySlice<UInt8>) -> AV1Unit? {
        AV1Unit.list(in: bytes).first { $0.kind == AV1Unit.Kind.sequenceHeader }
    }

    /// RFC 6381 string with what must be in it (AV1 in ISOBMFF §5).
    public var codecString: String {
        let padded = { (value: Int) in (value < 10 ? "0" : "") + String(value) }
        return "av01.\(profile).\(padded(level))\(isHighTier ? "H" : "M").\(padded(bitDepth))"
    }

    /// Whether decoding can start at a sample: its first frame is a key frame that is shown.
    public func beginsWithKeyFrame(_ sample: ArraySlice<UInt8>) -> Bool {
        let frames = [AV1Unit.Kind.frameHeader, AV1Unit.Kind.frame]
        guard let unit = AV1Unit.list(in: sample).first(where: { frames.contains($0.kind) }) else { return false }
        if sequence?.isReducedStillPicture == true { return true }
        // show_existing_frame, frame_type, show_frame (AV1 specification §5.9.2).
        guard let byte = unit.payload.first else { return false }
        return byte & 0x80 == 0 && byte >> 5 & 3 == 0 && byte & 0x10 != 0
    }
}

extension AV1Sequence {
    /// The third byte of `av1C`.
    fileprivate var flags: UInt8 {
        var flags = UInt8(chromaPosition)
        for (bit, isSet) in [
            (7, isHighTier), (6, bitDepth > 8), (5, bitDepth > 10), (4, isMonochrome), (3, chroma != .all),
            (2, chroma == .halfBothWays),
        ] where isSet { flags |= 1 << UInt8(bit) }
        return flags
    }
}
