/// Something that happened to an object: an event as S3 tells it.
public struct ObjectEvent: Sendable, Equatable {
    /// One of `Name`'s.
    public var name: String
    /// The bucket's name.
    public var bucket: String
    /// The key, not encoded.
    public var key: String
    /// Bytes.
    public var size: Int64
    /// As the object has it, without quotes.
    public var etag: String
    /// The request that caused it.
    public var requestId: String
    /// Epoch milliseconds.
    public var createdAt: Int64
    /// The region that requests are signed for.
    public var region: String
    /// Who caused it: the id of the access key that signed the request; nil for the origin itself.
    public var principalId: String?
    /// Where the request came from; nil for the origin itself.
    public var sourceAddress: String?
    /// Orders the events of a key: hexadecimal, later ones compare greater. Empty before it is stored.
    public internal(set) var sequencer = ""

    /// Makes an event.
    public init(
        name: String, bucket: String, key: String, size: Int64, etag: String, requestId: String, createdAt: Int64,
        region: String = "", principalId: String? = nil, sourceAddress: String? = nil
    ) {
        self.name = name
        self.bucket = bucket
        self.key = key
        self.size = size
        self.etag = etag
        self.requestId = requestId
        self.createdAt = createdAt
        self.region = region
        self.principalId = principalId
        self.sourceAddress = sourceAddress
    }

    /// The creation of `object`, in the way that `name` says.
    public init(
        _ name: Name, of object: StoredObject, requestId: String, region: String = "", principalId: String? = nil,
        sourceAddress: String? = nil
    ) {
        self.init(
            name: name.rawValue, bucket: object.bucket, key: object.key, size: object.size, etag: object.etag,
            requestId: requestId, createdAt: object.createdAt, region: region, principalId: principalId,
            sourceAddress: sourceAddress)
    }
}

extension ObjectEvent {
    /// What made an object, in S3's words.
    public enum Name: String, Sendable {
        /// One PUT.
        case put = "ObjectCreated:Put"
        /// A form that a browser sent.
        case post = "ObjectCreated:Post"
        /// A copy of another object.
        case copy = "ObjectCreated:Copy"
        /// An upload in parts.
        case completeMultipartUpload = "ObjectCreated:CompleteMultipartUpload"
    }
}

extension QueueWriter {
    /// Announces what happened to an object, in the transaction in which it happens: once for each version of it.
    public func append(_ event: ObjectEvent) throws {
        try send(to: .objectEvents, group: "", now: event.createdAt) { id in
            var numbered = event
            numbered.sequencer = ObjectEvent.sequencer(id)
            return numbered.document
        }
    }
}
