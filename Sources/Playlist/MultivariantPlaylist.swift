/// The list of variants and renditions a player chooses from (RFC 8216 §4.3.4).
public struct MultivariantPlaylist: Sendable, Equatable {
    /// EXT-X-STREAM-INF and the address under it.
    public struct Variant: Sendable, Equatable {
        /// Address of the media playlist.
        public var uri: String
        /// Peak bits per second of the worst playable combination.
        public var bandwidth: Int
        /// Average bits per second; nil only in playlists of others.
        public var averageBandwidth: Int?
        /// RFC 6381 strings of everything in the variant and its groups.
        public var codecs: [String]
        /// Pixels; nil for sound alone.
        public var resolution: Resolution?
        /// Frames per second in thousandths; nil for sound alone.
        public var frameRateThousandths: Int?
        /// Group of EXT-X-MEDIA renditions of TYPE=AUDIO.
        public var audioGroup: String?
        /// Whether to state CLOSED-CAPTIONS=NONE.
        public var statesNoClosedCaptions: Bool
        /// Group of EXT-X-MEDIA renditions of TYPE=CLOSED-CAPTIONS; not together with `statesNoClosedCaptions`.
        public var closedCaptionsGroup: String?
        /// Group of EXT-X-MEDIA renditions of TYPE=SUBTITLES.
        public var subtitlesGroup: String?
        /// Group of EXT-X-MEDIA renditions of TYPE=VIDEO.
        public var videoGroup: String?
        /// VIDEO-RANGE; nil counts as SDR.
        public var videoRange: VideoRange?
        /// SCORE in thousandths: the highest is preferred. On every variant or none.
        public var scoreThousandths: Int?
        /// SUPPLEMENTAL-CODECS, such as "dvh1.08.07/db4h".
        public var supplementalCodecs: [String]
        /// HDCP-LEVEL: NONE, TYPE-0 or TYPE-1.
        public var hdcpLevel: String?
        /// STABLE-VARIANT-ID.
        public var stableID: String?
        /// PATHWAY-ID.
        public var pathwayID: String?

        /// A variant whose media playlist is at `uri`.
        public init(
            uri: String, bandwidth: Int, averageBandwidth: Int? = nil, codecs: [String] = [],
            resolution: Resolution? = nil,
            frameRateThousandths: Int? = nil, audioGroup: String? = nil, statesNoClosedCaptions: Bool = false,
            closedCaptionsGroup: String? = nil, subtitlesGroup: String? = nil, videoGroup: String? = nil,
            videoRange: VideoRange? = nil, scoreThousandths: Int? = nil, supplementalCodecs: [String] = [],
            hdcpLevel: String? = nil, stableID: String? = nil, pathwayID: String? = nil
        ) {
            self.uri = uri
            self.bandwidth = bandwidth
            self.averageBandwidth = averageBandwidth
            self.codecs = codecs
            self.resolution = resolution
            self.frameRateThousandths = frameRateThousandths
            self.audioGroup = audioGroup
            self.statesNoClosedCaptions = statesNoClosedCaptions
            self.closedCaptionsGroup = closedCaptionsGroup
            self.subtitlesGroup = subtitlesGroup
            self.videoGroup = videoGroup
            self.videoRange = videoRange
            self.scoreThousandths = scoreThousandths
            self.supplementalCodecs = supplementalCodecs
            self.hdcpLevel = hdcpLevel
            self.stableID = stableID
            self.pathwayID = pathwayID
        }
    }

    /// VIDEO-RANGE; other texts than those named here are carried as they are.
    public struct VideoRange: RawRepresentable, Sendable, Hashable {
        /// The attribute's text.
        public let rawValue: String

        /// A range by its text.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Standard dynamic range.
        public static let sdr = VideoRange(rawValue: "SDR")
        /// Hybrid log-gamma (ARIB STD-B67).
        public static let hlg = VideoRange(rawValue: "HLG")
        /// Perceptual quantizer (SMPTE ST 2084).
        public static let pq = VideoRange(rawValue: "PQ")
    }

    /// EXT-X-CONTENT-STEERING.
    public struct ContentSteering: Sendable, Equatable {
        /// SERVER-URI: address of the steering manifest.
        public var serverURI: String
        /// PATHWAY-ID to begin with.
        public var pathwayID: String?

        /// Steering by the manifest at `serverURI`.
        public init(serverURI: String, pathwayID: String? = nil) {
            self.serverURI = serverURI
            self.pathwayID = pathwayID
        }
    }

    /// Width and height in pixels.
    public struct Resolution: Sendable, Equatable {
        /// Pixels per row.
        public var width: Int
        /// Rows.
        public var height: Int

        /// A picture of `width` by `height` pixels.
        public init(width: Int, height: Int) {
            self.width = width
            self.height = height
        }
    }

    /// EXT-X-VERSION; default 7.
    public var version: Int
    /// EXT-X-INDEPENDENT-SEGMENTS for every media playlist below.
    public var hasIndependentSegments: Bool
    /// EXT-X-MEDIA tags.
    public var renditions: [Rendition]
    /// EXT-X-STREAM-INF tags; a player starts with the first.
    public var variants: [Variant]
    /// EXT-X-I-FRAME-STREAM-INF tags.
    public var iFrameVariants: [IFrameVariant]
    /// EXT-X-CONTENT-STEERING.
    public var contentSteering: ContentSteering?

    /// A playlist of `variants`.
    public init(
        version: Int = 7, hasIndependentSegments: Bool = true, renditions: [Rendition] = [], variants: [Variant] = [],
        iFrameVariants: [IFrameVariant] = [], contentSteering: ContentSteering? = nil
    ) {
        self.version = version
        self.hasIndependentSegments = hasIndependentSegments
        self.renditions = renditions
        self.variants = variants
        self.iFrameVariants = iFrameVariants
        self.contentSteering = contentSteering
    }
}
