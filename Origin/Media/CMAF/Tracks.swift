/// Parameter sets of an H.264 stream, 8-bit 4:2:0.
public struct AVCConfiguration: Sendable, Equatable {
    /// Sequence parameter set, from its unit header on.
    public let sequenceParameterSet: [UInt8]
    /// Picture parameter set, from its unit header on.
    public let pictureParameterSet: [UInt8]

    /// Takes the encoder's header in Annex B form; nil unless it holds one set of each kind.
    public init?(annexB header: [UInt8]) {
        let units = AnnexB.units(in: header)
        let sequences = units.filter { header[$0.lowerBound] & 0x1f == 7 }
        let pictures = units.filter { header[$0.lowerBound] & 0x1f == 8 }
        guard sequences.count == 1, pictures.count == 1, sequences[0].count >= 4 else { return nil }
        sequenceParameterSet = Array(header[sequences[0]])
        pictureParameterSet = Array(header[pictures[0]])
    }

    /// Takes an `avcC` payload (ISO/IEC 14496-15 §5.3.3.1); nil unless it holds one set of each kind.
    public init?(record: [UInt8]) {
        var reader = FieldReader(record, 0..<record.count)
        guard let sets = try? Self.sets(&reader), let sequence = sets.sequence, let picture = sets.picture,
            sequence.count >= 4, sequence[0] & 0x1f == 7, picture[0] & 0x1f == 8
        else { return nil }
        sequenceParameterSet = sequence
        pictureParameterSet = picture
    }

    /// The only set of each kind; nil where there are none or several, or an empty one.
    private static func sets(
        _ reader: inout FieldReader
    ) throws(MediaReadError) -> (sequence: [UInt8]?, picture: [UInt8]?) {
        guard try reader.u8() == 1 else { throw reader.error("another version") }
        try reader.skip(4)
        let sequences = try list(&reader, count: Int(try reader.u8() & 0x1f))
        let pictures = try list(&reader, count: Int(try reader.u8()))
        return (sequences.count == 1 ? sequences[0] : nil, pictures.count == 1 ? pictures[0] : nil)
    }

    private static func list(_ reader: inout FieldReader, count: Int) throws(MediaReadError) -> [[UInt8]] {
        var sets: [[UInt8]] = []
        for _ in 0..<count {
            let length = Int(try reader.u16())
            let start = reader.position
            try reader.skip(length)
            guard length > 0 else { throw reader.error("an empty set") }
            sets.append(Array(reader.bytes[start..<start + length]))
        }
        return sets
    }

    /// What the sequence parameter set says; nil when it cannot be read.
    public var sequence: AVCSequence? { AVCSequence(unit: sequenceParameterSet[...]) }

    /// RFC 6381 string: profile, constraints and level as the stream states them.
    public var codecString: String {
        "avc1." + sequenceParameterSet[1...3].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// The `avcC` payload (ISO/IEC 14496-15 §5.3.3.1).
    var record: [UInt8] {
        var writer = BoxWriter()
        writer.u8(1)
        writer.raw(sequenceParameterSet[1...3])
        writer.u8(0xff)
        writer.u8(0xe1)
        writer.u16(UInt16(sequenceParameterSet.count))
        writer.raw(sequenceParameterSet)
        writer.u8(1)
        writer.u16(UInt16(pictureParameterSet.count))
        writer.raw(pictureParameterSet)
        let profile = sequenceParameterSet[1]
        if profile == 100 || profile == 110 || profile == 122 || profile == 144 {
            writer.raw([0xfd, 0xf8, 0xf8, 0x00])
        }
        return writer.bytes
    }
}

/// A picture track.
public struct VideoTrack: Sendable, Equatable {
    /// How colours are coded, as ITU-T H.273 numbers.
    public struct Colour: Sendable, Equatable {
        /// Colour primaries.
        public var primaries: UInt16
        /// Transfer characteristics.
        public var transfer: UInt16
        /// Matrix coefficients.
        public var matrix: UInt16

        /// Limited-range colour with these codes.
        public init(primaries: UInt16, transfer: UInt16, matrix: UInt16) {
            self.primaries = primaries
            self.transfer = transfer
            self.matrix = matrix
        }
    }

    /// Parameter sets.
    public var configuration: AVCConfiguration
    /// Pixels per row.
    public var width: Int
    /// Rows.
    public var height: Int
    /// Ticks per second.
    public var timescale: Int
    /// Ticks between the decode time and the presentation of the first frame, which an edit takes off again.
    public var reorderDelay: Int
    /// Colour coding.
    public var colour: Colour

    /// Describes a picture track of square pixels.
    public init(
        configuration: AVCConfiguration, width: Int, height: Int, timescale: Int, reorderDelay: Int, colour: Colour
    ) {
        self.configuration = configuration
        self.reorderDelay = reorderDelay
        self.width = width
        self.height = height
        self.timescale = timescale
        self.colour = colour
    }
}

/// An AAC track.
public struct AudioTrack: Sendable, Equatable {
    /// AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2).
    public var specificConfig: [UInt8]
    /// Samples per second; also the track's timescale.
    public var sampleRate: Int
    /// Channels.
    public var channels: Int
    /// Samples the encoder puts before the first real one.
    public var priming: Int
    /// Bits per second.
    public var bitsPerSecond: Int
    /// Three letters of ISO 639-2/T; "und" when unknown.
    public var language: String

    /// Describes a sound track.
    public init(
        specificConfig: [UInt8], sampleRate: Int, channels: Int, priming: Int, bitsPerSecond: Int,
        language: String = "und"
    ) {
        self.specificConfig = specificConfig
        self.sampleRate = sampleRate
        self.channels = channels
        self.priming = priming
        self.bitsPerSecond = bitsPerSecond
        self.language = language
    }

    /// RFC 6381 string with the audio object type the configuration states.
    public var codecString: String {
        let type = specificConfig.first.map { $0 >> 3 } ?? 2
        return "mp4a.40.\(type)"
    }
}
