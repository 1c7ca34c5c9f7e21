extension MultivariantPlaylist {
    /// EXT-X-I-FRAME-STREAM-INF: a media playlist of key frames, for scrubbing.
    public struct IFrameVariant: Sendable, Equatable {
        /// Address of the media playlist.
        public var uri: String
        /// Peak bits per second at normal speed.
        public var bandwidth: Int
        /// Average bits per second at normal speed.
        public var averageBandwidth: Int?
        /// RFC 6381 strings.
        public var codecs: [String]
        /// Pixels.
        public var resolution: Resolution?
        /// VIDEO-RANGE; nil counts as SDR.
        public var videoRange: VideoRange?
        /// SCORE in thousandths.
        public var scoreThousandths: Int?
        /// SUPPLEMENTAL-CODECS.
        public var supplementalCodecs: [String]
        /// HDCP-LEVEL: NONE, TYPE-0 or TYPE-1.
        public var hdcpLevel: String?
        /// STABLE-VARIANT-ID.
        public var stableID: String?
        /// PATHWAY-ID.
        public var pathwayID: String?

        /// Key frames listed at `uri`.
        public init(
            uri: String, bandwidth: Int, averageBandwidth: Int? = nil, codecs: [String] = [],
            resolution: Resolution? = nil, videoRange: VideoRange? = nil, scoreThousandths: Int? = nil,
            supplementalCodecs: [String] = [], hdcpLevel: String? = nil, stableID: String? = nil,
            pathwayID: String? = nil
        ) {
            self.uri = uri
            self.bandwidth = bandwidth
            self.averageBandwidth = averageBandwidth
            self.codecs = codecs
            self.resolution = resolution
            self.videoRange = videoRange
            self.scoreThousandths = scoreThousandths
            self.supplementalCodecs = supplementalCodecs
            self.hdcpLevel = hdcpLevel
            self.stableID = stableID
            self.pathwayID = pathwayID
        }
    }
}
