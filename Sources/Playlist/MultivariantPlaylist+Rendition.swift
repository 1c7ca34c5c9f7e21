extension MultivariantPlaylist {
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
        /// CHANNELS, such as "2" or "16/JOC".
        public var channels: String?
        /// ASSOC-LANGUAGE: a language that goes with `language`, such as the written one of a spoken one.
        public var associatedLanguage: String?
        /// CHARACTERISTICS: uniform type identifiers, such as "public.accessibility.describes-video".
        public var characteristics: [String]
        /// FORCED: subtitles without which the film is not understood.
        public var isForced: Bool
        /// INSTREAM-ID of captions, such as "CC1".
        public var inStreamID: String?
        /// STABLE-RENDITION-ID.
        public var stableID: String?

        /// A rendition of `group`.
        public init(
            kind: Kind, group: String, name: String, language: String? = nil, uri: String? = nil,
            isDefault: Bool = false,
            isAutoselect: Bool = false, channels: String? = nil, associatedLanguage: String? = nil,
            characteristics: [String] = [], isForced: Bool = false, inStreamID: String? = nil, stableID: String? = nil
        ) {
            self.kind = kind
            self.group = group
            self.name = name
            self.language = language
            self.uri = uri
            self.isDefault = isDefault
            self.isAutoselect = isAutoselect
            self.channels = channels
            self.associatedLanguage = associatedLanguage
            self.characteristics = characteristics
            self.isForced = isForced
            self.inStreamID = inStreamID
            self.stableID = stableID
        }
    }
}
