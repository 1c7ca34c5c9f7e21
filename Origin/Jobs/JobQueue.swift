public import Catalog
public import ContentKeys
public import EventLoop
public import MediaPlan
public import Presentation
internal import Queues
internal import Synchronization
internal import Webhooks

/// Why a video whose file of so many bytes has arrived fails at once; nil when it does not.
public typealias UploadObjection = @Sendable (Video, _ size: Int64, any CatalogReader) throws -> VideoFailure?

/// The queue of transcoding jobs: uploads go in, workers lease units of them, report and finish.
///
/// Every call is one transaction in which job, units and video change together, so they never disagree. It holds no state
/// that a crash could lose.
public final class JobQueue: Sendable {
    let catalog: any CatalogStore
    let changes: VideoChanges
    /// Where what it makes is published.
    public let media: PublishedMedia
    /// The keys of encrypted videos.
    public let contentKeys: ContentKeys
    let objection: UploadObjection
    /// How patient the queue is.
    public let policy: JobPolicy
    let metrics: WorkMetrics
    let now: @Sendable () -> Int64
    let log: @Sendable (JobQueueEvent) -> Void
    let events: MessageQueue
    let bell = Doorbell()
    private let isClosed = Atomic<Bool>(false)
    /// Rung when there is something to publish.
    public let publications = Doorbell()
    /// Rung when a video is ready, whose downloads can be made then.
    public let finishes = Doorbell()
    private let choice = Mutex(LeaseChoice())

    /// A queue over `catalog` for what is published in `media`.
    ///
    /// `objection` says why what has arrived becomes no job. `now` gives epoch milliseconds. `log` hears what an operator
    /// wants to know; it must not block.
    public init(
        catalog: any CatalogStore, changes: VideoChanges, media: PublishedMedia, contentKeys: ContentKeys,
        policy: JobPolicy = JobPolicy(),
        objection: @escaping UploadObjection = { _, _, _ in nil }, metrics: WorkMetrics,
        now: @escaping @Sendable () -> Int64,
        log: @escaping @Sendable (JobQueueEvent) -> Void = { _ in }
    ) {
        self.catalog = catalog
        self.changes = changes
        self.media = media
        self.contentKeys = contentKeys
        self.objection = objection
        self.policy = policy
        self.metrics = metrics
        self.now = now
        self.log = log
        events = MessageQueue(.objectEvents, policy: .objectEvents, catalog: catalog, now: now)
    }

    /// Ends all waiting and leases nothing more, for a process that is about to stop: whoever waits may be gone, and a drain
    /// would wait for it.
    public func close() {
        isClosed.store(true, ordering: .releasing)
        bell.ring()
    }

    /// Leases the unit that is best done next, waiting for one up to `wait`; nil when there is none, and from a closed queue.
    public func lease(_ offer: WorkerOffer, wait: Duration) async throws -> UnitLease? {
        let deadline = ContinuousClock.now + wait
        while !isClosed.load(ordering: .acquiring) {
            let rings = bell.rings
            if let lease = try await leaseNow(offer) { return lease }
            let left = deadline - ContinuousClock.now
            guard left > .zero, !Task.isCancelled else { return nil }
            // A unit that waits for its next attempt rings no bell, so look once a second as well.
            await bell.wait(after: rings, upTo: min(left, .seconds(1)))
        }
        return nil
    }

    /// Tells the queue that there may be something to lease; call it after the transaction, from anywhere.
    public func workArrived() { bell.ring() }

    private func leaseNow(_ offer: WorkerOffer) async throws -> UnitLease? {
        // Looking costs no write lock; most looks find nothing. Somebody else may be faster, so look again then.
        while let candidates = try await candidates(for: offer) {
            let turn = choice.withLock { $0 }
            guard
                let chosen = turn.choose(
                    from: candidates.units, served: candidates.served, holding: Set(offer.heldJobs), policy: policy)
            else { return nil }
            guard let (lease, isCleared) = try await take(chosen, for: offer) else { continue }
            choice.withLock { $0.note(chosen, outOf: candidates.units) }
            if isCleared { media.cleared() }
            changes.changed(lease.job.videoId)
            log(
                .leased(
                    lease.unit.reference, workerId: offer.workerId, attempt: lease.unit.attempts,
                    fence: lease.unit.fence))
            return lease
        }
        return nil
    }

    private struct Candidates: Sendable {
        let units: [LeaseCandidate]
        let served: [String: Double]
    }

    private func candidates(for offer: WorkerOffer) async throws -> Candidates? {
        let (now, policy) = (now(), policy)
        let remembered = Int64(ServedOwner.forgottenHalfLives) * Int64(policy.servedHalfLifeSeconds) * 1_000
        return try await catalog.read { reader in
            let memory = offer.memoryMebibytes ?? .max
            var units = try reader.leaseCandidates(now: now, memoryMebibytes: memory, waitingSince: nil)
            if units.isEmpty, offer.memoryMebibytes != nil, try !reader.hasLease(workerId: offer.workerId) {
                let since = now - Int64(policy.oversizePatienceSeconds) * 1_000
                units = try reader.leaseCandidates(now: now, memoryMebibytes: memory, waitingSince: since)
            }
            guard !units.isEmpty else { return nil }
            let served = try reader.servedOwners(since: now - remembered)
            return Candidates(units: units, served: served.mapValues { $0.weight(now: now, policy: policy) })
        }
    }

    private func take(_ chosen: LeaseCandidate, for offer: WorkerOffer) async throws -> (UnitLease, Bool)? {
        let (now, policy, media, contentKeys) = (now(), policy, media, contentKeys)
        return try await catalog.write { transaction -> (UnitLease, Bool)? in
            guard var unit = try transaction.takeQueuedUnit(jobId: chosen.jobId, number: chosen.number),
                unit.availableAt <= now, var job = try transaction.job(id: chosen.jobId),
                job.state == .queued || job.state == .running,
                var video = try transaction.videoOutsideTrash(id: job.videoId),
                try !transaction.isAway(bucket: job.source.bucket, key: job.source.key)
            else { return nil }
            job.fence += 1
            job.state = .running
            job.updatedAt = now
            unit.lease(to: offer.workerId, fence: job.fence, now: now, policy: policy)
            try transaction.save(job)
            try transaction.save(unit)
            let served = try transaction.servedOwner(id: job.ownerId) ?? ServedOwner()
            try transaction.noteServed(
                ownerId: job.ownerId, effortSeconds: served.fadedSeconds(now: now, policy: policy) + unit.effortSeconds,
                now: now)
            if video.apply(unit.kind == .probe ? .probing : .transcoding, now: now) {
                try transaction.saveAndTell(video, now: now)
            }
            // What an earlier upload or an earlier attempt left must not be taken for this one's.
            let isCleared = try unit.kind == .probe && media.clear(video.id, in: transaction)
            if unit.kind == .probe {
                let isEncrypted = video.options.encryption == .aes128
                try contentKeys.begin(videoId: video.id, isEncrypted: isEncrypted, in: transaction)
            }
            let lease = UnitLease(
                job: job, unit: unit, plan: unit.kind == .probe ? nil : try transaction.plan(jobId: job.id),
                options: video.options, stored: try unit.storedSegments(in: transaction),
                contentKey: unit.kind == .probe ? nil : try contentKeys.key(of: video.id, in: transaction))
            return (lease, isCleared)
        }
    }
}

/// What a worker offers to do.
public struct WorkerOffer: Sendable, Equatable {
    /// The worker's name.
    public var workerId: String
    /// Memory in MiB that it can give to one more unit; nil for any amount.
    public var memoryMebibytes: Int?
    /// Jobs whose upload it holds.
    public var heldJobs: [String]

    /// Makes an offer.
    public init(workerId: String, memoryMebibytes: Int? = nil, heldJobs: [String] = []) {
        self.workerId = workerId
        self.memoryMebibytes = memoryMebibytes
        self.heldJobs = heldJobs
    }
}

/// A unit in a worker's hands.
public struct UnitLease: Sendable, Equatable {
    /// The unit's job.
    public let job: Job
    /// The unit.
    public let unit: JobUnit
    /// What probing found out; nil for the probe itself.
    public let plan: JobPlan?
    /// What the video's owner wants made of it.
    public let options: VideoOptions
    /// Those of the unit's segments that are stored already.
    public let stored: [StoredSegment]
    /// What segments are encrypted with; nil for those in the clear, and for the probe, which makes none.
    public let contentKey: ContentKey?
}

extension JobUnit {
    /// How the unit is named in logs.
    var reference: UnitReference { UnitReference(jobId: jobId, number: number) }

    /// Those of its segments that are stored.
    func storedSegments(in reader: any CatalogReader) throws -> [StoredSegment] {
        guard let outline else { return [] }
        return try outline.renditions.flatMap {
            try reader.segments(jobId: jobId, rendition: $0, numbers: outline.segments)
        }
    }
}
