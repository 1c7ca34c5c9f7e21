internal import Bytes
public import Catalog
internal import Crypto
public import ObjectStore

/// An object whose first bytes are its own and whose others are parts of objects that lie in the same bucket already.
///
/// Its ETag follows from those of the parts, like that of an object that was uploaded in parts: the same bytes assembled again
/// have the same one, and nobody has to read them for it.
public struct AssembledObject: Sendable {
    /// The object.
    public let object: StoredObject
    /// Where its other bytes are, in order.
    public let parts: [ObjectPart]

    /// Bytes of another object.
    public struct Source: Sendable {
        /// The object that has them.
        public let object: StoredObject
        /// Where they are in it; not empty.
        public let range: Range<Int64>

        /// Describes bytes of an object that holds all of its own.
        public init(_ object: StoredObject, _ range: Range<Int64>) {
            precondition(object.ownSize == nil && !range.isEmpty, "a part is bytes of an object with a whole blob")
            self.object = object
            self.range = range
        }
    }

    /// Makes the own bytes durable; `CatalogStore.publish` makes the object visible.
    public init(
        _ described: StoredObject, own bytes: [UInt8], then sources: [Source], in blobs: any BlobStore
    ) async throws {
        var object = try await ObjectDraft.whole(described, bytes, in: blobs)
        let digest = StreamingDigest(.md5)
        digest.update(Array(object.etag.utf8))
        var parts: [ObjectPart] = []
        var end = object.size
        for source in sources {
            digest.update(Array("\(source.object.etag) \(source.range.lowerBound) \(source.range.count)\n".utf8))
            parts.append(
                ObjectPart(
                    start: end, key: source.object.key, etag: source.object.etag, offset: source.range.lowerBound,
                    count: Int64(source.range.count)))
            end += Int64(source.range.count)
        }
        object.ownSize = object.size
        object.size = end
        object.etag = "\(Hex.encode(digest.finish()))-\(parts.count)"
        self.object = object
        self.parts = parts
    }
}
