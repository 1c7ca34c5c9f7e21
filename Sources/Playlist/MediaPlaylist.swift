/// One rendition's list of segments (RFC 8216 §4.3.3): what a player fetches in order.
public struct MediaPlaylist: Sendable, Equatable {
    /// EXT-X-PLAYLIST-TYPE: whether the list may still grow.
    public enum Kind: String, Sendable {
        /// Segments are only ever appended.
        case event = "EVENT"
        /// The list never changes again.
        case vod = "VOD"
    }

    /// Part of a resource (EXT-X-BYTERANGE).
    public struct ByteRange: Sendable, Equatable {
        /// Bytes taken.
        public var length: Int
        /// First byte; nil continues after the previous range of the same resource.
        public var offset: Int?

        /// Takes `length` bytes from `offset`.
        public init(length: Int, offset: Int? = nil) {
            self.length = length
            self.offset = offset
        }
    }

    /// EXT-X-MAP: where the initialisation section is.
    public struct Map: Sendable, Equatable {
        /// Address, relative to the playlist.
        public var uri: String
        /// The part of it to use; nil means all.
        public var byteRange: ByteRange?
        /// EXT-X-KEY in force where it stands; empty means not encrypted. Keys that come after it are its segments' alone
        /// (RFC 8216 §4.3.2.5).
        public var keys: [Key]

        /// An initialisation section at `uri`.
        public init(uri: String, byteRange: ByteRange? = nil, keys: [Key] = []) {
            self.uri = uri
            self.byteRange = byteRange
            self.keys = keys
        }
    }

    /// One media segment.
    public struct Segment: Sendable, Equatable {
        /// Address, relative to the playlist.
        public var uri: String
        /// Presentation duration in microseconds; integers so that sums do not drift.
        public var durationMicroseconds: Int64
        /// The text after EXTINF's comma; usually empty.
        public var title: String
        /// The part of the resource to use; nil means all.
        public var byteRange: ByteRange?
        /// The initialisation section in force.
        public var map: Map?
        /// Whether timestamps or encoding parameters break before this segment.
        public var isDiscontinuity: Bool
        /// EXT-X-KEY in force, one per key format; empty means not encrypted.
        public var keys: [Key]
        /// EXT-X-BITRATE in force, in kb/s; nil before the first and where there is a byte range (RFC 8216bis §4.4.4.8).
        ///
        /// Once stated it holds for all that follow: a nil behind another segment's value is written as that value.
        public var bitrateKilobits: Int?
        /// EXT-X-PROGRAM-DATE-TIME of the first sample, as it stands.
        public var programDateTime: String?
        /// EXT-X-GAP: there is no such segment.
        public var isGap: Bool

        /// A segment of `durationMicroseconds` at `uri`.
        public init(
            uri: String, durationMicroseconds: Int64, title: String = "", byteRange: ByteRange? = nil, map: Map? = nil,
            isDiscontinuity: Bool = false, keys: [Key] = [], bitrateKilobits: Int? = nil,
            programDateTime: String? = nil, isGap: Bool = false
        ) {
            self.uri = uri
            self.durationMicroseconds = durationMicroseconds
            self.title = title
            self.byteRange = byteRange
            self.map = map
            self.isDiscontinuity = isDiscontinuity
            self.keys = keys
            self.bitrateKilobits = bitrateKilobits
            self.programDateTime = programDateTime
            self.isGap = isGap
        }
    }

    /// EXT-X-VERSION; default 7, what EXT-X-MAP in a playlist with more than I-frames needs (§7).
    public var version: Int
    /// EXT-X-TARGETDURATION in seconds; no segment rounds to more.
    public var targetDurationSeconds: Int
    /// Number of the first segment.
    public var mediaSequence: Int
    /// nil: neither EVENT nor VOD is promised.
    public var kind: Kind?
    /// Whether every segment decodes without another.
    public var hasIndependentSegments: Bool
    /// EXT-X-I-FRAMES-ONLY: every segment is one key frame, for scrubbing.
    public var isIFramesOnly: Bool
    /// EXT-X-DISCONTINUITY-SEQUENCE; nil when not stated.
    public var discontinuitySequence: Int?
    /// EXT-X-START in microseconds; negative counts from the end.
    public var startOffsetMicroseconds: Int64?
    /// The segments in play order.
    public var segments: [Segment]
    /// EXT-X-ENDLIST: nothing follows.
    public var isEnded: Bool

    /// An empty list to which segments are added.
    public init(
        version: Int = 7, targetDurationSeconds: Int, mediaSequence: Int = 0, kind: Kind? = nil,
        hasIndependentSegments: Bool = false, startOffsetMicroseconds: Int64? = nil, segments: [Segment] = [],
        isEnded: Bool = false, isIFramesOnly: Bool = false, discontinuitySequence: Int? = nil
    ) {
        self.version = version
        self.targetDurationSeconds = targetDurationSeconds
        self.mediaSequence = mediaSequence
        self.kind = kind
        self.hasIndependentSegments = hasIndependentSegments
        self.startOffsetMicroseconds = startOffsetMicroseconds
        self.segments = segments
        self.isEnded = isEnded
        self.isIFramesOnly = isIFramesOnly
        self.discontinuitySequence = discontinuitySequence
    }

    /// Sum of all segments in microseconds.
    public var durationMicroseconds: Int64 {
        segments.reduce(0) { $0 + $1.durationMicroseconds }
    }
}
