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

        /// A variant whose media playlist is at `uri`.
        public init(
            uri: String, bandwidth: Int, averageBandwidth: Int? = nil, codecs: [String] = [],
            resolution: Resolution? = nil,
            frameRateThousandths: Int? = nil, audioGroup: String? = nil, statesNoClosedCaptions: Bool = false
        ) {
            self.uri = uri
            self.bandwidth = bandwidth
            self.averageBandwidth = averageBandwidth
            self.codecs = codecs
            self.resolution = resolution
            self.frameRateThousandths = frameRateThousandths
            self.audioGroup = audioGroup
            self.statesNoClosedCaptions = statesNoClosedCaptions
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

    /// EXT-X-MEDIA.
    public struct Rendition: Sendable, Equatable {
        /// What the rendition carries.
        public enum Kind: String, Sendable {
            /// Sound.
            case audio = "AUDIO"
            /// Pictures.
            case video = "VIDEO"
            /// Subtitles.
            case subtitles = "SUBTITLES"
            /// Captions inside the video.
            case closedCaptions = "CLOSED-CAPTIONS"
        }

        /// TYPE.
        public var kind: Kind
        /// GROUP-ID.
        public var group: String
        /// NAME, for people.
        public var name: String
        /// BCP 47 tag.
        public var language: String?
        /// Address of the media playlist.
        public var uri: String?
        /// Played when the viewer chose nothing.
        public var isDefault: Bool
        /// May be chosen by the system's language settings.
        public var isAutoselect: Bool
        /// CHANNELS, such as "2".
        public var channels: String?

        /// A rendition of `group`.
        public init(
            kind: Kind, group: String, name: String, language: String? = nil, uri: String? = nil,
            isDefault: Bool = false,
            isAutoselect: Bool = false, channels: String? = nil
        ) {
            self.kind = kind
            self.group = group
            self.name = name
            self.language = language
            self.uri = uri
            self.isDefault = isDefault
            self.isAutoselect = isAutoselect
            self.channels = channels
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

    /// A playlist of `variants`.
    public init(
        version: Int = 7, hasIndependentSegments: Bool = true, renditions: [Rendition] = [], variants: [Variant] = []
    ) {
        self.version = version
        self.hasIndependentSegments = hasIndependentSegments
        self.renditions = renditions
        self.variants = variants
    }
}
