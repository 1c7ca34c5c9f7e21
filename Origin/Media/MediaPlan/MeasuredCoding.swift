/// How the pictures of an H.264 stream are coded, as far as copying them without decoding depends on it.
public struct MeasuredCoding: Sendable, Equatable {
    /// A coded picture.
    public struct Picture: Sendable, Equatable {
        /// When it is shown, in the stream's units on the file's own clock.
        public var presentation: Int64
        /// Its size.
        public var bytes: Int32
        /// Whether decoding can begin with it, and nothing after it needs anything before it.
        public var isIDR: Bool

        /// Describes a picture.
        public init(presentation: Int64, bytes: Int32, isIDR: Bool) {
            self.presentation = presentation
            self.bytes = bytes
            self.isIDR = isIDR
        }
    }

    /// What the sequence parameter set says.
    public struct Header: Sendable, Equatable {
        /// profile_idc: 66 Baseline, 77 Main, 100 High.
        public var profile: Int
        /// The byte of constraint_set flags.
        public var constraints: Int
        /// Ten times the level.
        public var level: Int
        /// Pixels per row after cropping.
        public var width: Int
        /// Rows after cropping.
        public var height: Int
        /// Bits of a luma sample.
        public var bitDepth: Int
        /// 1 is 4:2:0.
        public var chromaFormat: Int
        /// Whether no picture is coded by fields.
        public var isProgressive: Bool

        /// Describes a header.
        public init(
            profile: Int, constraints: Int, level: Int, width: Int, height: Int, bitDepth: Int, chromaFormat: Int,
            isProgressive: Bool
        ) {
            self.profile = profile
            self.constraints = constraints
            self.level = level
            self.width = width
            self.height = height
            self.bitDepth = bitDepth
            self.chromaFormat = chromaFormat
            self.isProgressive = isProgressive
        }
    }

    /// What the sequence parameter set says; nil where there is not exactly one set of each kind in the file's header.
    public var header: Header?
    /// The pictures in decoding order; none from the first obstacle on.
    public var pictures: [Picture]
    /// The first thing that was met in the stream itself that keeps it from being copied, in words; nil for nothing.
    public var obstacle: String?

    /// Describes a stream.
    public init(header: Header?, pictures: [Picture] = [], obstacle: String? = nil) {
        self.header = header
        self.pictures = pictures
        self.obstacle = obstacle
    }
}
