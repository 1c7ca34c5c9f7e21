/// What tus knows of an upload beside its bytes, which are those of the upload in parts with the same id.
///
/// It is under way while that one is there, whole once that one is remembered as completed, and gone when neither is.
public struct TusUpload: Sendable, Equatable {
    /// Part of its URL; nobody can guess it.
    public let id: String
    /// The account that sends it.
    public let ownerId: String
    /// The video that it is the file of; nil for a part of one, which others are put before or behind.
    public let videoId: String?
    /// Bytes that there will be; nil while the client has not said.
    public var length: Int64?
    /// `Upload-Metadata` as it was sent, to be sent back; may be empty.
    public let metadata: String
    /// The uploads it was made of, in order; empty for one that was sent.
    public let partials: [String]
    /// Epoch milliseconds.
    public let createdAt: Int64

    /// Describes an upload.
    public init(
        id: String, ownerId: String, videoId: String?, length: Int64?, metadata: String, partials: [String] = [],
        createdAt: Int64
    ) {
        self.id = id
        self.ownerId = ownerId
        self.videoId = videoId
        self.length = length
        self.metadata = metadata
        self.partials = partials
        self.createdAt = createdAt
    }
}

/// Reads uploads by tus.
public protocol TusUploadReader {
    /// One upload; nil once it is given up, expired, or has become a part of another one.
    func tusUpload(id: String) throws -> TusUpload?
    /// The upload that an account has made of others.
    func tusUpload(of ownerId: String, joining partials: [String]) throws -> TusUpload?
}

/// Changes uploads by tus; one goes with its video.
public protocol TusUploadWriter {
    /// Adds an upload.
    func insert(_ upload: TusUpload) throws
    /// Says how long an upload is that did not say.
    func setLength(_ length: Int64, ofTusUpload id: String) throws
    /// Removes an upload that is under way, with its bytes and the video that waits for it.
    func deleteTusUpload(id: String) throws
    /// Forgets an upload whose bytes are another one's.
    func forgetTusUpload(id: String) throws
}

/// The tables of uploads by tus.
enum TusSchema {
    static let tables = """
        CREATE TABLE tus_uploads (
            id TEXT PRIMARY KEY, owner_id TEXT NOT NULL, video_id TEXT REFERENCES videos (id) ON DELETE CASCADE,
            length INTEGER CHECK (length > 0), metadata TEXT NOT NULL, partials TEXT NOT NULL,
            created_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE UNIQUE INDEX tus_uploads_by_partials ON tus_uploads (owner_id, partials) WHERE partials <> '';
        CREATE INDEX tus_uploads_by_video ON tus_uploads (video_id);
        CREATE INDEX tus_uploads_by_creation ON tus_uploads (created_at);
        """
}
