/// Something that happened to an object, waiting in the queue; S3's event in rows.
public struct ObjectEvent: Sendable, Equatable {
    /// Ascending in the order of commits; 0 before it is stored.
    public var id: Int64
    /// One of `Name`'s.
    public var name: String
    /// The bucket's name.
    public var bucket: String
    /// The key, not encoded.
    public var key: String
    /// Bytes.
    public var size: Int64
    /// Hex MD5, without quotes.
    public var etag: String
    /// The request that caused it.
    public var requestId: String
    /// Epoch milliseconds.
    public var createdAt: Int64

    /// Makes an event.
    public init(
        id: Int64 = 0, name: String, bucket: String, key: String, size: Int64, etag: String, requestId: String,
        createdAt: Int64
    ) {
        self.id = id
        self.name = name
        self.bucket = bucket
        self.key = key
        self.size = size
        self.etag = etag
        self.requestId = requestId
        self.createdAt = createdAt
    }
}

extension ObjectEvent {
    /// What made an object, in S3's words.
    public enum Name: String, Sendable {
        /// One PUT.
        case put = "ObjectCreated:Put"
        /// A copy of another object.
        case copy = "ObjectCreated:Copy"
        /// An upload in parts.
        case completeMultipartUpload = "ObjectCreated:CompleteMultipartUpload"
    }
}

/// Looks at the queue of events.
public protocol ObjectEventReader {
    /// Whether an event waits.
    func hasObjectEvents() throws -> Bool
}

/// The queue of events: an event leaves it in the transaction that acts on it, so each has its effect exactly once.
public protocol ObjectEventQueue {
    /// Adds an event, in the transaction that makes the object visible.
    func append(_ event: ObjectEvent) throws
    /// Removes and returns the oldest events.
    func takeObjectEvents(limit: Int) throws -> [ObjectEvent]
}
