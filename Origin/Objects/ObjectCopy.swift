public import Catalog
public import ObjectStore

/// An object of the same bytes as another one, under another name; neither knows of the other.
///
/// Blobs never change, so the copy shares them and costs as many names as the source has blobs, whatever its size. Only what
/// is assembled of other objects' bytes is copied byte by byte: a copy that shares them would end with those objects.
public struct ObjectCopy: Sendable {
    /// The copy: described as told, with the source's size, ETag and checksums.
    public let object: StoredObject
    /// The blobs it owns beside its first.
    public let pieces: [ObjectPiece]

    /// Makes the copy's blobs durable; `CatalogStore.publish` makes it visible.
    ///
    /// Throws `.missing` when the source was replaced or deleted meanwhile.
    public init(
        of source: StoredObject, as described: StoredObject, in blobs: any BlobStore, _ catalog: any CatalogStore
    ) async throws {
        let sources = try await catalog.read { try $0.objectPieces(blob: source.blob) }
        guard source.ownSize == nil || !sources.isEmpty else {
            object = try await Self.writtenOut(source, as: described, in: blobs, catalog)
            pieces = []
            return
        }
        let names = try await blobs.share([source.blob] + sources.map(\.blob))
        var object = described
        object.blob = names[0]
        object.size = source.size
        object.ownSize = source.ownSize
        object.etag = source.etag
        object.checksums = source.checksums
        self.object = object
        pieces = zip(sources, names.dropFirst()).map { source, name in
            ObjectPiece(start: source.start, blob: name, size: source.size)
        }
    }

    private static func writtenOut(
        _ source: StoredObject, as described: StoredObject, in blobs: any BlobStore, _ catalog: any CatalogStore
    ) async throws -> StoredObject {
        let bytes = try await ObjectBytes(of: source, in: blobs, catalog)
        let draft = try await ObjectDraft(described, expectedSize: source.size, in: blobs)
        do {
            try await bytes.read(0..<source.size) { try await draft.append($0) }
            return try await draft.finish(size: source.size, etag: source.etag, checksums: source.checksums)
        } catch {
            await draft.discard()
            throw error
        }
    }
}
