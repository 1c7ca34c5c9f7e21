public import Catalog
internal import EventLoop
internal import JSON
public import Presentation

/// Whose report it is: a worker's, about the unit it leased under `fence`.
public struct UnitReport: Sendable, Equatable {
    /// The job.
    public var jobId: String
    /// The unit's number.
    public var number: Int
    /// The fence of the lease.
    public var fence: Int64

    /// Makes a report's head.
    public init(jobId: String, number: Int, fence: Int64) {
        self.jobId = jobId
        self.number = number
        self.fence = fence
    }
}

extension UnitReport {
    /// How the unit is named in logs.
    var reference: UnitReference { UnitReference(jobId: jobId, number: number) }
}

/// What a unit ends with.
public enum UnitResult: Sendable, Equatable {
    /// A probe: what will be produced, and the units that produce it.
    case planned(WorkPlan)
    /// Pictures or sound: all segments are committed.
    case made
    /// A finish: the conformance report, JSON; no rule is broken that must not be.
    case checked(report: String)
}

/// Why a report is not taken, though the lease is good; nothing of it took effect.
public enum UnitRefusal: Error, Sendable, Equatable {
    /// The segment at this place of the list is none of the unit's.
    case foreignSegment(index: Int)
    /// Another segment is committed under this number.
    case segmentDiffers(rendition: String, number: Int)
    /// No object of its size lies under its key.
    case segmentNotStored(key: String)
    /// A segment is missing between the unit's first one and its last.
    case segmentsMissing(rendition: String, number: Int)
    /// Such a result is not what a unit of this kind ends with.
    case wrongResult(JobUnit.Kind)
}

extension JobQueue {
    /// Extends the worker's lease and notes how far it is.
    public func heartbeat(_ report: UnitReport, progress: Double?) async throws -> JobOutcome {
        let (now, policy) = (now(), policy)
        return try await change(report) { work, _ in
            work.unit.renew(fence: report.fence, progress: progress, now: now, policy: policy)
        }
    }

    /// Takes segments that are stored into the account, and extends the lease; the same ones again change nothing.
    ///
    /// Throws `UnitRefusal` and takes none.
    public func commit(_ report: UnitReport, _ segments: [StoredSegment]) async throws -> JobOutcome {
        let (now, policy, media) = (now(), policy, media)
        let outcome = try await change(report) { work, transaction in
            let outcome = work.unit.renew(fence: report.fence, now: now, policy: policy)
            guard outcome == .accepted else { return outcome }
            guard let outline = work.unit.outline else { throw UnitRefusal.wrongResult(work.unit.kind) }
            var account = try SegmentLedger(jobId: work.job.id, in: transaction)
            for (index, segment) in segments.enumerated() {
                guard outline.renditions.contains(segment.rendition), outline.segments.contains(segment.number) else {
                    throw UnitRefusal.foreignSegment(index: index)
                }
                try account.add(segment, to: PublishedMedia.folder(of: work.video.id), media.bucket, in: transaction)
            }
            try account.save(in: transaction)
            let progress = account.progress(durationSeconds: work.video.durationSeconds ?? 0)
            _ = work.video.apply(.progressed(progress), now: now)
            return .accepted
        }
        if outcome == .accepted { publications.ring() }
        return outcome
    }

    /// Ends a unit with success; what follows from it follows in the same transaction.
    ///
    /// Throws `UnitRefusal` and changes nothing.
    public func complete(_ report: UnitReport, _ result: UnitResult, notes: String? = nil) async throws -> JobOutcome {
        let now = now()
        let outcome = try await change(report) { work, transaction in
            let outcome = work.unit.complete(fence: report.fence, notes: notes, now: now)
            guard outcome == .accepted else { return outcome }
            switch (work.unit.kind, result) {
            case (.probe, .planned(let plan)):
                try transaction.begin(plan, of: work.job, now: now)
                let reasons = String(decoding: plan.outline.explanation.serialized(), as: UTF8.self)
                let event = VideoEvent.planned(durationSeconds: plan.outline.durationSeconds, explain: reasons)
                _ = work.video.apply(event, now: now)
            case (.pictures, .made), (.sound, .made):
                try work.unit.checkForGaps(in: transaction)
            case (.finish, .checked(let report)):
                try transaction.storeConformanceReport(report, videoId: work.video.id, now: now)
                work.finish(now: now)
                // A file in the clear would undo the encryption.
                if try transaction.sealedContentKey(videoId: work.video.id) == nil {
                    try transaction.save(PendingDownloads(jobId: work.job.id, now: now))
                }
            default:
                throw UnitRefusal.wrongResult(work.unit.kind)
            }
            return .accepted
        }
        if outcome == .accepted {
            bell.ring()
            publications.ring()
            if case .checked = result { finishes.ring() }
            log(.completed(report.reference))
        }
        return outcome
    }

    /// Ends the attempt without success; a retryable failure gets another one, later, while attempts are left.
    ///
    /// `conformance` is what a check has found that ends so, JSON.
    public func fail(
        _ report: UnitReport, _ failure: VideoFailure, retryable: Bool, conformance: String? = nil
    ) async throws -> JobOutcome {
        let (now, policy) = (now(), policy)
        let outcome = try await change(report) { work, transaction in
            let outcome = work.unit.fail(
                fence: report.fence, failure, retryable: retryable, now: now, policy: policy)
            try work.follow(outcome, failure, in: transaction, now: now)
            if let conformance, outcome == .requeued || outcome == .dead {
                try transaction.storeConformanceReport(conformance, videoId: work.video.id, now: now)
            }
            return outcome
        }
        if outcome == .requeued || outcome == .dead {
            metrics.ended(outcome)
            log(.attemptFailed(report.reference, reason: failure.reason, willRetry: outcome == .requeued))
        }
        return outcome
    }

    private func change(
        _ report: UnitReport,
        _ body: @escaping @Sendable (inout UnitWork, any CatalogTransaction) throws -> JobOutcome
    ) async throws -> JobOutcome {
        let now = now()
        let (outcome, changedVideo) = try await catalog.write { transaction -> (JobOutcome, String?) in
            guard let before = try UnitWork(report, in: transaction) else { return (.leaseLost, nil) }
            var work = before
            let outcome = try body(&work, transaction)
            try work.save(changesSince: before, in: transaction, now: now)
            return (outcome, work.video == before.video ? nil : work.video.id)
        }
        if let changedVideo { changes.changed(changedVideo) }
        return outcome
    }
}
