public import CMAF

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
        /// Index of the parameter sets that it refers to.
        public var sets: UInt8

        /// Describes a picture.
        public init(presentation: Int64, bytes: Int32, isIDR: Bool, sets: UInt8 = 0) {
            self.presentation = presentation
            self.bytes = bytes
            self.isIDR = isIDR
            self.sets = sets
        }
    }

    /// A sequence parameter set, with the picture parameter set that goes with it.
    public struct ParameterSets: Sendable, Equatable {
        /// The sequence parameter set as it stands in the file.
        public var sequence: [UInt8]
        /// The picture parameter set as it stands in the file.
        public var picture: [UInt8]
        /// By which numbers they are referred to; nil when these cannot be read.
        public var numbers: AVCParameterSets.Numbers?
        /// What the sequence parameter set says; nil when it cannot be read.
        public var header: Header?

        /// Describes parameter sets.
        public init(sequence: [UInt8], picture: [UInt8], numbers: AVCParameterSets.Numbers?, header: Header?) {
            self.sequence = sequence
            self.picture = picture
            self.numbers = numbers
            self.header = header
        }
    }

    /// What a sequence parameter set says.
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
        /// Whether pixels are as wide as high, or nothing else is said.
        public var isSquare: Bool
        /// Whether luma uses all values from 0 to 255.
        public var isFullRange: Bool
        /// Colour codes; nil when it says nothing.
        public var colour: EncodedColour?

        /// Describes a header.
        public init(
            profile: Int, constraints: Int, level: Int, width: Int, height: Int, bitDepth: Int, chromaFormat: Int,
            isProgressive: Bool, isSquare: Bool = true, isFullRange: Bool = false, colour: EncodedColour? = nil
        ) {
            self.profile = profile
            self.constraints = constraints
            self.level = level
            self.width = width
            self.height = height
            self.bitDepth = bitDepth
            self.chromaFormat = chromaFormat
            self.isProgressive = isProgressive
            self.isSquare = isSquare
            self.isFullRange = isFullRange
            self.colour = colour
        }
    }

    /// Parameter sets in the order in which pictures came that refer to them; empty where the file's header does not hold
    /// exactly one set of each kind.
    public var sets: [ParameterSets]
    /// The pictures in decoding order.
    public var pictures: [Picture]
    /// What keeps single pictures from being copied, in words, by index; with the last of `mostFaults` measuring ends.
    public var faults: [Int: String]

    /// Where there are more, nobody asks which.
    public static let mostFaults = 1024

    /// Describes a stream.
    public init(sets: [ParameterSets], pictures: [Picture] = [], faults: [Int: String] = [:]) {
        self.sets = sets
        self.pictures = pictures
        self.faults = faults
    }
}
