/// What the demuxer says about an upload, free of any library's types.
public struct ProbedMedia: Sendable, Equatable {
    /// Container's short name, such as "mov,mp4,m4a,3gp,3g2,mj2".
    public var container: String
    /// Declared duration in seconds; nil when the container does not say.
    public var durationSeconds: Double?
    /// The picture stream to use; nil for sound alone.
    public var video: ProbedVideo?
    /// Sound streams in file order.
    public var audio: [ProbedAudio]

    /// Describes an upload.
    public init(container: String, durationSeconds: Double?, video: ProbedVideo?, audio: [ProbedAudio]) {
        self.container = container
        self.durationSeconds = durationSeconds
        self.video = video
        self.audio = audio
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
    /// Frames over time, as the container or the first seconds show; nil if unknown.
    public var averageRate: Rational?
    /// The lowest rate on which all timestamps lie; nil if unknown.
    public var nominalRate: Rational?
    /// Whether frames hold two fields of different times.
    public var isInterlaced: Bool
    /// Light coding.
    public var transfer: Transfer
    /// Pixel format's short name.
    public var pixelFormat: String

    /// Describes a picture stream.
    public init(
        streamIndex: Int, codec: String, width: Int, height: Int, sampleAspect: Rational = .one,
        orientation: Orientation = .upright, averageRate: Rational?, nominalRate: Rational?, isInterlaced: Bool = false,
        transfer: Transfer = .sdr, pixelFormat: String = "yuv420p"
    ) {
        self.streamIndex = streamIndex
        self.codec = codec
        self.width = width
        self.height = height
        self.sampleAspect = sampleAspect
        self.orientation = orientation
        self.averageRate = averageRate
        self.nominalRate = nominalRate
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
