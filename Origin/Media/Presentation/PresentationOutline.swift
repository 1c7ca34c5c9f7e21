public import JSON

/// What a transcode will produce, known before its first segment: enough to write early playlists.
public struct PresentationOutline: Sendable, Equatable {
    /// The renditions: sizes of the picture lowest first, ladder after ladder, H.264 first, then sound, the default one first, then subtitles, then all others, then captions that people have added.
    public var renditions: [RenditionOutline]
    /// EXT-X-TARGETDURATION of all of them.
    public var targetDurationSeconds: Int
    /// Length in seconds, as measured.
    public var durationSeconds: Double
    /// Choices and their reasons.
    public var explanation: JSONValue

    /// Outlines a presentation.
    public init(
        renditions: [RenditionOutline], targetDurationSeconds: Int, durationSeconds: Double, explanation: JSONValue
    ) {
        self.renditions = renditions
        self.targetDurationSeconds = targetDurationSeconds
        self.durationSeconds = durationSeconds
        self.explanation = explanation
    }

    /// Indices of the sizes of the picture, lowest first, ladder after ladder.
    public var pictures: [Int] { renditions.indices.filter { renditions[$0].isVideo } }

    /// Indices of the renditions for playing fast.
    public var trickPlays: [Int] { renditions.indices.filter { renditions[$0].isTrickPlay } }

    /// Indices of the sound renditions, the default one first.
    public var sounds: [Int] { renditions.indices.filter { renditions[$0].isAudio } }

    /// Indices of the subtitles.
    public var subtitles: [Int] { renditions.indices.filter { renditions[$0].isSubtitles } }

    /// Indices of what is watched and heard: not what only helps to find a place.
    public var streams: [Int] { pictures + sounds }
}

/// One rendition: a folder with an init segment, media segments and a playlist.
public struct RenditionOutline: Sendable, Equatable {
    /// What a rendition carries.
    public enum Content: Sendable, Equatable {
        /// Size in pixels and frames per second in thousandths.
        case video(width: Int, height: Int, frameRateThousandths: Int)
        /// BCP 47 language, channels, whether it plays unless another is chosen, and which of the film's sounds it is:
        /// renditions of one `track` differ in channels alone.
        case audio(language: String?, channels: Int, isDefault: Bool, track: Int = 0)
        /// Texts of a BCP 47 language, with a name for people; whether everybody is to see them, and whether they say what is
        /// heard beside speech.
        case subtitles(language: String?, title: String?, isForced: Bool, describesSound: Bool)
        /// Small keyframes for playing fast, every one decoded by itself; size in pixels.
        case trickPlay(width: Int, height: Int)
        /// Small pictures side by side, one sheet per segment: size of one in pixels, and how many a full sheet holds.
        case storyboard(width: Int, height: Int, tiles: Int)
        /// The picture that stands best for each segment; size in pixels.
        case poster(width: Int, height: Int)
    }

    /// The folder's name.
    public var name: String
    /// What it carries.
    public var content: Content
    /// RFC 6381 string from the stream itself.
    public var codec: String
    /// Bits per second that no run of segments exceeds, declared until the true figure is measured.
    public var declaredPeak: Int
    /// Bits per second declared as the average until then.
    public var declaredAverage: Int
    /// Share of it that is the upload's own stream, which costs next to nothing, 0 to 1.
    public var copiedShare = 0.0

    /// Outlines a rendition.
    public init(name: String, content: Content, codec: String, declaredPeak: Int, declaredAverage: Int) {
        self.name = name
        self.content = content
        self.codec = codec
        self.declaredPeak = declaredPeak
        self.declaredAverage = declaredAverage
    }

    /// Whether it carries pictures.
    public var isVideo: Bool {
        if case .video = content { true } else { false }
    }

    /// Whether it carries sound.
    public var isAudio: Bool {
        if case .audio = content { true } else { false }
    }

    /// Channels of sound; nil for anything else.
    var channels: Int? {
        if case .audio(_, let channels, _, _) = content { channels } else { nil }
    }

    /// Which of the film's sounds it is; nil for anything else.
    var track: Int? {
        if case .audio(_, _, _, let track) = content { track } else { nil }
    }

    /// Whether it carries texts.
    public var isSubtitles: Bool {
        if case .subtitles = content { true } else { false }
    }

    /// Whether it carries keyframes alone.
    public var isTrickPlay: Bool {
        if case .trickPlay = content { true } else { false }
    }

    /// What a second of it costs to make, a second of 1280×720 at 30 frames per second being 1.
    public var effort: Double {
        switch content {
        case .video(let width, let height, let rate):
            0.02 * copiedShare
                + (1 - copiedShare) * Double(width * height) * Double(rate) / (1280 * 720 * 30_000) * codecEffort
        case .trickPlay(let width, let height): Double(width * height) / (1280 * 720 * 30)
        case .audio: 0.02
        case .subtitles, .storyboard, .poster: 0
        }
    }

    /// How its codec is called in sample entries, such as "avc1".
    var codecFamily: Substring { codec.prefix { $0 != "." } }

    /// Whether it is in the codec that every player of files takes.
    public var isPlayedByAll: Bool { codecFamily == "avc1" }

    /// Processor time of the codec's encoder in that of H.264's for the same picture: measured with HEVC and AV1, all at
    /// "veryfast".
    private var codecEffort: Double { isPlayedByAll ? 1 : 3 }

    /// Whether its segments need an init segment.
    public var hasInitialization: Bool {
        switch content {
        case .video, .audio, .trickPlay: true
        case .subtitles, .storyboard, .poster: false
        }
    }

    /// Name of the file of segment `number` in the rendition's folder.
    public func fileName(_ number: Int) -> String {
        StoredSegment.fileName(number, ending: fileEnding)
    }

    /// What the names of its segments end in.
    public var fileEnding: String {
        switch content {
        case .video, .audio, .trickPlay: "m4s"
        case .subtitles: "vtt"
        case .storyboard, .poster: "jpg"
        }
    }

    /// Path of segment `number` below the presentation's folder.
    public func path(ofSegment number: Int) -> String { "\(name)/\(fileName(number))" }
}
