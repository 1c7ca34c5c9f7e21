public import Catalog
public import ObjectStore

/// Gives disk space back: blobs of replaced and deleted objects soon, orphans of crashes after an hour, objects that expire by
/// their bucket's rules within the hour, parts of uploads that nobody completes after a week.
public final class BlobReclaimer: Sendable {
    let catalog: any CatalogStore
    private let blobs: any BlobStore
    private let archive: (any BlobStore)?
    private let uploadLifetimeSeconds: Int64
    let now: @Sendable () -> Int64
    private let report: @Sendable (S3Report) -> Void

    /// A reclaimer over the gateway's stores; `now` gives epoch milliseconds.
    ///
    /// `archive` is where blobs may lie as well. `uploadLifetimeSeconds` (default 7 days) is how long an upload in parts may take from its beginning.
    public init(
        catalog: any CatalogStore, blobs: any BlobStore, archive: (any BlobStore)? = nil,
        uploadLifetimeSeconds: Int64 = MultipartUpload.lifetimeSeconds,
        now: @escaping @Sendable () -> Int64,
        report: @escaping @Sendable (S3Report) -> Void = { _ in }
    ) {
        self.catalog = catalog
        self.blobs = blobs
        self.archive = archive
        self.uploadLifetimeSeconds = uploadLifetimeSeconds
        self.now = now
        self.report = report
    }

    /// Reclaims every ten seconds; sweeps for orphans and removes what has expired at once and every hour, until the task is
    /// cancelled.
    public func run() async {
        var nextSweep: Int64 = 0
        while !Task.isCancelled {
            do {
                while try await reclaimDiscarded() > 0 {}
                if now() >= nextSweep {
                    let aborted = try await expireUploads()
                    if aborted > 0 { report(.aborted(uploads: aborted)) }
                    let swept = try await sweepOrphans(olderThanSeconds: 3_600)
                    if swept > 0 { report(.reclaimed(blobs: swept)) }
                    let expired = try await expireObjects()
                    if expired > 0 { report(.expired(objects: expired)) }
                    nextSweep = now() + 3_600_000
                }
            } catch is CancellationError {
                return
            } catch {
                report(.reclaimFailed(reason: "\(error)"))
            }
            try? await Task.sleep(for: .seconds(10))
        }
    }

    /// Deletes up to 256 blobs of the reclaim list and returns how many.
    @discardableResult
    public func reclaimDiscarded() async throws -> Int {
        let discarded = try await catalog.read { try $0.discardedBlobs(limit: 256) }
        guard !discarded.isEmpty else { return 0 }
        for blob in discarded {
            try await blobs.delete(blob)
            // An archive that is out of order must not keep the disk full; its own sweep finds what is left.
            try? await archive?.delete(blob)
        }
        try await catalog.write { try $0.forgetDiscarded(blobs: discarded) }
        return discarded.count
    }

    /// Aborts uploads in parts that have taken too long, by the rules of their bucket or by what holds for all, forgets those that
    /// were completed as long ago, and returns how many were aborted; their blobs are on the reclaim list then.
    @discardableResult
    public func expireUploads() async throws -> Int {
        let (before, limit) = (now() - uploadLifetimeSeconds * 1_000, 64)
        var expired = try await abortUploadsByRules()
        while true {
            let count = try await catalog.write { try $0.expireUploads(before: before, limit: limit) }
            expired += count
            if count < limit { return expired }
        }
    }

    /// Deletes blobs that no row names; the age keeps uploads alive whose row is about to be written.
    @discardableResult
    public func sweepOrphans(olderThanSeconds age: Int64) async throws -> Int {
        try await blobs.deleteOrphans(writtenBefore: now() / 1_000 - age) { names in
            try await self.catalog.read { reader in try names.filter { try !reader.knowsBlob($0) } }
        }
    }
}
