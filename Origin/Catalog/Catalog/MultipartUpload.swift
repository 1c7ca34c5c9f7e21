/// An object on its way in parts: what it will be, and the parts that have come.
public struct MultipartUpload: Sendable, Equatable {
    /// What a checksum of the whole is made of.
    public enum ChecksumType: String, Sendable {
        /// The checksums of the parts, hashed.
        case composite = "COMPOSITE"
        /// The bytes, as if they had come at once.
        case fullObject = "FULL_OBJECT"
    }

    /// The checksum an object will have whose parts have one.
    public struct Checksum: Sendable, Equatable {
        /// The algorithm's name in `StoredObject.checksums`, such as `crc32`.
        public var algorithm: String
        /// What it is made of.
        public var type: ChecksumType

        /// A checksum with the given values.
        public init(algorithm: String, type: ChecksumType) {
            self.algorithm = algorithm
            self.type = type
        }
    }

    /// Parts are numbered from 1 to this.
    public static let maximumParts = 10_000
    /// How long an upload may take from its beginning: a week, in seconds.
    public static let lifetimeSeconds: Int64 = 604_800
    /// What every part but the last must have: 5 MiB.
    public static let minimumPartBytes: Int64 = 5 << 20

    /// The id; nobody can guess it.
    public let id: String
    /// The object but for its bytes: without blob, size, ETag and checksums. Made when the upload began.
    public let object: StoredObject
    /// The tags the object will have.
    public let tags: [String: String]
    /// The checksum of the whole that was asked for.
    public let checksum: Checksum?
    /// What no part may exceed, in bytes; nil for whatever the gateway takes.
    public let maximumPartBytes: Int64?

    /// Begins an upload of what `object` describes.
    public init(
        id: String, object: StoredObject, tags: [String: String] = [:], checksum: Checksum? = nil,
        maximumPartBytes: Int64? = nil
    ) {
        self.id = id
        self.object = object
        self.tags = tags
        self.checksum = checksum
        self.maximumPartBytes = maximumPartBytes
    }
}

/// A part of an upload: whole and durable.
public struct UploadPart: Sendable, Equatable {
    /// Its place among the parts, from 1.
    public var number: Int
    /// Its bytes.
    public var blob: String
    /// Bytes.
    public var size: Int64
    /// Lower-case hex MD5, without quotes.
    public var etag: String
    /// Checksums that were verified, by name, in base64.
    public var checksums: [String: String]
    /// Epoch milliseconds.
    public var createdAt: Int64

    /// Describes a part.
    public init(
        number: Int, blob: String, size: Int64, etag: String, checksums: [String: String] = [:], createdAt: Int64
    ) {
        self.number = number
        self.blob = blob
        self.size = size
        self.etag = etag
        self.checksums = checksums
        self.createdAt = createdAt
    }
}

/// What is remembered of an upload that is an object now, for a client that did not get the answer and asks again.
public struct CompletedUpload: Sendable, Equatable {
    /// The upload's id.
    public var id: String
    /// Where the object was made.
    public var bucket: String
    /// Its key.
    public var key: String
    /// Which parts were asked for; the same request has the same value.
    public var request: String
    /// The object's ETag, without quotes.
    public var etag: String
    /// Its checksums.
    public var checksums: [String: String]
    /// Epoch milliseconds.
    public var completedAt: Int64

    /// Remembers an upload.
    public init(
        id: String, bucket: String, key: String, request: String, etag: String, checksums: [String: String],
        completedAt: Int64
    ) {
        self.id = id
        self.bucket = bucket
        self.key = key
        self.request = request
        self.etag = etag
        self.checksums = checksums
        self.completedAt = completedAt
    }
}

/// Reads uploads in parts.
public protocol MultipartUploadReader {
    /// The upload, or nil once it is completed, aborted or expired.
    func upload(id: String) throws -> MultipartUpload?
    /// Uploads under way whose key starts with `prefix` and that come after a key and an id, in this order.
    func uploads(
        bucket: String, prefix: String, after: (key: String, id: String), limit: Int
    ) throws -> [MultipartUpload]
    /// The parts of an upload after a number, in order.
    func uploadParts(of id: String, after number: Int, limit: Int) throws -> [UploadPart]
    /// The last parts of an upload, the last of all first.
    func lastUploadParts(of id: String, limit: Int) throws -> [UploadPart]
    /// Bytes of all parts of an upload; 0 for one that is not there.
    func uploadedBytes(of id: String) throws -> Int64
    /// What is remembered of a completed upload.
    func completedUpload(id: String) throws -> CompletedUpload?
}

/// Changes uploads in parts. A blob that loses its part is put on the reclaim list in the same transaction.
public protocol MultipartUploadWriter {
    /// Adds an upload.
    func insert(_ upload: MultipartUpload) throws
    /// Adds a part to an upload that is there, in place of one with the same number.
    func save(_ part: UploadPart, of uploadId: String) throws
    /// Makes a part the last of an upload that is there, in place of those from its number on.
    func append(_ part: UploadPart, to uploadId: String) throws
    /// Puts all parts of an upload behind number `last` of another one.
    func moveUploadParts(of id: String, to other: String, after last: Int) throws
    /// Makes parts of an upload the bytes of `object`, which becomes visible; its blob is that of the first of them. The upload
    /// is gone, with the parts that are not among them, and remembered.
    func complete(with parts: [UploadPart], as object: StoredObject, remembering completed: CompletedUpload) throws
    /// Removes an upload and its parts; false when there was none.
    func deleteUpload(id: String) throws -> Bool
    /// Removes all uploads to a key and their parts.
    func deleteUploads(bucket: String, key: String) throws
    /// Removes uploads begun, and forgets uploads completed, before a time in epoch milliseconds; returns how many uploads were
    /// removed, which may be `limit` when there are more. A video that waits for one that was sent by tus is removed with it.
    func expireUploads(before time: Int64, limit: Int) throws -> Int
}
