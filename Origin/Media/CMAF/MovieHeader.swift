/// What an initialisation section says, read from any bytes (ISO/IEC 14496-12 §8.2).
public struct MovieHeader: Sendable, Equatable {
    /// One entry of an edit list.
    public struct Edit: Sendable, Equatable {
        /// In ticks of the movie; 0 means to the end of the fragments.
        public var duration: UInt64
        /// First tick of the track that is shown; -1 means nothing is.
        public var mediaTime: Int64

        /// Whether it delays the track and shows nothing.
        public var isEmpty: Bool { mediaTime < 0 }
    }

    /// Values for samples of which fragments do not say their own (`trex`).
    public struct SampleDefaults: Sendable, Equatable {
        var duration: UInt32 = 0
        var size: UInt32 = 0
        var flags: UInt32 = 0
    }

    /// One track.
    public struct Track: Sendable, Equatable {
        /// track_ID.
        public var id: UInt32 = 0
        /// Handler: "vide", "soun", "subt", "text", …
        public var handler = ""
        /// Ticks per second.
        public var timescale: UInt32 = 0
        /// Edit list.
        public var edits: [Edit] = []
        /// Width in pixels from the track header.
        public var width = 0
        /// Height in pixels from the track header.
        public var height = 0
        /// How samples are coded.
        public var entries: [SampleDescription] = []
        var defaults = SampleDefaults()
    }

    /// Brands of `ftyp`, the major one first; empty when there is none.
    public private(set) var brands: [String] = []
    /// Ticks per second of the movie.
    public private(set) var timescale: UInt32 = 0
    /// Whether fragments may follow (`mvex`).
    public private(set) var isFragmented = false
    /// The tracks.
    public private(set) var tracks: [Track] = []

    /// No real presentation has more tracks or sample entries.
    private static let mostTracks = 64

    /// Reads `ftyp` and `moov`; other boxes are passed over.
    public init(parsing bytes: [UInt8]) throws(MediaReadError) {
        let boxes = try FieldReader(bytes, 0..<bytes.count).boxes()
        if let type = boxes.first(where: { $0.type == "ftyp" || $0.type == "styp" }) {
            brands = Box.brands(in: bytes, of: type)
        }
        guard let movie = boxes.first(where: { $0.type == "moov" }) else {
            throw MediaReadError(reason: "there is no moov box", offset: 0)
        }
        for box in try FieldReader(bytes, movie.payload).boxes() {
            var reader = FieldReader(bytes, box.payload)
            switch box.type {
            case "mvhd":
                let version = try reader.versionAndFlags().version
                try reader.skip(version == 1 ? 16 : 8)
                timescale = try reader.u32()
            case "trak":
                guard tracks.count < Self.mostTracks else { throw MediaReadError("too many tracks", in: box) }
                tracks.append(try Track(bytes, in: box))
            case "mvex":
                isFragmented = true
                try readDefaults(reader)
            default:
                break
            }
        }
    }

    private mutating func readDefaults(_ extends: FieldReader) throws(MediaReadError) {
        for box in try extends.boxes() where box.type == "trex" {
            var reader = FieldReader(extends.bytes, box.payload)
            try reader.skip(4)
            let id = try reader.u32()
            try reader.skip(4)
            let defaults = SampleDefaults(
                duration: try reader.u32(), size: try reader.u32(), flags: try reader.u32())
            for index in tracks.indices where tracks[index].id == id { tracks[index].defaults = defaults }
        }
    }
}

extension MovieHeader.Track {
    private static var mostEdits: Int { 1_024 }

    fileprivate init(_ bytes: [UInt8], in track: Box) throws(MediaReadError) {
        for box in try FieldReader(bytes, track.payload).boxes() {
            var reader = FieldReader(bytes, box.payload)
            switch box.type {
            case "tkhd":
                let version = try reader.versionAndFlags().version
                try reader.skip(version == 1 ? 16 : 8)
                id = try reader.u32()
                try reader.skip(version == 1 ? 12 : 8)
                try reader.skip(8 + 8 + 36)
                width = Int(try reader.u32() >> 16)
                height = Int(try reader.u32() >> 16)
            case "edts":
                for list in try reader.boxes() where list.type == "elst" { try readEdits(bytes, list) }
            case "mdia":
                try readMedia(reader)
            default:
                break
            }
        }
    }

    private mutating func readEdits(_ bytes: [UInt8], _ box: Box) throws(MediaReadError) {
        var reader = FieldReader(bytes, box.payload)
        let version = try reader.versionAndFlags().version
        let count = try reader.u32()
        guard count <= Self.mostEdits else { throw MediaReadError("too many edits", in: box) }
        for _ in 0..<count {
            let duration = version == 1 ? try reader.u64() : UInt64(try reader.u32())
            let mediaTime =
                version == 1
                ? Int64(bitPattern: try reader.u64()) : Int64(Int32(bitPattern: try reader.u32()))
            try reader.skip(4)
            edits.append(.init(duration: duration, mediaTime: mediaTime))
        }
    }

    private mutating func readMedia(_ media: FieldReader) throws(MediaReadError) {
        let bytes = media.bytes
        for box in try media.boxes() {
            var reader = FieldReader(bytes, box.payload)
            switch box.type {
            case "mdhd":
                let version = try reader.versionAndFlags().version
                try reader.skip(version == 1 ? 16 : 8)
                timescale = try reader.u32()
            case "hdlr":
                try reader.skip(8)
                handler = try reader.fourCharacters()
            case "minf":
                for table in try reader.boxes() where table.type == "stbl" {
                    for description in try FieldReader(bytes, table.payload).boxes() where description.type == "stsd" {
                        try readEntries(bytes, description)
                    }
                }
            default:
                break
            }
        }
    }

    private mutating func readEntries(_ bytes: [UInt8], _ box: Box) throws(MediaReadError) {
        var reader = FieldReader(bytes, box.payload)
        try reader.skip(8)
        let boxes = try reader.boxes()
        guard boxes.count <= 64 else { throw MediaReadError("too many sample entries", in: box) }
        for entry in boxes { entries.append(try SampleDescription(bytes, in: entry, handler: handler)) }
    }
}
