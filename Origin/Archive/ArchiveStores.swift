public import Catalog
public import EventLoop
public import ObjectStore

/// The archive of an installation, and what is beside it.
public struct ArchiveStores: Sendable {
    let catalog: any CatalogStore
    /// Where objects are read.
    let hot: any BlobStore
    /// Where sources go that nobody touches.
    let archive: any BlobStore
    /// The bucket of uploads.
    let bucket: String
    let digests: BlockingPool
    let now: @Sendable () -> Int64

    /// Two stores with different folders; digests of copies are computed on `digests`, `now` gives epoch milliseconds.
    public init(
        catalog: any CatalogStore, hot: any BlobStore, archive: any BlobStore, bucket: String, digests: BlockingPool,
        now: @escaping @Sendable () -> Int64
    ) {
        self.catalog = catalog
        self.hot = hot
        self.archive = archive
        self.bucket = bucket
        self.digests = digests
        self.now = now
    }

    /// What is to be copied of the source with this blob; nil when its object is gone.
    func copy(ofBlob blob: String) async throws -> (object: StoredObject, copy: SourceCopy)? {
        let found = try await catalog.read { reader in
            try reader.object(blob: blob).map { ($0, try reader.objectPieces(blob: blob)) }
        }
        return found.map { ($0.0, SourceCopy(of: $0.0, $0.1, digests: digests)) }
    }
}
