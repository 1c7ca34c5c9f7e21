public import JSON

/// What a transcode will produce, known before its first segment: enough to write early playlists.
public struct PresentationOutline: Sendable, Equatable {
    /// The renditions: sizes of the picture lowest first, then sound, the default one first.
    public var renditions: [RenditionOutline]
    /// EXT-X-TARGETDURATION of all of them.
    public var targetDurationSeconds: Int
    /// What the upload says its length is; nil if it does not.
    public var declaredSeconds: Double?
    /// Choices and their reasons.
    public var explanation: JSONValue

    /// Outlines a presentation.
    public init(
        renditions: [RenditionOutline], targetDurationSeconds: Int, declaredSeconds: Double?, explanation: JSONValue
    ) {
        self.renditions = renditions
        self.targetDurationSeconds = targetDurationSeconds
        self.declaredSeconds = declaredSeconds
        self.explanation = explanation
    }
}

/// One rendition: a folder with an init segment, media segments and a playlist.
public struct RenditionOutline: Sendable, Equatable {
    /// Pictures or sound.
    public enum Content: Sendable, Equatable {
        /// Size in pixels and frames per second in thousandths.
        case video(width: Int, height: Int, frameRateThousandths: Int)
        /// BCP 47 language, channels, and whether it plays unless another is chosen.
        case audio(language: String?, channels: Int, isDefault: Bool)
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
}
