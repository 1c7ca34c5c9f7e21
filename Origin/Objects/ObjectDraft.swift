internal import Bytes
public import Catalog
internal import Crypto
public import ObjectStore

/// One object on its way into a bucket: its bytes go into a blob that nobody sees.
///
/// One task at a time uses it, and ends it with `finish` or `discard`.
public struct ObjectDraft: Sendable {
    private let described: StoredObject
    private let blob: any BlobWriter

    /// Begins the object that `described` describes but for its blob, size and checksums.
    ///
    /// `expectedSize` in bytes lets a store without room say so before the first one.
    public init(_ described: StoredObject, expectedSize: Int64?, in blobs: any BlobStore) async throws {
        self.described = described
        blob = try await blobs.create(expectedSize: expectedSize)
    }

    /// Adds bytes; returns when they are handed to the store.
    public func append(_ bytes: [UInt8]) async throws { try await blob.append(bytes) }

    /// Makes the bytes durable; `CatalogStore.publish` makes the object visible.
    public func finish(size: Int64, etag: String, checksums: [String: String] = [:]) async throws -> StoredObject {
        var object = described
        object.blob = blob.name
        object.size = size
        object.etag = etag
        object.checksums = checksums
        try await blob.commit()
        return object
    }

    /// Throws the bytes away.
    public func discard() async { await blob.discard() }

    /// Makes an object of bytes that are all there.
    public static func whole(
        _ described: StoredObject, _ bytes: [UInt8], in blobs: any BlobStore
    ) async throws -> StoredObject {
        let draft = try await ObjectDraft(described, expectedSize: Int64(bytes.count), in: blobs)
        let digest = StreamingDigest(.md5)
        digest.update(bytes)
        do {
            try await draft.append(bytes)
            return try await draft.finish(size: Int64(bytes.count), etag: Hex.encode(digest.finish()))
        } catch {
            await draft.discard()
            throw error
        }
    }
}
