internal import Bytes
public import Catalog
internal import Crypto

extension MultipartUpload {
    /// The object that parts make, one at least: their blobs, one after the other, under S3's ETag for it, the MD5 of the parts' MD5s and
    /// how many there are.
    public func object(of parts: [UploadPart], now: Int64) -> StoredObject {
        var made = object
        made.blob = parts[0].blob
        made.size = parts.reduce(0) { $0 + $1.size }
        made.ownSize = parts.count > 1 ? parts[0].size : nil
        made.etag = "\(Hex.encode(Digest.md5(parts.flatMap { Hex.decode($0.etag) ?? [] })))-\(parts.count)"
        made.createdAt = now
        return made
    }
}

extension CatalogTransaction {
    /// Makes all parts of an upload, one at least, an object. Where they were cut is nobody's business but ours: a single one is an
    /// object that came at once, with the ETag of that.
    public func complete(_ upload: MultipartUpload, now: Int64) throws -> StoredObject {
        let parts = try uploadParts(of: upload.id, after: 0, limit: MultipartUpload.maximumParts)
        var object = upload.object(of: parts, now: now)
        if parts.count == 1 { object.etag = parts[0].etag }
        let completed = CompletedUpload(
            id: upload.id, bucket: object.bucket, key: object.key, request: "", etag: object.etag,
            checksums: object.checksums, completedAt: now)
        try complete(with: parts, as: object, remembering: completed)
        return object
    }
}
