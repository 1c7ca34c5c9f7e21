public import Catalog
internal import EventLoop

/// The queue of transcoding jobs: uploads go in, workers lease, report and finish.
///
/// Every call is one transaction in which job and video change together, so they never disagree. It holds no state that
/// a crash could lose.
public final class JobQueue: Sendable {
    let catalog: any CatalogStore
    let changes: VideoChanges
    /// How patient the queue is.
    public let policy: JobPolicy
    let now: @Sendable () -> Int64
    let log: @Sendable (JobQueueEvent) -> Void
    let bell = Doorbell()

    /// A queue over `catalog`.
    ///
    /// `now` gives epoch milliseconds. `log` hears what an operator wants to know; it must not block.
    public init(
        catalog: any CatalogStore, changes: VideoChanges, policy: JobPolicy = JobPolicy(),
        now: @escaping @Sendable () -> Int64, log: @escaping @Sendable (JobQueueEvent) -> Void = { _ in }
    ) {
        self.catalog = catalog
        self.changes = changes
        self.policy = policy
        self.now = now
        self.log = log
    }

    /// Leases the job that has waited longest, waiting for one up to `wait`; nil when there is none.
    public func lease(workerId: String, wait: Duration) async throws -> Job? {
        let deadline = ContinuousClock.now + wait
        while true {
            let rings = bell.rings
            if let job = try await leaseNow(workerId: workerId) { return job }
            let left = deadline - ContinuousClock.now
            guard left > .zero, !Task.isCancelled else { return nil }
            // A job that waits for its next attempt rings no bell, so look once a second as well.
            await bell.wait(after: rings, upTo: min(left, .seconds(1)))
        }
    }

    /// Extends the worker's lease and notes how far it is.
    public func heartbeat(jobId: String, fence: Int64, report: VideoEvent) async throws -> JobOutcome {
        let (now, policy) = (now(), policy)
        return try await change(jobId) { job, video in
            let outcome = job.renew(fence: fence, now: now, policy: policy)
            if outcome == .accepted { _ = video.apply(report, now: now) }
            return outcome
        }
    }

    /// Notes that the video plays, and extends the lease.
    public func publish(
        jobId: String, fence: Int64, durationSeconds: Double?, renditions: [Rendition]
    ) async throws -> JobOutcome {
        let event = VideoEvent.published(durationSeconds: durationSeconds, renditions: renditions)
        return try await heartbeat(jobId: jobId, fence: fence, report: event)
    }

    /// Ends the job with success.
    public func complete(
        jobId: String, fence: Int64, durationSeconds: Double, renditions: [Rendition], explain: String?
    ) async throws -> JobOutcome {
        let now = now()
        let outcome = try await change(jobId) { job, video in
            let outcome = job.complete(fence: fence, now: now)
            if outcome == .accepted {
                let event = VideoEvent.completed(
                    durationSeconds: durationSeconds, renditions: renditions, explain: explain)
                _ = video.apply(event, now: now)
            }
            return outcome
        }
        if outcome == .accepted { log(.completed(jobId: jobId)) }
        return outcome
    }

    /// Ends the attempt without success; a retryable failure gets another one, later, while attempts are left.
    public func fail(
        jobId: String, fence: Int64, _ failure: VideoFailure, retryable: Bool
    ) async throws -> JobOutcome {
        let (now, policy) = (now(), policy)
        let outcome = try await change(jobId) { job, video in
            let outcome = job.fail(fence: fence, failure, retryable: retryable, now: now, policy: policy)
            video.follow(outcome, failure, now: now)
            return outcome
        }
        if outcome == .requeued || outcome == .dead {
            log(.attemptFailed(jobId: jobId, reason: failure.reason, willRetry: outcome == .requeued))
        }
        return outcome
    }

    /// Gives a dead job all its attempts again; nil when there is no such job, false when it is not dead.
    public func retry(jobId: String) async throws -> Bool? {
        let now = now()
        let result = try await catalog.write { transaction -> (Bool, String)? in
            guard var job = try transaction.job(id: jobId) else { return nil }
            guard job.state == .dead, var video = try transaction.video(id: job.videoId),
                video.apply(.retried, now: now), job.restart(source: job.source, now: now)
            else { return (false, job.videoId) }
            try transaction.save(job)
            try transaction.save(video)
            return (true, job.videoId)
        }
        guard let (isRetried, videoId) = result else { return nil }
        if isRetried {
            changes.changed(videoId)
            bell.ring()
        }
        return isRetried
    }

    private func leaseNow(workerId: String) async throws -> Job? {
        let (now, policy) = (now(), policy)
        // Looking costs no write lock; most looks find nothing.
        guard try await catalog.read({ try $0.nextQueuedJob(now: now) }) != nil else { return nil }
        let leased = try await catalog.write { transaction -> Job? in
            guard var job = try transaction.nextQueuedJob(now: now),
                var video = try transaction.video(id: job.videoId)
            else { return nil }
            job.lease(to: workerId, now: now, policy: policy)
            try transaction.save(job)
            if video.apply(.leased, now: now) { try transaction.save(video) }
            return job
        }
        guard let leased else { return nil }
        changes.changed(leased.videoId)
        log(.leased(jobId: leased.id, workerId: workerId, attempt: leased.attempts, fence: leased.fence))
        return leased
    }

    private func change(
        _ jobId: String, _ body: @escaping @Sendable (inout Job, inout Video) -> JobOutcome
    ) async throws -> JobOutcome {
        let (outcome, videoId) = try await catalog.write { transaction -> (JobOutcome, String?) in
            guard var job = try transaction.job(id: jobId), var video = try transaction.video(id: job.videoId) else {
                return (.leaseLost, nil)
            }
            let before = (job, video)
            let outcome = body(&job, &video)
            if job != before.0 { try transaction.save(job) }
            if video != before.1 { try transaction.save(video) }
            return (outcome, video == before.1 ? nil : video.id)
        }
        if let videoId { changes.changed(videoId) }
        return outcome
    }
}

extension Video {
    /// What the end of an attempt means for its video.
    mutating func follow(_ outcome: JobOutcome, _ failure: VideoFailure, now: Int64) {
        switch outcome {
        case .requeued: _ = apply(.requeued, now: now)
        case .dead: _ = apply(.failed(failure), now: now)
        case .accepted, .repeated, .leaseLost: break
        }
    }
}
