internal import Audit
public import Catalog
internal import EventLoop
internal import Queues
internal import Webhooks

extension JobQueue {
    /// Tells the queue that an event was stored; call it after the transaction, from anywhere.
    public func uploadStored() { bell.ring() }

    /// Turns uploads into jobs, takes units from silent workers and keeps the figures current, until the task is cancelled.
    public func run() async {
        while !Task.isCancelled {
            let rings = bell.rings
            do {
                while try await dispatchObjectEvents() > 0 {}
                try await expireLeases()
                try await measure()
            } catch is CancellationError {
                return
            } catch {
                log(.catalogFailed(reason: "\(error)"))
            }
            await bell.wait(after: rings, upTo: .seconds(1))
        }
    }

    /// Acts on up to 32 events and returns how many there were; an event is gone exactly when its effect is durable.
    ///
    /// One that cannot be acted on comes back later, and is a dead letter in the end; the others do not wait for it.
    @discardableResult
    public func dispatchObjectEvents() async throws -> Int {
        let messages = try await events.receive(limit: 32)
        do {
            try await act(on: messages)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            if messages.count == 1 { try await giveBack(messages[0], because: error) }
            // One of them is to blame, and the others need not wait for it.
            if messages.count > 1 { for message in messages { try await actAlone(on: message) } }
        }
        return messages.count
    }

    private func actAlone(on message: QueueMessage) async throws {
        do {
            try await act(on: [message])
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            try await giveBack(message, because: error)
        }
    }

    private func giveBack(_ message: QueueMessage, because error: any Error) async throws {
        let reason = "\(error)"
        let outcome = try await events.fail(message, because: reason)
        log(.eventFailed(messageId: message.id, reason: reason, isDead: outcome == .dead))
    }

    /// Makes jobs of uploads; in that transaction their messages go. One that somebody else has by now has no effect here.
    private func act(on messages: [QueueMessage]) async throws {
        guard !messages.isEmpty else { return }
        let (now, media, objection) = (now(), media, objection)
        let effects = try await catalog.write { transaction in
            try messages.compactMap { message -> JobQueueEvent? in
                guard try transaction.delete(message) else { return nil }
                return try transaction.queueJob(
                    for: ObjectEvent(document: message.body), media, objection, now: now)
            }
        }
        for effect in effects {
            log(effect)
            switch effect {
            case .queued(_, let videoId), .uploadRefused(let videoId, _): changes.changed(videoId)
            default: break
            }
        }
        guard !effects.isEmpty else { return }
        bell.ring()
        media.cleared()
    }

    /// Takes units from workers whose lease has run out, and gives up those that have used up their attempts.
    public func expireLeases() async throws {
        let (now, policy) = (now(), policy)
        guard try await !catalog.read({ try $0.expiredUnits(now: now, limit: 1) }).isEmpty else { return }
        let expired = try await catalog.write { transaction in
            try transaction.expiredUnits(now: now, limit: 32).compactMap { found -> ExpiredUnit? in
                // An earlier one of this list may have ended the whole job.
                guard let unit = try transaction.unit(jobId: found.jobId, number: found.number),
                    let before = try UnitWork(unit, in: transaction)
                else { return nil }
                var work = before
                let outcome = work.unit.expire(now: now, policy: policy)
                guard outcome != .leaseLost, let failure = work.unit.lastFailure else { return nil }
                try work.follow(outcome, failure, in: transaction, now: now)
                try work.save(changesSince: before, in: transaction, now: now)
                return ExpiredUnit(unit: work.unit, videoId: work.video.id, outcome: outcome)
            }
        }
        for expiry in expired {
            metrics.ended(expiry.outcome)
            log(
                .leaseExpired(
                    expiry.unit.reference, workerId: expiry.unit.workerId ?? "", willRetry: expiry.outcome == .requeued)
            )
            changes.changed(expiry.videoId)
        }
    }

    private struct ExpiredUnit: Sendable {
        let unit: JobUnit
        let videoId: String
        let outcome: JobOutcome
    }

    /// Brings the figures of what waits and runs up to date.
    func measure() async throws {
        let now = now()
        guard metrics.isDue(at: now) else { return }
        let (units, jobs) = try await catalog.read { (try $0.openUnitLoads(), try $0.openJobCounts()) }
        metrics.set(units: units, jobs: jobs)
    }

    /// Gives up a job whose units are all done because of one of them, which is the one that a retry does; a job that has
    /// gone on meanwhile is left alone.
    public func giveUp(_ job: Job, because reason: PoorWork, _ failure: VideoFailure) async throws {
        let now = now()
        let isGivenUp = try await catalog.write { transaction in
            guard var current = try transaction.job(id: job.id), current.generation == job.generation,
                current.state == .running, var video = try transaction.video(id: job.videoId)
            else { return false }
            let units = try transaction.units(jobId: job.id)
            guard units.allSatisfy({ $0.state == .done }),
                var unit = units.first(where: reason.isOf)
            else { return false }
            unit.state = .dead
            unit.lastFailure = failure
            unit.updatedAt = now
            current.state = .dead
            current.lastFailure = failure
            current.updatedAt = now
            _ = video.apply(.failed(failure), now: now)
            try transaction.save(unit)
            try transaction.save(current)
            try transaction.saveAndTell(video, now: now)
            return true
        }
        guard isGivenUp else { return }
        metrics.died()
        changes.changed(job.videoId)
        log(.givenUp(jobId: job.id, reason: failure.reason))
    }

    /// Gives a dead job all its attempts again, from the first segment that is not stored; nil when there is no such job,
    /// false when it is not dead.
    public func retry(jobId: String) async throws -> Bool? {
        let now = now()
        let result = try await catalog.write { transaction -> (Bool, String)? in
            guard var job = try transaction.job(id: jobId) else { return nil }
            guard var video = try transaction.video(id: job.videoId),
                try transaction.resume(&job, of: &video, now: now)
            else { return (false, job.videoId) }
            try transaction.record(AuditAct(.jobRetried, of: .job(jobId)), at: now)
            return (true, job.videoId)
        }
        guard let (isRetried, videoId) = result else { return nil }
        if isRetried {
            changes.changed(videoId)
            bell.ring()
            publications.ring()
        }
        return isRetried
    }
}

/// What is wrong with work that is done.
public enum PoorWork: Sendable, Equatable {
    /// A segment was left out.
    case missing(rendition: Int, number: Int)
    /// What the unit made is not fit to be shown.
    case unfit(unit: Int)

    fileprivate func isOf(_ unit: JobUnit) -> Bool {
        switch self {
        case .missing(let rendition, let number): unit.outline?.makes(rendition, number) == true
        case .unfit(let number): unit.number == number
        }
    }
}

extension CatalogTransaction {
    /// Makes the upload a job of its video, unless the video is past waiting for one.
    fileprivate func queueJob(
        for event: ObjectEvent, _ media: PublishedMedia, _ objection: UploadObjection, now: Int64
    ) throws -> JobQueueEvent {
        let source = Job.Source(bucket: event.bucket, key: event.key, size: event.size, etag: event.etag)
        guard var video = try video(uploadKey: event.key) else { return .uploadIgnored(key: event.key) }
        // The id follows from the video's, so a second upload finds the first one's job.
        let id = "transcode-\(video.id)"
        let queued = JobQueueEvent.queued(jobId: id, videoId: video.id)
        if var job = try job(id: id), job.source == source {
            // The same bytes again: what was made of them is good.
            if try resume(&job, of: &video, now: now) || video.status == .queued { return queued }
            return .uploadIgnored(key: event.key)
        }
        guard video.apply(.uploadArrived, now: now) else { return .uploadIgnored(key: event.key) }
        if let failure = try objection(video, event.size, self) {
            _ = video.apply(.failed(failure), now: now)
            _ = try deleteObject(bucket: event.bucket, key: event.key)
            try saveAndTell(video, now: now)
            return .uploadRefused(videoId: video.id, reason: failure.reason)
        }
        video.declaredSize = event.size
        var probe = JobUnit.probe(of: id, source, now: now)
        if var job = try job(id: id) {
            // A worker that has a unit of the old upload may still store segments under names that the new one will have.
            // When its lease is over it has stopped, whether or not it could be told.
            probe.availableAt = try units(jobId: id).compactMap(\.leaseExpiresAt).reduce(now) { max($0, $1) }
            job.source = source
            job.state = .queued
            job.generation += 1
            job.isFinal = false
            job.lastFailure = nil
            job.updatedAt = now
            try save(job)
            try deleteWork(jobId: id)
            try storeConformanceReport(nil, videoId: video.id, now: now)
            try media.clear(video.id, in: self)
        } else {
            try insert(Job(id: id, videoId: video.id, ownerId: video.ownerId, source: source, createdAt: now))
        }
        try insert(probe)
        try saveAndTell(video, now: now)
        return queued
    }

    /// Gives a dead job all its attempts again; false, and nothing changes, when it is not dead.
    fileprivate func resume(_ job: inout Job, of video: inout Video, now: Int64) throws -> Bool {
        let isPublished = try renditionAccounts(jobId: job.id).contains { $0.publishedSegments > 0 }
        guard job.state == .dead, video.apply(.retried(isPublished: isPublished), now: now) else { return false }
        job.state = try plan(jobId: job.id) == nil ? .queued : .running
        job.lastFailure = nil
        job.updatedAt = now
        try requeueUnits(jobId: job.id, now: now)
        try save(job)
        try saveAndTell(video, now: now)
        return true
    }
}

extension JobUnit {
    /// The unit every job begins with. What the work will be is not known yet: half a megabyte of an upload counts as a second.
    fileprivate static func probe(of jobId: String, _ source: Job.Source, now: Int64) -> JobUnit {
        JobUnit(
            jobId: jobId, number: 0, kind: .probe, isOpening: true,
            effortSeconds: max(1, Double(source.size) / 500_000), now: now)
    }
}
