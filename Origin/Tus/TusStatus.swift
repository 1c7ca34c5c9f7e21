public import Catalog

/// How far an upload is.
public struct TusStatus: Sendable, Equatable {
    /// The upload.
    public let upload: TusUpload
    /// Bytes that are durable.
    public let offset: Int64
    /// Until when the others must have come, in epoch milliseconds; nil when nothing is missing of a file.
    public let expiresAt: Int64?
}

extension CatalogReader {
    /// How far an upload of an account is at `now`, in epoch milliseconds.
    func tusStatus(of id: String, ownerId: String, now: Int64) throws -> TusStatus {
        guard let found = try tusUpload(id: id), found.ownerId == ownerId else { throw TusRefusal.notFound }
        guard try upload(id: id) != nil else {
            guard try completedUpload(id: id) != nil, let length = found.length else { throw TusRefusal.notFound }
            return TusStatus(upload: found, offset: length, expiresAt: nil)
        }
        let expiresAt = found.createdAt + MultipartUpload.lifetimeSeconds * 1_000
        guard now < expiresAt else { throw TusRefusal.expired }
        return TusStatus(upload: found, offset: try uploadedBytes(of: id), expiresAt: expiresAt)
    }
}
