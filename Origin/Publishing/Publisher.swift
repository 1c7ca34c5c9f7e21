public import Catalog
internal import ContentKeys
internal import EventLoop
public import Jobs
public import ObjectStore
internal import Objects
internal import Presentation
internal import Synchronization

/// The only writer of playlists: makes them from the account of stored segments, and publishes them whole.
///
/// What is to be published is read from the catalog, so a crash loses nothing; what is kept here only saves reading.
public final class Publisher: Sendable {
    /// What is remembered of a job between two publications.
    private struct Memory {
        var copy: PublishedCopy?
        var mayPublishAt: Int64 = 0
        var usedAt: Int64 = 0
    }

    /// At most this often a growing video is published, in milliseconds.
    static let paceMilliseconds: Int64 = 250
    private static let jobsSideBySide = 4
    private static let rememberedJobs = 64

    private let catalog: any CatalogStore
    private let blobs: any BlobStore
    private let jobs: JobQueue
    private let changes: VideoChanges
    private let bucket: String
    private let now: @Sendable () -> Int64
    private let log: @Sendable (PublishingEvent) -> Void
    private let memories = Mutex<[String: Memory]>([:])

    /// A publisher of what `jobs` takes into the account.
    ///
    /// `bucket` holds the media. `now` gives epoch milliseconds; `log` hears what an operator wants to know. Neither may block.
    public init(
        catalog: any CatalogStore, blobs: any BlobStore, jobs: JobQueue, changes: VideoChanges, bucket: String,
        now: @escaping @Sendable () -> Int64, log: @escaping @Sendable (PublishingEvent) -> Void = { _ in }
    ) {
        self.catalog = catalog
        self.blobs = blobs
        self.jobs = jobs
        self.changes = changes
        self.bucket = bucket
        self.now = now
        self.log = log
    }

    /// Publishes whatever there is to publish, until the task is cancelled; one task runs it.
    public func run() async {
        while !Task.isCancelled {
            let rings = jobs.publications.rings
            var wait = Duration.seconds(1)
            do {
                if let due = try await publishDue() { wait = .milliseconds(min(1_000, max(1, due - now()))) }
            } catch is CancellationError {
                return
            } catch {
                log(.failed(jobId: nil, reason: "\(error)"))
            }
            await jobs.publications.wait(after: rings, upTo: wait)
        }
    }

    /// Publishes every job whose time has come; returns when the next one that has something new may be published, in epoch
    /// milliseconds, or nil.
    @discardableResult
    public func publishDue() async throws -> Int64? {
        let due = try await catalog.read { try $0.jobsToPublish() }
        let now = now()
        let (ready, waiting) = memories.withLock { memories in
            let times = due.map { ($0, $0.isFinal ? 0 : memories[$0.jobId]?.mayPublishAt ?? 0) }
            return (times.filter { $0.1 <= now }.map(\.0), times.filter { $0.1 > now }.map(\.1).min())
        }
        await withTaskGroup { group in
            var rest = ready.makeIterator()
            for publication in (0..<Self.jobsSideBySide).compactMap({ _ in rest.next() }) {
                group.addTask { await self.publish(publication) }
            }
            while await group.next() != nil {
                if let publication = rest.next() { group.addTask { await self.publish(publication) } }
            }
        }
        forgetOldest()
        return waiting
    }

    private func publish(_ due: PublicationDue) async {
        do {
            guard let publication = try await prepare(due) else { return }
            let began = now()
            var objects: [StoredObject] = []
            do {
                objects = try await store(publication)
                try await catalog.publish(objects, in: blobs) { [now] in try publication.enter($0, now: now()) }
            } catch is Publication.Stale {
                return
            }
            paced(due.jobId, began: began, isOver: publication.isFinal)
            changes.changed(publication.job.videoId)
            if publication.isFinal { jobs.workArrived() }
        } catch {
            log(.failed(jobId: due.jobId, reason: "\(error)"))
        }
    }

    /// What there is to publish; nil when that is nothing yet, or the job is given up instead.
    private func prepare(_ due: PublicationDue) async throws -> Publication? {
        let known = memories.withLock { $0[due.jobId]?.copy }
        let contentKeys = jobs.contentKeys
        let read = try await catalog.read { reader -> Prepared? in
            guard let job = try reader.job(id: due.jobId), job.state == .running, !job.isFinal else { return nil }
            var copy = known.flatMap { $0.generation == job.generation ? $0 : nil }
            if copy == nil, let outline = try reader.plan(jobId: job.id)?.presentation {
                let isEncrypted = try reader.sealedContentKey(videoId: job.videoId) != nil
                copy = PublishedCopy(
                    generation: job.generation, presentation: Presentation(outline: outline, isEncrypted: isEncrypted))
            }
            guard var copy else { return nil }
            let accounts = try reader.renditionAccounts(jobId: job.id)
            try copy.catchUp(job.id, accounts, in: reader)
            let captions = due.isFinal ? try CaptionText.all(ofVideo: job.videoId, in: reader) : []
            return Prepared(
                job: job, copy: copy, accounts: accounts, units: due.isFinal ? try reader.units(jobId: job.id) : [],
                captions: captions,
                key: captions.isEmpty ? nil : try contentKeys.key(of: job.videoId, in: reader))
        }
        guard let read else { return nil }
        let (job, copy, accounts) = (read.job, read.copy, read.accounts)
        let now = now()
        memories.withLock { memories in
            memories[job.id, default: Memory()].copy = copy
            memories[job.id, default: Memory()].usedAt = now
        }
        guard due.isFinal else { return Publication(copy, of: job, accounts, isFinal: false) }
        if let objection = FinalObjection(accounts, copy, read.units) {
            try await jobs.giveUp(job, because: objection.reason, objection.failure)
            return nil
        }
        let captions = try CaptionRenditions(
            read.captions.map(\.unpublished), of: job.videoId, beside: copy.presentation, key: read.key)
        return Publication(copy, of: job, accounts, captions, isFinal: true)
    }

    /// What the catalog says of a job that has something to publish.
    private struct Prepared: Sendable {
        let job: Job
        let copy: PublishedCopy
        let accounts: [RenditionAccount]
        let units: [JobUnit]
        let captions: [CaptionText]
        let key: ContentKey?
    }

    private func store(_ publication: Publication) async throws -> [StoredObject] {
        let shelf = MediaShelf(blobs: blobs, bucket: bucket, videoId: publication.job.videoId, now: now())
        let captions = try await publication.captions?.store(on: shelf) ?? []
        return captions + (try await shelf.store(publication.files))
    }

    /// A long film's playlists are long: no more than a fifth of the time goes into writing them.
    private func paced(_ jobId: String, began: Int64, isOver: Bool) {
        let now = now()
        memories.withLock { memories in
            if isOver {
                memories[jobId] = nil
            } else {
                memories[jobId]?.mayPublishAt = now + max(Self.paceMilliseconds, 4 * (now - began))
            }
        }
    }

    private func forgetOldest() {
        memories.withLock { memories in
            while memories.count > Self.rememberedJobs,
                let oldest = memories.min(by: { $0.value.usedAt < $1.value.usedAt })
            {
                memories[oldest.key] = nil
            }
        }
    }
}
