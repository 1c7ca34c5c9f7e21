/// Parameter sets of an H.264 stream, 8-bit 4:2:0.
public struct AVCConfiguration: Sendable, Equatable {
    /// Every pair that pictures of the stream refer to, each under numbers of its own; never empty.
    public let sets: [AVCParameterSets]

    /// Joins pairs; nil without any, or for more than a record can hold.
    public init?(_ sets: [AVCParameterSets]) {
        guard (1...31).contains(sets.count) else { return nil }
        self.sets = sets
    }

    /// Takes the encoder's header in Annex B form; nil unless it holds one set of each kind.
    public init?(annexB header: [UInt8]) {
        let units = AnnexB.units(in: header)
        let sequences = units.filter { header[$0.lowerBound] & 0x1f == 7 }
        let pictures = units.filter { header[$0.lowerBound] & 0x1f == 8 }
        guard sequences.count == 1, pictures.count == 1,
            let pair = AVCParameterSets(sequence: Array(header[sequences[0]]), picture: Array(header[pictures[0]]))
        else { return nil }
        sets = [pair]
    }

    /// Takes an `avcC` payload (ISO/IEC 14496-15 §5.3.3.1); nil unless it holds one set of each kind.
    public init?(record: [UInt8]) {
        var reader = FieldReader(record, 0..<record.count)
        guard let pair = try? Self.pair(&reader) else { return nil }
        sets = [pair]
    }

    /// The only set of each kind; nil where there are none or several, or an empty one.
    private static func pair(_ reader: inout FieldReader) throws(MediaReadError) -> AVCParameterSets? {
        guard try reader.u8() == 1 else { throw reader.error("another version") }
        try reader.skip(4)
        let sequences = try list(&reader, count: Int(try reader.u8() & 0x1f))
        let pictures = try list(&reader, count: Int(try reader.u8()))
        guard sequences.count == 1, pictures.count == 1 else { return nil }
        return AVCParameterSets(sequence: sequences[0], picture: pictures[0])
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

    /// Profile, constraints and level that a decoder of every set keeps to (ISO/IEC 14496-15 §5.3.3.1.2): the highest
    /// profile and level, and what all sets promise.
    private var indication: [UInt8] {
        let sequences = sets.map(\.sequence)
        return [
            sequences.map { $0[1] }.max() ?? 0, sequences.reduce(0xff) { $0 & $1[2] },
            sequences.map { $0[3] }.max() ?? 0,
        ]
    }

    /// RFC 6381 string: profile, constraints and level of the stream.
    public var codecString: String {
        "avc1." + indication.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// The `avcC` payload (ISO/IEC 14496-15 §5.3.3.1).
    var record: [UInt8] {
        var writer = BoxWriter()
        writer.u8(1)
        writer.raw(indication)
        writer.u8(0xff)
        writer.u8(0xe0 | UInt8(sets.count))
        for set in sets { Self.write(set.sequence, to: &writer) }
        writer.u8(UInt8(sets.count))
        for set in sets { Self.write(set.picture, to: &writer) }
        let profile = indication[0]
        if profile == 100 || profile == 110 || profile == 122 || profile == 144 {
            writer.raw([0xfd, 0xf8, 0xf8, 0x00])
        }
        return writer.bytes
    }

    private static func write(_ set: [UInt8], to writer: inout BoxWriter) {
        writer.u16(UInt16(set.count))
        writer.raw(set)
    }
}

/// How the pictures of a track are coded.
public enum VideoConfiguration: Sendable, Equatable {
    /// H.264.
    case avc(AVCConfiguration)
    /// H.265.
    case hevc(HEVCConfiguration)
    /// AV1.
    case av1(AV1Configuration)

    /// RFC 6381 string.
    public var codecString: String {
        switch self {
        case .avc(let configuration): configuration.codecString
        case .hevc(let configuration): configuration.codecString
        case .av1(let configuration): configuration.codecString
        }
    }

    /// The sample entry's type, and the box in it that says how to decode.
    var boxes: (entry: StaticString, configuration: StaticString, record: [UInt8]) {
        switch self {
        case .avc(let configuration): ("avc1", "avcC", configuration.record)
        case .hevc(let configuration): ("hvc1", "hvcC", configuration.record)
        case .av1(let configuration): ("av01", "av1C", configuration.record)
        }
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

    /// How to decode it.
    public var configuration: VideoConfiguration
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
        configuration: VideoConfiguration, width: Int, height: Int, timescale: Int, reorderDelay: Int, colour: Colour
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
        AACConfiguration(specificConfig: specificConfig)?.codec ?? "mp4a.40.2"
    }
}
