public import Catalog
internal import Crypto
public import Library
public import ObjectStore

/// Files that come by tus, in as many requests as it takes.
public final class TusUploads: Sendable {
    /// Where files go.
    public let place: TusPlace
    let catalog: any CatalogStore
    let blobs: any BlobStore
    let quotas: Quotas
    let receptions = Receptions()
    let now: @Sendable () -> Int64

    /// Uploads over their stores; `now` gives epoch milliseconds and must not block.
    public init(
        catalog: any CatalogStore, blobs: any BlobStore, quotas: Quotas, place: TusPlace,
        now: @escaping @Sendable () -> Int64
    ) {
        self.catalog = catalog
        self.blobs = blobs
        self.quotas = quotas
        self.place = place
        self.now = now
    }

    /// Begins the upload of a video's file, which makes the video, or without one that of a part.
    ///
    /// `length` is nil while nobody knows it; `metadata` is kept as it is. Throws `Quotas.Excess` when there is no room.
    public func begin(
        _ video: Video?, of ownerId: String, length: Int64?, metadata: String
    ) async throws -> TusStatus {
        if let length, length > place.maximumBytes { throw TusRefusal.tooLarge(place.maximumBytes) }
        let (id, now) = (SecureRandom.hex(16), now())
        let upload = MultipartUpload(id: id, object: place.object(of: video, id: id, now: now))
        let begun = TusUpload(
            id: id, ownerId: ownerId, videoId: video?.id, length: length, metadata: metadata, createdAt: now)
        return try await catalog.write { [quotas] transaction in
            try quotas.admit(bytes: length ?? 1, ownerId: ownerId, in: transaction)
            if let video { try transaction.insert(video) }
            try transaction.insert(upload)
            try transaction.insert(begun)
            return try transaction.tusStatus(of: id, ownerId: ownerId, now: now)
        }
    }

    /// How far an upload is. A request that brings it bytes and has gone silent is ended first, so that what it brought counts.
    public func status(of id: String, ownerId: String) async throws -> TusStatus {
        let status = try await storedStatus(of: id, ownerId: ownerId)
        guard await receptions.clear(id, at: now()) else { return status }
        return try await storedStatus(of: id, ownerId: ownerId)
    }

    func storedStatus(of id: String, ownerId: String) async throws -> TusStatus {
        let now = now()
        return try await catalog.read { try $0.tusStatus(of: id, ownerId: ownerId, now: now) }
    }

    /// Gives an upload up that is under way, with the video that waits for it; returns that video's id.
    public func end(_ id: String, ownerId: String) async throws -> String? {
        _ = try await storedStatus(of: id, ownerId: ownerId)
        await receptions.clear(id)
        let now = now()
        return try await catalog.write { transaction in
            let status = try transaction.tusStatus(of: id, ownerId: ownerId, now: now)
            guard status.expiresAt != nil else { throw TusRefusal.finished }
            try transaction.deleteTusUpload(id: id)
            return status.upload.videoId
        }
    }
}
