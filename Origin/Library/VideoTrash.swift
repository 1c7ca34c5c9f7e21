internal import Audit
public import Catalog
internal import Imports
internal import JSON
public import Jobs

/// Videos that are deleted and can be brought back.
///
/// What is in the trash is in no list and no search, its media are under no name that anybody can ask for, and no worker has its
/// units. Nothing else of it changes, so it comes back as it was. Every step is one transaction, and doing one twice is
/// doing it once.
public struct VideoTrash: Sendable {
    private let media: PublishedMedia
    private let uploadBucket: String

    /// The trash of an installation.
    public init(media: PublishedMedia, uploadBucket: String) {
        self.media = media
        self.uploadBucket = uploadBucket
    }

    /// Puts a video in; caches must be told to forget it in the same transaction.
    public func put(_ video: Video, now: Int64, in transaction: any CatalogTransaction) throws {
        guard video.deletedAt == nil else { return }
        var trashed = video
        trashed.deletedAt = now
        try transaction.save(trashed)
        try media.hide(video.id, in: transaction)
        try transaction.takeBackUnits(ofVideo: video.id, now: now)
        try transaction.record(video.act(.videoTrashed), at: now)
    }

    /// Brings a video back.
    public func restore(_ video: Video, now: Int64, in transaction: any CatalogTransaction) throws -> Video {
        guard video.deletedAt != nil else { return video }
        var restored = video
        restored.deletedAt = nil
        try transaction.save(restored)
        try media.show(video.id, in: transaction)
        try transaction.resumeImport(ofVideo: video.id, now: now)
        try transaction.record(video.act(.videoRestored), at: now)
        return restored
    }

    /// Deletes a video with its job, its upload, whole or in parts, and its media, from the trash or from where it is; caches must
    /// be told.
    public func deleteForGood(_ video: Video, now: Int64, in transaction: any CatalogTransaction) throws {
        guard try transaction.deleteVideo(id: video.id) else { return }
        _ = try transaction.deleteObject(bucket: uploadBucket, key: video.uploadKey)
        try transaction.deleteUploads(bucket: uploadBucket, key: video.uploadKey)
        try media.remove(video.id, in: transaction)
        try transaction.record(video.act(.videoDeleted), at: now)
    }
}

extension Video {
    fileprivate func act(_ action: AuditAct.Action) -> AuditAct {
        AuditAct(action, of: .video(id), ["owner": .string(ownerId)])
    }
}

extension CatalogTransaction {
    /// Takes the units of a video from whoever has them, as if those had never asked. The workers hear it at their next
    /// report; until their leases would have ended nobody else begins, for they may still be writing.
    fileprivate func takeBackUnits(ofVideo videoId: String, now: Int64) throws {
        guard let job = try job(videoId: videoId) else { return }
        for var unit in try units(jobId: job.id) where unit.state == .leased {
            unit.state = .queued
            unit.availableAt = unit.leaseExpiresAt ?? now
            unit.leaseExpiresAt = nil
            unit.attempts = max(0, unit.attempts - 1)
            unit.updatedAt = now
            try save(unit)
        }
    }
}
