internal import Catalog
internal import Objects

/// Where files go that came by tus, and who wants to know.
public struct TusPlace: Sendable {
    /// The bucket of uploads.
    public var bucket: String
    /// The region that events name.
    public var region: String
    /// The largest file, in bytes.
    public var maximumBytes: Int64
    /// Called after an upload's event was committed; must not block.
    public var uploadStored: @Sendable () -> Void

    /// A place.
    public init(bucket: String, region: String, maximumBytes: Int64, uploadStored: @escaping @Sendable () -> Void) {
        self.bucket = bucket
        self.region = region
        self.maximumBytes = maximumBytes
        self.uploadStored = uploadStored
    }

    /// The object that an upload will be; one that is a part of others is never visible.
    func object(of video: Video?, id: String, now: Int64) -> StoredObject {
        StoredObject(
            bucket: bucket, key: video?.uploadKey ?? "tus/\(id)", blob: "", size: 0, etag: "",
            contentType: video?.contentType ?? "application/octet-stream", createdAt: now)
    }

    /// Makes an upload whose bytes are all there the file of its video, and announces it, if it is one; in this transaction. True
    /// when it did.
    func complete(_ id: String, in transaction: any CatalogTransaction, now: Int64) throws -> Bool {
        guard let upload = try transaction.upload(id: id), let found = try transaction.tusUpload(id: id),
            let videoId = found.videoId, try transaction.uploadedBytes(of: id) == found.length
        else { return false }
        let object = try transaction.complete(upload, now: now)
        if var video = try transaction.video(id: videoId), video.declaredSize != object.size {
            video.declaredSize = object.size
            try transaction.save(video)
        }
        try transaction.append(ObjectEvent(.put, of: object, requestId: id, region: region))
        return true
    }
}
