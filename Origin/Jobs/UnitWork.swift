internal import Catalog
internal import JSON
internal import Presentation
internal import Webhooks

/// A unit with its job and its video, which change together.
struct UnitWork: Sendable, Equatable {
    var job: Job
    var unit: JobUnit
    var video: Video

    /// Reads what a report is about; nil when it is no more.
    init?(_ report: UnitReport, in transaction: any CatalogTransaction) throws {
        guard let unit = try transaction.unit(jobId: report.jobId, number: report.number) else { return nil }
        try self.init(unit, in: transaction)
    }

    init?(_ unit: JobUnit, in transaction: any CatalogTransaction) throws {
        guard let job = try transaction.job(id: unit.jobId), let video = try transaction.video(id: job.videoId) else {
            return nil
        }
        (self.job, self.unit, self.video) = (job, unit, video)
    }

    func save(changesSince before: UnitWork, in transaction: any CatalogTransaction, now: Int64) throws {
        if unit != before.unit { try transaction.save(unit) }
        if job != before.job { try transaction.save(job) }
        if video != before.video { try transaction.saveAndTell(video, now: now) }
    }

    /// What the end of an attempt means for the job and the video.
    mutating func follow(
        _ outcome: JobOutcome, _ failure: VideoFailure, in transaction: any CatalogTransaction, now: Int64
    ) throws {
        guard outcome == .requeued || outcome == .dead else { return }
        job.lastFailure = failure
        job.updatedAt = now
        if outcome == .dead {
            job.state = .dead
            try transaction.cancelUnits(jobId: job.id, now: now)
            // The unit itself was still leased in the row that was just cancelled.
            try transaction.save(unit)
            _ = video.apply(.failed(failure), now: now)
        } else if unit.kind == .probe {
            job.state = .queued
            _ = video.apply(.requeued, now: now)
        }
    }

    /// Ends the job: everything is published and checked.
    mutating func finish(now: Int64) {
        job.state = .done
        job.lastFailure = nil
        job.updatedAt = now
        _ = video.apply(.completed, now: now)
    }
}

extension JobUnit {
    /// Refuses to call a unit done of which a segment is missing between its first and its last. How many there are is what
    /// encoding finds out: an upload may break off.
    func checkForGaps(in reader: any CatalogReader) throws {
        guard let outline else { return }
        let names = try reader.renditionAccounts(jobId: jobId).map(\.name)
        for rendition in outline.renditions {
            let numbers = try reader.segments(jobId: jobId, rendition: rendition, numbers: outline.segments)
                .map(\.number)
            for (offset, number) in numbers.enumerated() where number != outline.segments.lowerBound + offset {
                throw UnitRefusal.segmentsMissing(
                    rendition: names.indices.contains(rendition) ? names[rendition] : "\(rendition)",
                    number: outline.segments.lowerBound + offset)
            }
        }
    }
}

extension CatalogTransaction {
    /// Stores a plan and queues its units.
    func begin(_ plan: WorkPlan, of job: Job, now: Int64) throws {
        try store(
            JobPlan(
                outline: String(decoding: plan.outline.json.serialized(), as: UTF8.self),
                media: String(decoding: plan.media.serialized(), as: UTF8.self)),
            jobId: job.id)
        for (position, rendition) in plan.outline.renditions.enumerated() {
            try insert(
                RenditionAccount(
                    position: position, name: rendition.name, effort: rendition.effort, fileEnding: rendition.fileEnding
                ),
                jobId: job.id)
        }
        let openings = plan.openings
        for unit in plan.units {
            try insert(
                JobUnit(
                    jobId: job.id, number: unit.number, kind: unit.kind == .pictures ? .pictures : .sound,
                    detail: String(decoding: unit.json.serialized(), as: UTF8.self),
                    isOpening: openings.contains(unit.number), effortSeconds: plan.effortSeconds(of: unit),
                    memoryMebibytes: unit.memoryMebibytes, now: now))
        }
    }
}

extension WorkPlan {
    /// Numbers of the units without whose beginning nothing plays: the first that begins the pictures, and those that begin
    /// sound.
    var openings: Set<Int> {
        let beginning = units.filter { $0.segments.contains(1) }
        let sound = beginning.filter { $0.kind == .sound }.map(\.number)
        let pictures = beginning.first { $0.kind == .pictures }.map { [$0.number] } ?? []
        return Set(sound + pictures)
    }
}

extension UnitOutline {
    /// Whether the unit makes this segment.
    func makes(_ rendition: Int, _ number: Int) -> Bool {
        renditions.contains(rendition) && segments.contains(number)
    }
}
