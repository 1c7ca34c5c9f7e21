internal import Catalog
internal import EventLoop

extension JobQueue {
    /// Tells the queue that an event was stored; call it after the transaction, from anywhere.
    public func uploadStored() { bell.ring() }

    /// Turns uploads into jobs and takes jobs from silent workers, until the task is cancelled.
    public func run() async {
        while !Task.isCancelled {
            let rings = bell.rings
            do {
                while try await dispatchObjectEvents() > 0 {}
                try await expireLeases()
            } catch is CancellationError {
                return
            } catch {
                log(.catalogFailed(reason: "\(error)"))
            }
            await bell.wait(after: rings, upTo: .seconds(1))
        }
    }

    /// Acts on up to 32 events and returns how many there were; an event is gone exactly when its effect is durable.
    @discardableResult
    public func dispatchObjectEvents() async throws -> Int {
        let now = now()
        let isWaiting = try await catalog.read { try $0.hasObjectEvents() }
        guard isWaiting else { return 0 }
        let effects = try await catalog.write { transaction in
            try transaction.takeObjectEvents(limit: 32).map { try transaction.queueJob(for: $0, now: now) }
        }
        for effect in effects {
            log(effect)
            if case .queued(_, let videoId) = effect { changes.changed(videoId) }
        }
        if !effects.isEmpty { bell.ring() }
        return effects.count
    }

    /// Takes jobs from workers whose lease has run out, and gives up those that have used up their attempts.
    public func expireLeases() async throws {
        let (now, policy) = (now(), policy)
        guard try await !catalog.read({ try $0.expiredJobs(now: now, limit: 1) }).isEmpty else { return }
        let expired = try await catalog.write { transaction in
            try transaction.expiredJobs(now: now, limit: 32).map { job in
                var job = job
                let outcome = job.expire(now: now, policy: policy)
                try transaction.save(job)
                if let failure = job.lastFailure, var video = try transaction.video(id: job.videoId) {
                    video.follow(outcome, failure, now: now)
                    try transaction.save(video)
                }
                return job
            }
        }
        for job in expired {
            log(.leaseExpired(jobId: job.id, workerId: job.workerId ?? "", willRetry: job.state == .queued))
            changes.changed(job.videoId)
        }
    }
}

extension CatalogTransaction {
    /// Makes the upload a job of its video, unless the video is past waiting for one.
    fileprivate func queueJob(for event: ObjectEvent, now: Int64) throws -> JobQueueEvent {
        let source = Job.Source(bucket: event.bucket, key: event.key, size: event.size, etag: event.etag)
        guard var video = try video(uploadKey: event.key), video.apply(.uploadArrived, now: now) else {
            return .uploadIgnored(key: event.key)
        }
        // The id follows from the video's, so a second upload finds the first one's job.
        let id = "transcode-\(video.id)"
        if var job = try job(id: id) {
            guard job.restart(source: source, now: now) else { return .uploadIgnored(key: event.key) }
            try save(job)
        } else {
            try insert(Job(id: id, videoId: video.id, source: source, createdAt: now))
        }
        try save(video)
        return .queued(jobId: id, videoId: video.id)
    }
}
