/// Subtitles that somebody has added to a video: one file of each language.
public struct Caption: Sendable, Equatable {
    /// What they say.
    public enum Kind: String, Sendable, CaseIterable {
        /// What is spoken.
        case subtitles
        /// What is spoken and what is heard beside it.
        case captions
    }

    /// The video.
    public let videoId: String
    /// The BCP 47 tag.
    public let language: String
    /// What they say.
    public var kind: Kind
    /// What people are shown; nil for the language.
    public var name: String?
    /// How many texts there are.
    public var cues: Int
    /// Another one whenever the file is.
    public var revision: String
    /// The folder below the video's in which they are published; nil while they are not.
    public var folder: String?
    /// Epoch milliseconds.
    public var updatedAt: Int64

    /// Captions that are published nowhere.
    public init(
        videoId: String, language: String, kind: Kind, name: String?, cues: Int, revision: String, updatedAt: Int64
    ) {
        self.videoId = videoId
        self.language = language
        self.kind = kind
        self.name = name
        self.cues = cues
        self.revision = revision
        self.updatedAt = updatedAt
    }
}

/// Reads captions.
public protocol CaptionReader {
    /// Those of a video, by language.
    func captions(videoId: String) throws -> [Caption]
    /// The file of one, in WebVTT.
    func captionText(videoId: String, language: String) throws -> String?
}

/// Changes captions, which go with their video.
public protocol CaptionWriter {
    /// Adds captions with their file, in place of those of the same language.
    func put(_ caption: Caption, text: String) throws
    /// Notes where captions are published.
    func publishCaption(videoId: String, language: String, in folder: String) throws
    /// Removes the captions of a language.
    func deleteCaption(videoId: String, language: String) throws
}

/// The table of captions. The text is last, so that lists need not read it.
enum CaptionSchema {
    static let tables = """
        CREATE TABLE captions (
            video_id TEXT NOT NULL REFERENCES videos (id) ON DELETE CASCADE, language TEXT NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('subtitles', 'captions')), name TEXT, cues INTEGER NOT NULL,
            revision TEXT NOT NULL, folder TEXT, updated_at INTEGER NOT NULL, text TEXT NOT NULL,
            PRIMARY KEY (video_id, language)
        ) STRICT;
        """
}
