/// One object of a bucket: what a GET returns, and which blob holds its bytes.
public struct StoredObject: Sendable, Equatable {
    /// The bucket's name.
    public var bucket: String
    /// The key, at most 1,024 bytes of UTF-8.
    public var key: String
    /// The blob with the bytes.
    public var blob: String
    /// Bytes.
    public var size: Int64
    /// How many of them, from the first on, the blob holds when the others are in further blobs of the object or of other
    /// objects; nil when it holds all.
    public var ownSize: Int64?
    /// Lower-case hex MD5 of the bytes, without quotes; with "-" and a number when it is made of those of several parts.
    public var etag: String
    /// Checksums the uploader sent and the gateway verified: `crc32` → base64; with "-" and a number when it is made of those of
    /// several parts.
    public var checksums: [String: String]
    /// Content-Type.
    public var contentType: String
    /// The other stored header fields under lower-case names, such as `cache-control`.
    public var headers: [String: String]
    /// `x-amz-meta-*` without the prefix, lower-case names.
    public var metadata: [String: String]
    /// Epoch milliseconds; Last-Modified.
    public var createdAt: Int64

    /// Makes an object.
    public init(
        bucket: String, key: String, blob: String, size: Int64, etag: String, checksums: [String: String] = [:],
        contentType: String, headers: [String: String] = [:], metadata: [String: String] = [:], createdAt: Int64
    ) {
        self.bucket = bucket
        self.key = key
        self.blob = blob
        self.size = size
        self.etag = etag
        self.checksums = checksums
        self.contentType = contentType
        self.headers = headers
        self.metadata = metadata
        self.createdAt = createdAt
    }
}

/// A run of bytes that an object shares with another one of its bucket.
public struct ObjectPart: Sendable, Equatable {
    /// Place of its first byte in the object that it is a part of.
    public var start: Int64
    /// The object that has the bytes.
    public var key: String
    /// That object's ETag: with another one it has other bytes, and the part is gone.
    public var etag: String
    /// Place of the first byte in that object.
    public var offset: Int64
    /// Bytes, at least one.
    public var count: Int64

    /// Describes a part.
    public init(start: Int64, key: String, etag: String, offset: Int64, count: Int64) {
        self.start = start
        self.key = key
        self.etag = etag
        self.offset = offset
        self.count = count
    }
}

/// Reads the index of objects.
public protocol ObjectReader {
    /// The object, or nil.
    func object(bucket: String, key: String) throws -> StoredObject?
    /// Objects whose key starts with `prefix`, from `start` on (itself included), in the order of the keys' bytes.
    func objects(bucket: String, prefix: String, from start: String, limit: Int) throws -> [StoredObject]
    /// The part of the object with this blob that holds the byte at `place`; nil when there is none.
    func objectPart(blob: String, holding place: Int64) throws -> ObjectPart?
    /// Whether an object, a part of an upload or the reclaim list names the blob.
    func knowsBlob(_ blob: String) throws -> Bool
    /// Blobs no object names any more, oldest first.
    func discardedBlobs(limit: Int) throws -> [String]
}

/// Changes the index of objects.
///
/// A blob that loses its object is put on the reclaim list in the same transaction, so a crash can leave garbage for
/// the reclaimer but never an object without bytes.
public protocol ObjectWriter {
    /// Makes the object visible in place of one with the same key; which blobs it has beside its own is said afterwards.
    func put(_ object: StoredObject) throws
    /// Names the parts of an object that is visible; they go with it.
    func insert(_ parts: [ObjectPart], ofObjectWithBlob blob: String) throws
    /// Removes the object; nil when there was none.
    func deleteObject(bucket: String, key: String) throws -> StoredObject?
    /// Removes every object whose key starts with `prefix`; returns how many.
    func deleteObjects(bucket: String, prefix: String) throws -> Int
    /// Moves every object whose key starts with `prefix` to another bucket, where none of these keys may be.
    func moveObjects(prefix: String, from bucket: String, to other: String) throws
    /// Takes blobs off the reclaim list, once their bytes are gone.
    func forgetDiscarded(blobs: [String]) throws
}
