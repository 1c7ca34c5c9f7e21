/// How the samples of a track are coded: one entry of `stsd` (ISO/IEC 14496-12 §8.5.2).
public struct SampleDescription: Sendable, Equatable {
    /// Common encryption (ISO/IEC 23001-7).
    public struct Protection: Sendable, Equatable {
        /// "cbcs", "cenc", …
        public var scheme = ""
        /// Blocks of 16 bytes that are encrypted, then blocks that are not; nil when the scheme has no pattern.
        public var pattern: (encrypted: Int, clear: Int)?

        /// Whether both mean the same.
        public static func == (left: Protection, right: Protection) -> Bool {
            left.scheme == right.scheme && left.pattern?.encrypted == right.pattern?.encrypted
                && left.pattern?.clear == right.pattern?.clear
        }
    }

    /// How colours are coded, as ITU-T H.273 numbers (`colr` of type nclx).
    public struct Colour: Sendable, Equatable {
        /// Colour primaries.
        public var primaries: UInt16
        /// Transfer characteristics.
        public var transfer: UInt16
        /// Matrix coefficients.
        public var matrix: UInt16
    }

    /// Four characters such as "avc1"; of protected samples what they are under the protection.
    public var format: String
    /// How samples are encrypted; nil when they are not.
    public var protection: Protection?
    /// Pixels per row; 0 when these are no pictures.
    public var width = 0
    /// Rows; 0 when these are no pictures.
    public var height = 0
    /// Channels of sound; 0 when this is no sound.
    public var channels = 0
    /// Samples of sound per second.
    public var sampleRate = 0
    /// Colour coding of pictures.
    public var colour: Colour?
    /// Width to height of one pixel.
    public var pixelAspect: (horizontal: UInt32, vertical: UInt32)?
    /// Payloads of the entry's boxes, such as "avcC" or "esds", by type.
    public var boxes: [String: [UInt8]] = [:]

    /// A longer configuration is none that a decoder would read.
    private static let longestBox = 1 << 16

    /// Whether both say the same.
    public static func == (left: SampleDescription, right: SampleDescription) -> Bool {
        left.format == right.format && left.protection == right.protection && left.width == right.width
            && left.height == right.height && left.channels == right.channels && left.sampleRate == right.sampleRate
            && left.colour == right.colour && left.boxes == right.boxes
            && left.pixelAspect?.horizontal == right.pixelAspect?.horizontal
            && left.pixelAspect?.vertical == right.pixelAspect?.vertical
    }

    init(_ bytes: [UInt8], in box: Box, handler: String) throws(MediaReadError) {
        format = box.type
        var reader = FieldReader(bytes, box.payload)
        try reader.skip(8)
        switch handler {
        case "vide":
            try reader.skip(16)
            width = Int(try reader.u16())
            height = Int(try reader.u16())
            try reader.skip(50)
        case "soun":
            let version = try reader.u16()
            try reader.skip(6)
            channels = Int(try reader.u16())
            try reader.skip(6)
            sampleRate = Int(try reader.u32() >> 16)
            // QuickTime's longer sound descriptions.
            try reader.skip(version == 1 ? 16 : version == 2 ? 36 : 0)
        default:
            return
        }
        // A terminator of four zero bytes is old QuickTime's habit.
        if reader.remaining < 8 { return }
        for child in try reader.boxes() { try read(bytes, child) }
    }

    private mutating func read(_ bytes: [UInt8], _ box: Box) throws(MediaReadError) {
        guard box.payload.count <= Self.longestBox else { throw MediaReadError("it is too long", in: box) }
        var reader = FieldReader(bytes, box.payload)
        switch box.type {
        case "colr":
            guard ["nclx", "nclc"].contains(try reader.fourCharacters()) else { return }
            colour = Colour(primaries: try reader.u16(), transfer: try reader.u16(), matrix: try reader.u16())
        case "pasp":
            pixelAspect = (try reader.u32(), try reader.u32())
        case "sinf":
            try readProtection(reader)
        default:
            if boxes.count < 32 { boxes[box.type] = Array(bytes[box.payload]) }
        }
    }

    private mutating func readProtection(_ information: FieldReader) throws(MediaReadError) {
        let bytes = information.bytes
        var protection = Protection()
        for box in try information.boxes() {
            var reader = FieldReader(bytes, box.payload)
            switch box.type {
            case "frma":
                format = try reader.fourCharacters()
            case "schm":
                try reader.skip(4)
                protection.scheme = try reader.fourCharacters()
            case "schi":
                for track in try reader.boxes() where track.type == "tenc" {
                    var reader = FieldReader(bytes, track.payload)
                    let version = try reader.versionAndFlags().version
                    try reader.skip(1)
                    let pattern = try reader.u8()
                    if version > 0 { protection.pattern = (Int(pattern >> 4), Int(pattern & 15)) }
                }
            default:
                break
            }
        }
        self.protection = protection
    }
}
