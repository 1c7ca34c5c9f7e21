internal import CMAF
public import Catalog
public import EventLoop
public import Jobs
public import ObjectStore
internal import Objects

/// Gives videos that are ready their downloads: one file of each size, made of the segments that are there.
///
/// What is to be made is read from the catalog, so a crash loses nothing; a file is visible whole or not at all.
public final class DownloadMaker: Sendable {
    private let catalog: any CatalogStore
    private let blobs: any BlobStore
    private let jobs: JobQueue
    private let bucket: String
    private let pool: BlockingPool
    private let now: @Sendable () -> Int64
    private let log: @Sendable (DownloadEvent) -> Void

    /// A maker of downloads for what `jobs` finishes.
    ///
    /// `bucket` holds the media. Headers are computed on `pool`. `now` gives epoch milliseconds; `log` hears what an operator
    /// wants to know. Neither may block.
    public init(
        catalog: any CatalogStore, blobs: any BlobStore, jobs: JobQueue, bucket: String, pool: BlockingPool,
        now: @escaping @Sendable () -> Int64, log: @escaping @Sendable (DownloadEvent) -> Void = { _ in }
    ) {
        self.catalog = catalog
        self.blobs = blobs
        self.jobs = jobs
        self.bucket = bucket
        self.pool = pool
        self.now = now
        self.log = log
    }

    /// Makes whatever there is to make, until the task is cancelled; one task runs it.
    public func run() async {
        while !Task.isCancelled {
            let rings = jobs.finishes.rings
            var wait = Duration.seconds(60)
            do {
                if let due = try await makeDue() { wait = min(wait, .milliseconds(max(1, due - now()))) }
            } catch is CancellationError {
                return
            } catch {
                log(.catalogFailed(reason: "\(error)"))
                wait = .seconds(1)
            }
            await jobs.finishes.wait(after: rings, upTo: wait)
        }
    }

    /// Makes the downloads of every video whose time has come; returns when the next is due, in epoch milliseconds, or nil.
    @discardableResult
    public func makeDue() async throws -> Int64? {
        while let next = try await catalog.read({ try $0.pendingDownloads(limit: 1).first }) {
            guard next.availableAt <= now() else { return next.availableAt }
            try await make(next)
        }
        return nil
    }

    /// The video has changed under the hands of whoever made its downloads.
    private struct Stale: Error {}

    private func make(_ pending: PendingDownloads) async throws {
        let (jobId, bucket) = (pending.jobId, bucket)
        do {
            if let assembly = try await catalog.read({
                try DownloadAssembly(jobId: jobId, bucket: bucket, in: $0)
            }) {
                try await make(assembly)
            }
            try await catalog.write { try $0.removePendingDownloads(jobId: jobId) }
        } catch is CancellationError {
            throw CancellationError()
        } catch is Stale {
            // Gone with the video, or finished by another process; the next look tells.
            try await postpone(pending, nil)
        } catch {
            try await postpone(pending, error)
        }
    }

    private func make(_ assembly: DownloadAssembly) async throws {
        var sound: [DownloadAssembly.Track] = []
        if let rendition = assembly.sound {
            sound = [try await assembly.track(rendition, bucket: bucket, catalog, blobs)]
        }
        for size in assembly.sizes {
            try Task.checkCancellation()
            let tracks = [try await assembly.track(size.rendition, bucket: bucket, catalog, blobs)] + sound
            let file = try await pool.run { DownloadAssembly.file(tracks) }
            let assembled = try await AssembledObject(
                assembly.described(size, bucket: bucket, now: now()), own: file.header, then: file.parts, in: blobs)
            let job = assembly.job
            try await catalog.publish(assembled, in: blobs) { transaction in
                guard let current = try transaction.job(id: job.id), current.state == .done,
                    current.generation == job.generation, try transaction.videoOutsideTrash(id: job.videoId) != nil
                else { throw Stale() }
            }
            log(.made(videoId: job.videoId, height: size.height, bytes: assembled.object.size))
        }
    }

    /// Another attempt follows, later and later, until there were enough.
    private func postpone(_ pending: PendingDownloads, _ error: (any Error)?) async throws {
        var pending = pending
        pending.attempts += 1
        let isOver = error is MediaReadError || pending.attempts >= Self.attempts
        let seconds = min(300, 5 << (2 * min(pending.attempts - 1, 4)))
        pending.availableAt = now() + Int64(seconds) * 1_000
        let next = pending
        try await catalog.write { transaction in
            guard try transaction.job(id: next.jobId) != nil else { return }
            if isOver {
                try transaction.removePendingDownloads(jobId: next.jobId)
            } else {
                try transaction.save(next)
            }
        }
        if let error { log(.failed(jobId: pending.jobId, reason: "\(error)", willRetry: !isOver)) }
    }

    /// How often the downloads of a video are tried to be made.
    private static let attempts = 5
}
