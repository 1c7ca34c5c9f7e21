/// A bucket that somebody made, beside those that are configured.
public struct Bucket: Sendable, Equatable {
    /// Its name.
    public let name: String
    /// Epoch milliseconds.
    public let createdAt: Int64

    /// A bucket of its parts.
    public init(name: String, createdAt: Int64) {
        self.name = name
        self.createdAt = createdAt
    }
}

/// What may be set for a bucket, a configured one too, as a document that only the gateway reads.
public enum BucketDocument: String, Sendable, CaseIterable {
    /// Which pages may use it.
    case cors
    /// When its objects expire.
    case lifecycle
}

/// Reads buckets and what is set for them.
public protocol BucketReader {
    /// Every bucket that was made, by name.
    func buckets() throws -> [Bucket]
    /// The bucket, or nil when nobody made it.
    func bucket(_ name: String) throws -> Bucket?
    /// What is set for a bucket; nil when nothing is.
    func document(_ kind: BucketDocument, ofBucket bucket: String) throws -> String?
    /// All documents of a kind, by bucket.
    func documents(_ kind: BucketDocument) throws -> [String: String]
    /// The tags of the object that has this blob.
    func tags(ofObjectWithBlob blob: String) throws -> [String: String]
}

/// Changes buckets and what is set for them.
public protocol BucketWriter {
    /// Adds a bucket; false when there is one of that name.
    func insert(_ bucket: Bucket) throws -> Bool
    /// Removes a bucket and what is set for it; its objects are the caller's to look for.
    func deleteBucket(_ name: String) throws
    /// Sets a document for a bucket; nil removes it.
    func setDocument(_ kind: BucketDocument, ofBucket bucket: String, to document: String?) throws
    /// Gives the object that has, or at the end of the transaction will have, this blob these tags and no others.
    func setTags(_ tags: [String: String], ofObjectWithBlob blob: String) throws
}
