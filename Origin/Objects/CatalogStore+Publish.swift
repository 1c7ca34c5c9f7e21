public import Catalog
public import ObjectStore

extension CatalogStore {
    /// Makes finished objects visible, all in the transaction in which `body` runs and after it; when that fails their
    /// blobs are deleted and nothing has changed.
    ///
    /// `body` throws to forbid it: what it has read holds until the objects are visible.
    public func publish<R: Sendable>(
        _ objects: [StoredObject], in blobs: any BlobStore,
        _ body: @escaping @Sendable (any CatalogTransaction) throws -> R
    ) async throws -> R {
        try await publish(objects, [], [], in: blobs, body)
    }

    /// Makes an assembled object visible in the same way.
    public func publish<R: Sendable>(
        _ assembled: AssembledObject, in blobs: any BlobStore,
        _ body: @escaping @Sendable (any CatalogTransaction) throws -> R
    ) async throws -> R {
        try await publish([assembled.object], assembled.parts, [], in: blobs, body)
    }

    /// Makes a copy visible in the same way.
    public func publish<R: Sendable>(
        _ copy: ObjectCopy, in blobs: any BlobStore,
        _ body: @escaping @Sendable (any CatalogTransaction) throws -> R
    ) async throws -> R {
        try await publish([copy.object], [], copy.pieces, in: blobs, body)
    }

    /// `parts` and `pieces` are those of the only object; without any, objects may be several.
    private func publish<R: Sendable>(
        _ objects: [StoredObject], _ parts: [ObjectPart], _ pieces: [ObjectPiece], in blobs: any BlobStore,
        _ body: @escaping @Sendable (any CatalogTransaction) throws -> R
    ) async throws -> R {
        do {
            return try await write { transaction in
                let result = try body(transaction)
                for object in objects {
                    try transaction.put(object)
                    try transaction.insert(parts, ofObjectWithBlob: object.blob)
                    try transaction.insert(pieces, ofObjectWithBlob: object.blob)
                }
                return result
            }
        } catch {
            // If this fails as well, the orphan sweep finds them.
            for blob in objects.map(\.blob) + pieces.map(\.blob) { try? await blobs.delete(blob) }
            throw error
        }
    }
}
