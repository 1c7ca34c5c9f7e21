/// What the bytes behind one media playlist say.
public struct RenditionFacts: Sendable, Equatable {
    /// What the playlist is listed as.
    public enum Role: String, Sendable {
        /// A variant: pictures, or pictures and sound, or sound alone.
        case variant
        /// A rendition of TYPE=AUDIO.
        case audio
        /// A rendition of TYPE=VIDEO.
        case video
        /// A rendition of TYPE=SUBTITLES.
        case subtitles
        /// Key frames for scrubbing.
        case iFrames
    }

    /// Address of the playlist.
    public var address: String
    /// What it is listed as.
    public var role: Role
    /// "fmp4", "mpegts", "packed-audio" or "webvtt"; nil when no segment could be read.
    public var container: String?
    /// Segments listed.
    public var segments = 0
    /// Segments whose bytes were measured.
    public var measuredSegments = 0
    /// Bytes of those.
    public var bytes = 0
    /// Seconds the playlist states.
    public var statedSeconds = 0.0
    /// Seconds the measured segments hold.
    public var measuredSeconds: Double?
    /// Bits per second of the worst run of 0.5 to 1.5 target durations.
    public var peakBitsPerSecond: Int?
    /// Bits per second over all measured segments.
    public var averageBitsPerSecond: Int?
    /// RFC 6381 strings of what the segments hold.
    public var codecs: [String] = []
    /// Pixels per row as shown.
    public var width: Int?
    /// Rows as shown.
    public var height: Int?
    /// Frames per second.
    public var frameRate: Double?
    /// Longest way from one key frame to the next, in seconds.
    public var longestKeyFrameSeconds: Double?
    /// "SDR", "HLG" or "PQ"; nil when the bytes do not say.
    public var videoRange: String?
    /// Channels of sound.
    public var channels: Int?
    /// Samples of sound per second.
    public var sampleRate: Int?

    init(address: String, role: Role) {
        self.address = address
        self.role = role
    }
}
