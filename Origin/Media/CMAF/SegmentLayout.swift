/// What lies in a media segment, read from any bytes (ISO/IEC 14496-12 §8.8).
///
/// Memory is in proportion to the bytes given: counts that they could not hold are refused.
public struct SegmentLayout: Sendable, Equatable {
    /// One sample as a track fragment lists it.
    public struct SampleReference: Sendable, Equatable {
        /// Where its bytes are; nil when they lie outside of the segment.
        public var range: Range<Int>?
        /// Bytes.
        public var size: UInt32
        /// Ticks to the next sample in decoding order.
        public var duration: UInt32
        /// Presentation time less decoding time, in ticks.
        public var compositionOffset: Int64
        /// Sample flags as they stand (ISO/IEC 14496-12 §8.8.3.1).
        public var flags: UInt32

        /// Whether the flags say that decoding can start here.
        public var isSync: Bool { flags & 0x0001_0000 == 0 }
    }

    /// Samples of one track in one fragment (`traf`).
    public struct TrackFragment: Sendable, Equatable {
        /// track_ID.
        public var trackID: UInt32 = 0
        /// `tfdt`; nil when there is none.
        public var decodeTime: UInt64?
        /// Bits of the decode time's field: 32 or 64.
        public var decodeTimeBits = 32
        /// Whether places are relative to the fragment, as HLS demands (RFC 8216 §3.3).
        public var isRelativeToFragment = false
        /// The samples in decoding order.
        public var samples: [SampleReference] = []
    }

    /// One `moof`.
    public struct Fragment: Sendable, Equatable {
        /// sequence_number.
        public var sequence: UInt32?
        /// The track fragments.
        public var tracks: [TrackFragment] = []
    }

    /// Types of the boxes at the top, in order.
    public private(set) var boxes: [String] = []
    /// Brands of `styp`, the major one first; empty when there is none.
    public private(set) var brands: [String] = []
    /// The fragments in order.
    public private(set) var fragments: [Fragment] = []
    /// Whether the last `mdat` says it is longer than the bytes given: a byte range that ends inside of it.
    public private(set) var isCutShort = false
    /// Whether everything but the bytes of samples was read; false when boxes follow that the first bytes do not hold.
    public private(set) var isWhole = true

    /// No segment of seconds has more.
    private static let mostBoxes = 16_384
    private static let mostSamples = 1 << 18

    private var samplesLeft = Self.mostSamples
    private let length: Int

    /// Reads a segment whose tracks `header` describes.
    public init(parsing bytes: [UInt8], header: MovieHeader) throws(MediaReadError) {
        try self.init(parsingStart: bytes, of: bytes.count, header: header)
    }

    /// Reads a segment of `length` bytes from its first ones, which must reach into its only or last `mdat`: what is said of
    /// samples stands before them.
    public init(parsingStart bytes: [UInt8], of length: Int, header: MovieHeader) throws(MediaReadError) {
        self.length = length
        var offset = 0
        while offset < bytes.count {
            guard let box = Box.first(in: bytes, at: offset) else {
                throw MediaReadError(reason: "there is no box", offset: offset)
            }
            guard boxes.count < Self.mostBoxes else { throw MediaReadError("too many boxes", in: box) }
            boxes.append(box.type)
            guard box.range.upperBound <= bytes.count else {
                guard box.type == "mdat" else { throw MediaReadError("it ends behind the segment", in: box) }
                isCutShort = box.range.upperBound > length
                isWhole = box.range.upperBound >= length
                return
            }
            switch box.type {
            case "styp": brands = Box.brands(in: bytes, of: box)
            case "moof": fragments.append(try fragment(bytes, box, header))
            default: break
            }
            offset = box.range.upperBound
        }
        isWhole = offset >= length
    }

    private mutating func fragment(
        _ bytes: [UInt8], _ box: Box, _ header: MovieHeader
    ) throws(MediaReadError) -> Fragment {
        var fragment = Fragment()
        for child in try FieldReader(bytes, box.payload).boxes() {
            switch child.type {
            case "mfhd":
                var reader = FieldReader(bytes, child.payload)
                try reader.skip(4)
                fragment.sequence = try reader.u32()
            case "traf":
                guard fragment.tracks.count < 64 else { throw MediaReadError("too many track fragments", in: box) }
                fragment.tracks.append(try trackFragment(bytes, child, in: box, header))
            default:
                break
            }
        }
        return fragment
    }

    private mutating func trackFragment(
        _ bytes: [UInt8], _ box: Box, in fragment: Box, _ header: MovieHeader
    ) throws(MediaReadError) -> TrackFragment {
        var track = TrackFragment()
        var defaults = MovieHeader.SampleDefaults()
        var base = fragment.range.lowerBound
        var next: Int?
        for child in try FieldReader(bytes, box.payload).boxes() {
            var reader = FieldReader(bytes, child.payload)
            switch child.type {
            case "tfhd":
                let flags = try reader.versionAndFlags().flags
                track.trackID = try reader.u32()
                defaults = header.tracks.first { $0.id == track.trackID }?.defaults ?? defaults
                if flags & 0x1 != 0 { base = Int(clamping: try reader.u64()) }
                if flags & 0x2 != 0 { try reader.skip(4) }
                if flags & 0x8 != 0 { defaults.duration = try reader.u32() }
                if flags & 0x10 != 0 { defaults.size = try reader.u32() }
                if flags & 0x20 != 0 { defaults.flags = try reader.u32() }
                track.isRelativeToFragment = flags & 0x1 == 0 && flags & 0x2_0000 != 0
            case "tfdt":
                let version = try reader.versionAndFlags().version
                track.decodeTimeBits = version == 1 ? 64 : 32
                track.decodeTime = version == 1 ? try reader.u64() : UInt64(try reader.u32())
            case "trun":
                let run = TrackRun(base: base, following: next, limit: length, defaults: defaults)
                next = try run.read(&reader, into: &track.samples, most: &samplesLeft)
            default:
                break
            }
        }
        return track
    }
}

/// One `trun` (ISO/IEC 14496-12 §8.8.8).
private struct TrackRun {
    /// Where the fragment's places count from.
    let base: Int
    /// Where the run before ended.
    let following: Int?
    /// Bytes of the segment.
    let limit: Int
    let defaults: MovieHeader.SampleDefaults

    /// - Returns: where the last sample ends.
    func read(
        _ reader: inout FieldReader, into samples: inout [SegmentLayout.SampleReference], most: inout Int
    ) throws(MediaReadError) -> Int {
        let (version, flags) = try reader.versionAndFlags()
        let count = Int(try reader.u32())
        var place = following ?? base
        if flags & 0x1 != 0 {
            place = base.addingReportingOverflow(Int(Int32(bitPattern: try reader.u32()))).partialValue
        }
        let firstFlags = flags & 0x4 != 0 ? try reader.u32() : nil
        guard count <= most else { throw reader.error("trun: more samples than a segment of seconds can have") }
        most -= count
        let fields = (flags & 0xf00).nonzeroBitCount * 4
        guard count * fields <= reader.remaining else { throw reader.error("trun: more samples than it has bytes for") }
        samples.reserveCapacity(samples.count + count)
        for index in 0..<count {
            let duration = flags & 0x100 != 0 ? try reader.u32() : defaults.duration
            let size = flags & 0x200 != 0 ? try reader.u32() : defaults.size
            let own = flags & 0x400 != 0 ? try reader.u32() : nil
            let offset = flags & 0x800 != 0 ? try reader.u32() : 0
            let end = place.addingReportingOverflow(Int(size))
            let isInside = !end.overflow && place >= 0 && end.partialValue <= limit
            samples.append(
                .init(
                    range: isInside ? place..<end.partialValue : nil, size: size, duration: duration,
                    compositionOffset: version == 0 ? Int64(offset) : Int64(Int32(bitPattern: offset)),
                    flags: own ?? (index == 0 ? firstFlags : nil) ?? defaults.flags))
            place = end.partialValue
        }
        return place
    }
}
