/// What an upload is: what its demuxer says, and what one pass over all packets has measured.
public struct ProbedMedia: Sendable, Equatable {
    /// Container's short name, such as "mov,mp4,m4a,3gp,3g2,mj2".
    public var container: String
    /// Declared duration in seconds, reported and never trusted; nil when the container does not say.
    public var durationSeconds: Double?
    /// The picture stream to use; nil for sound alone.
    public var video: ProbedVideo?
    /// Sound streams in file order.
    public var audio: [ProbedAudio]
    /// Streams of subtitles that Weir can read as text, in file order.
    public var subtitles: [ProbedSubtitles] = []
    /// Size of the file.
    public var bytes = 0
    /// Every stream of the file in order, those included that are not used.
    public var streams: [ProbedStream] = []
    /// The times of the pictures; nil until measured, or without pictures.
    public var pictures: MeasuredPictures?
    /// How the pictures are coded; nil until measured, for codecs that are never copied, and where the file's header has no
    /// parameter sets.
    public var coding: MeasuredCoding?
    /// Whether the file ends in the middle of something.
    public var breaksOff = false
    /// Leaps of the file's clock that had to be closed.
    public var clockLeaps = 0
    /// Whether the demuxer can go to any keyframe and says the same times from there on.
    public var canSeek = false

    /// Streams that a file may have, attachments and subtitles included.
    public static let maximumStreams = 64

    /// Describes an upload.
    public init(container: String, durationSeconds: Double?, video: ProbedVideo?, audio: [ProbedAudio]) {
        self.container = container
        self.durationSeconds = durationSeconds
        self.video = video
        self.audio = audio
    }
}

/// One stream of the file.
public struct ProbedStream: Sendable, Equatable {
    /// What it carries.
    public enum Kind: String, Sendable {
        /// Pictures.
        case video
        /// A picture that belongs to the whole file, such as a cover.
        case picture
        /// Sound.
        case audio
        /// Text or pictures of text.
        case subtitles
        /// Times, positions, anything else.
        case data
        /// A file carried along, such as a font.
        case attachment
    }

    /// Index in the file.
    public var index: Int
    /// What it carries.
    public var kind: Kind
    /// Codec's short name.
    public var codec: String
    /// Whether Weir decodes this codec.
    public var isDecodable: Bool
    /// Whether what it carries are pictures of text.
    public var showsTextAsPictures = false
    /// The container's language mark; nil when absent.
    public var language: String?
    /// Declared duration in seconds; nil when the container does not say.
    public var declaredSeconds: Double?
    /// Declared rate; nil when the container does not say.
    public var declaredBitsPerSecond: Int?
    /// What was measured.
    public var measured = MeasuredStream()

    /// Describes a stream.
    public init(
        index: Int, kind: Kind, codec: String, isDecodable: Bool, language: String? = nil,
        declaredSeconds: Double? = nil, declaredBitsPerSecond: Int? = nil
    ) {
        self.index = index
        self.kind = kind
        self.codec = codec
        self.isDecodable = isDecodable
        self.language = language
        self.declaredSeconds = declaredSeconds
        self.declaredBitsPerSecond = declaredBitsPerSecond
    }
}

/// How a stream's colours are coded, as far as it says so.
public struct ProbedColour: Sendable, Equatable {
    /// Colour primaries, ITU-T H.273; 2 when unknown, as below.
    public var primaries = 2
    /// Transfer characteristics.
    public var transfer = 2
    /// Matrix coefficients.
    public var matrix = 2
    /// Whether values fill the whole range of bytes.
    public var isFullRange = false
    /// Whether pixels are red, green and blue.
    public var isRGB = false

    /// Unknown limited-range colour unless told.
    public init(
        primaries: Int = 2, transfer: Int = 2, matrix: Int = 2, isFullRange: Bool = false, isRGB: Bool = false
    ) {
        self.primaries = primaries
        self.transfer = transfer
        self.matrix = matrix
        self.isFullRange = isFullRange
        self.isRGB = isRGB
    }
}

/// One picture stream.
public struct ProbedVideo: Sendable, Equatable {
    /// How light levels are coded.
    public enum Transfer: String, Sendable {
        /// Standard dynamic range, or unknown.
        case sdr
        /// SMPTE ST 2084 (HDR10).
        case pq
        /// ARIB STD-B67.
        case hlg
    }

    /// Index in the file.
    public var streamIndex: Int
    /// Codec's short name.
    public var codec: String
    /// Coded pixels per row, before rotation.
    public var width: Int
    /// Coded rows, before rotation.
    public var height: Int
    /// Width of a pixel over its height.
    public var sampleAspect: Rational
    /// How the decoded picture must be turned to stand upright.
    public var orientation: Orientation
    /// Frames per second, as the container or its first seconds say; nil if unknown.
    public var declaredRate: Rational?
    /// Whether frames hold two fields of different times, by the first frames where they could be decoded.
    public var isInterlaced: Bool
    /// Whether the container says so; nil if it says nothing.
    public var isDeclaredInterlaced: Bool?
    /// Light coding.
    public var transfer: Transfer
    /// Pixel format's short name.
    public var pixelFormat: String
    /// Colour coding.
    public var colour = ProbedColour()

    /// Describes a picture stream.
    public init(
        streamIndex: Int, codec: String, width: Int, height: Int, sampleAspect: Rational = .one,
        orientation: Orientation = .upright, declaredRate: Rational?, isInterlaced: Bool = false,
        transfer: Transfer = .sdr, pixelFormat: String = "yuv420p"
    ) {
        self.streamIndex = streamIndex
        self.codec = codec
        self.width = width
        self.height = height
        self.sampleAspect = sampleAspect
        self.orientation = orientation
        self.declaredRate = declaredRate
        self.isInterlaced = isInterlaced
        self.transfer = transfer
        self.pixelFormat = pixelFormat
    }
}

/// One sound stream.
public struct ProbedAudio: Sendable, Equatable {
    /// Index in the file.
    public var streamIndex: Int
    /// Codec's short name.
    public var codec: String
    /// Samples per second.
    public var sampleRate: Int
    /// Channels.
    public var channels: Int
    /// The container's language mark, such as "eng"; nil when absent or undetermined.
    public var language: String?
    /// Whether the container marks it as the one to play.
    public var isDefault: Bool
    /// How it is coded; nil until measured, for codecs other than AAC, and where the file's header does not say.
    public var coding: MeasuredSound?

    /// Describes a sound stream.
    public init(
        streamIndex: Int, codec: String, sampleRate: Int, channels: Int, language: String? = nil,
        isDefault: Bool = false
    ) {
        self.streamIndex = streamIndex
        self.codec = codec
        self.sampleRate = sampleRate
        self.channels = channels
        self.language = language
        self.isDefault = isDefault
    }
}

/// One stream of subtitles that are text.
public struct ProbedSubtitles: Sendable, Equatable {
    /// Index in the file.
    public var streamIndex: Int
    /// Codec's short name.
    public var codec: String
    /// The container's language mark; nil when absent.
    public var language: String?
    /// The container's title, whatever it holds; nil when absent.
    public var title: String?
    /// Whether the container marks them as needed by everybody.
    public var isForced: Bool
    /// Whether the container marks them as made for those who do not hear.
    public var describesSound: Bool

    /// Describes a stream of subtitles.
    public init(
        streamIndex: Int, codec: String, language: String? = nil, title: String? = nil, isForced: Bool = false,
        describesSound: Bool = false
    ) {
        self.streamIndex = streamIndex
        self.codec = codec
        self.language = language
        self.title = title
        self.isForced = isForced
        self.describesSound = describesSound
    }
}
