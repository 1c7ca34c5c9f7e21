/// A video whose file is fetched from an address instead of being uploaded. Its bytes are those of an upload in parts with its id.
public struct VideoImport: Sendable, Equatable {
    /// Where it stands.
    public enum State: String, Sendable, CaseIterable {
        /// It waits for its turn, or for another attempt.
        case queued
        /// Bytes are being fetched.
        case running
        /// The file lies in the upload bucket.
        case done
        /// It was given up; `failure` says why.
        case failed
        /// Somebody wanted it no more.
        case cancelled

        /// Whether nothing more will happen.
        public var isOver: Bool { self == .done || self == .failed || self == .cancelled }
    }

    /// Why it was given up, or why the last attempt failed.
    public struct Failure: Sendable, Equatable {
        /// A name that stays.
        public var code: String
        /// One line.
        public var detail: String
        /// What the server answered; nil without an answer.
        public var status: Int?

        /// Makes a failure.
        public init(code: String, detail: String, status: Int? = nil) {
            self.code = code
            self.detail = detail
            self.status = status
        }
    }

    /// Part of URLs.
    public let id: String
    /// The video.
    public let videoId: String
    /// The account that wants it.
    public let ownerId: String
    /// Where the file is; may hold a secret.
    public let url: String
    /// Where it stands.
    public var state: State
    /// Bytes fetched; those of whole parts are durable.
    public var received: Int64
    /// Bytes there are; nil while nobody has said.
    public var total: Int64?
    /// What must still be true of the file for a part to fit the others: its entity tag, or when it was changed; nil where parts
    /// cannot be asked for.
    public var validator: String?
    /// Attempts in a row that brought no byte.
    public var attempts: Int
    /// What went wrong last.
    public var failure: Failure?
    /// Epoch milliseconds, as all times here.
    public let createdAt: Int64
    /// When it last changed.
    public var updatedAt: Int64

    /// An import that waits for its turn.
    public init(id: String, videoId: String, ownerId: String, url: String, createdAt: Int64) {
        self.id = id
        self.videoId = videoId
        self.ownerId = ownerId
        self.url = url
        state = .queued
        received = 0
        attempts = 0
        self.createdAt = createdAt
        updatedAt = createdAt
    }
}

/// Reads the imports.
public protocol ImportReader {
    /// One import.
    func videoImport(id: String) throws -> VideoImport?
    /// The import of a video; nil for one that is uploaded.
    func videoImport(videoId: String) throws -> VideoImport?
    /// How many of an account's are not over.
    func openImportCount(ownerId: String) throws -> Int
}

/// Changes them; an import goes with its video.
public protocol ImportWriter {
    /// Adds an import.
    func insert(_ videoImport: VideoImport) throws
    /// Replaces what can change of one.
    func save(_ videoImport: VideoImport) throws
}

/// The tables of the imports.
enum ImportSchema {
    static let tables = """
        CREATE TABLE imports (
            id TEXT PRIMARY KEY, video_id TEXT NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
            owner_id TEXT NOT NULL, url TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
            received INTEGER NOT NULL, total INTEGER, validator TEXT,
            content_type TEXT, attempts INTEGER NOT NULL, failure_code TEXT,
            failure_detail TEXT, failure_status INTEGER, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE import_parts (
            import_id TEXT NOT NULL REFERENCES imports (id) ON DELETE CASCADE, start INTEGER NOT NULL,
            blob TEXT NOT NULL UNIQUE, size INTEGER NOT NULL CHECK (size > 0), PRIMARY KEY (import_id, start)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX imports_by_video ON imports (video_id);
        CREATE INDEX imports_open ON imports (owner_id) WHERE state IN ('queued', 'running');
        """

    // The parts had no MD5, of which an object's ETag is made: what is under way begins again.
    static let partsAreUploads = """
        INSERT INTO discarded_blobs (blob) SELECT blob FROM import_parts;
        DROP TABLE import_parts;
        UPDATE imports SET received = 0, validator = NULL WHERE state IN ('queued', 'running');
        ALTER TABLE imports DROP COLUMN content_type;
        """
}
