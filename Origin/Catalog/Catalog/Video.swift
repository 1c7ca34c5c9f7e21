public import MediaPlan

/// Where a video stands between upload and playback.
public enum VideoStatus: String, Sendable, CaseIterable {
    /// The upload URL was handed out; nothing has arrived.
    case awaitingUpload = "awaiting_upload"
    /// The file is whole and durable; no worker has it.
    case queued
    /// A worker finds out what the file is.
    case probing
    /// A worker encodes; the video may be playable already.
    case transcoding
    /// Everything is published and checked.
    case ready
    /// It will not become a video; `failure` says why.
    case failed
}

/// Who may watch.
public enum Visibility: String, Sendable, CaseIterable {
    /// The owner and administrators.
    case `private`
    /// Whoever knows the address.
    case unlisted
    /// Everyone; it appears in lists.
    case `public`
}

/// Why a video failed, for its owner.
public struct VideoFailure: Sendable, Equatable {
    /// A sentence the video's owner understands.
    public var reason: String
    /// What an operator wants to know besides; may be empty.
    public var detail: String

    /// Makes a failure.
    public init(reason: String, detail: String) {
        self.reason = reason
        self.detail = detail
    }
}

/// One video of the library.
public struct Video: Sendable, Equatable {
    /// 20 lower-case letters and digits; part of URLs and object keys.
    public let id: String
    /// The owner's `sub`.
    public let ownerId: String
    /// The owner's name when the video was made.
    public var ownerName: String
    /// What the owner calls it.
    public var title: String
    /// What the owner says about it; may be empty.
    public var description: String
    /// The uploaded file's own name.
    public var fileName: String
    /// The media type the uploader declared.
    public var contentType: String
    /// Where the upload lands in the upload bucket.
    public let uploadKey: String
    /// The size the uploader declared, in bytes.
    public var declaredSize: Int64
    /// Who may watch.
    public var visibility: Visibility
    /// What is made of it.
    public let options: VideoOptions
    /// Where it stands.
    public var status: VideoStatus
    /// How much of the work is done, 0 to 1.
    public var progress: Double
    /// Whether a playlist with at least one segment is published.
    public var playable: Bool
    /// Why it failed; nil unless `status` is `failed`.
    public var failure: VideoFailure?
    /// The length in seconds, once known.
    public var durationSeconds: Double?
    /// What can be played, best last.
    public var renditions: [Rendition]
    /// The picture that stands for it, as a path below its folder; nil before there is one.
    public var poster: String?
    /// The place in seconds that its owner has chosen this picture at; nil for no choice.
    public var posterSeconds: Double?
    /// Why each transcoding decision was taken: the worker's JSON, word for word.
    public var explain: String?
    /// How many sessions have watched.
    public var views: Int64
    /// How many people like it.
    public var likes: Int64
    /// Epoch milliseconds.
    public let createdAt: Int64
    /// Epoch milliseconds of the last change.
    public var updatedAt: Int64
    /// Since when it lies in the trash, in epoch milliseconds; nil outside of it.
    public var deletedAt: Int64?
    /// How often people have changed it, from 1: what a worker does to it does not count.
    public var edition: Int64

    /// A video that waits for its upload.
    public init(
        id: String, ownerId: String, ownerName: String, title: String, description: String = "", fileName: String,
        contentType: String, uploadKey: String, declaredSize: Int64, visibility: Visibility,
        options: VideoOptions = VideoOptions(), createdAt: Int64
    ) {
        self.id = id
        self.ownerId = ownerId
        self.ownerName = ownerName
        self.title = title
        self.description = description
        self.fileName = fileName
        self.contentType = contentType
        self.uploadKey = uploadKey
        self.declaredSize = declaredSize
        self.visibility = visibility
        self.options = options
        self.createdAt = createdAt
        status = .awaitingUpload
        progress = 0
        playable = false
        renditions = []
        views = 0
        likes = 0
        updatedAt = createdAt
        edition = 1
    }
}

/// One quality of a video, with the figures measured on its segments.
public struct Rendition: Sendable, Equatable {
    /// The folder below the video's, such as `720p` or `audio`.
    public var name: String
    /// Pixels; 0 for audio alone.
    public var width: Int
    /// Pixels; 0 for audio alone.
    public var height: Int
    /// Frames per second; 0 for audio alone.
    public var frameRate: Double
    /// The RFC 6381 string, such as `avc1.640028,mp4a.40.2`.
    public var codecs: String
    /// Peak bits per second over any segment.
    public var bandwidth: Int64
    /// Bits per second over the whole.
    public var averageBandwidth: Int64
    /// How many segments.
    public var segments: Int
    /// Bytes of all segments.
    public var bytes: Int64

    /// Makes a rendition.
    public init(
        name: String, width: Int, height: Int, frameRate: Double, codecs: String, bandwidth: Int64,
        averageBandwidth: Int64, segments: Int, bytes: Int64
    ) {
        self.name = name
        self.width = width
        self.height = height
        self.frameRate = frameRate
        self.codecs = codecs
        self.bandwidth = bandwidth
        self.averageBandwidth = averageBandwidth
        self.segments = segments
        self.bytes = bytes
    }
}
