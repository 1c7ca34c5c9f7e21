internal import Catalog
internal import EdgeControl
internal import HTTPServer
internal import HTTPWire
internal import JSON
internal import Jobs
internal import Presentation

extension APIServices {
    private static let fences: ClosedRange<Int64> = 1...Int64.max
    private static let maximumNotesBytes = 1 << 16
    private static let maximumConformanceBytes = 1 << 20
    private static let segmentsPerReport = 1_000

    /// `POST /worker/lease`: a unit of work, or 204 after `waitSeconds` without one.
    func leaseUnit(_ request: Request) async throws -> Response {
        let input = APIInput(request)
        let held = try input.texts("sources", limit: 1_000, characters: 64)
        let offer = WorkerOffer(
            workerId: try input.requiredText("workerId", limit: 128),
            memoryMebibytes: try input.integer("memoryMebibytes", in: 0...(1 << 30)).map { Int($0) }, heldJobs: held)
        let wait = try input.integer("waitSeconds", in: 0...60) ?? 0
        guard let lease = try await jobs.lease(offer, wait: .seconds(wait)) else {
            return Response(status: .noContent)
        }
        let waiting = try await catalog.read { try $0.openUnitLoads()[.queued]?.effortSeconds }
        return APIServices.json(
            .ok,
            [
                "unit": .object(try lease.json(leaseSeconds: jobs.policy.leaseSeconds)),
                "backlogSeconds": .number(waiting ?? 0),
            ])
    }

    /// `POST /worker/jobs/{jobId}/units/{number}/heartbeat`
    func heartbeat(_ request: Request) async throws -> Response {
        let (report, input) = try await report(request)
        let progress = try input.number("progress", in: 0...1)
        return try await answer(report, try await jobs.heartbeat(report, progress: progress))
    }

    /// `POST /worker/jobs/{jobId}/units/{number}/segments`: what is stored of the unit.
    func commitSegments(_ request: Request) async throws -> Response {
        let (report, input) = try await report(request)
        guard let list = input["segments"]?.array, (1...Self.segmentsPerReport).contains(list.count) else {
            throw Problem.unprocessable("segments", "must be a list of 1 to \(Self.segmentsPerReport) segments.")
        }
        var segments: [StoredSegment] = []
        for (index, item) in list.enumerated() {
            guard let segment = StoredSegment(json: item) else {
                throw Problem.unprocessable(
                    "segments[\(index)]",
                    "must have rendition, number from 1, bytes, durationMicroseconds up to an hour, and sha256 in "
                        + "lower-case hex.")
            }
            segments.append(segment)
        }
        return try await answer(report) { [segments] in try await self.jobs.commit(report, segments) }
    }

    /// `POST /worker/jobs/{jobId}/units/{number}/complete`
    func completeUnit(_ request: Request) async throws -> Response {
        let (report, input) = try await report(request)
        let notes = try input.document("notes", limit: Self.maximumNotesBytes)
        let result: UnitResult
        if let plan = input["plan"] {
            result = .planned(try WorkPlan(checking: plan))
        } else if let findings = try input.document("conformance", limit: Self.maximumConformanceBytes) {
            result = .checked(report: findings)
        } else {
            result = .made
        }
        return try await answer(report) { try await self.jobs.complete(report, result, notes: notes) }
    }

    /// `POST /worker/jobs/{jobId}/units/{number}/fail`
    func failUnit(_ request: Request) async throws -> Response {
        let (report, input) = try await report(request)
        let failure = VideoFailure(
            reason: input.cleanedText("reason", limit: 500) ?? "Transcoding failed.",
            detail: input.cleanedText("detail", limit: 4_000) ?? "")
        let retryable = try input.bool("retryable") ?? false
        let findings = try input.document("conformance", limit: Self.maximumConformanceBytes)
        return try await answer(
            report, try await jobs.fail(report, failure, retryable: retryable, conformance: findings))
    }

    /// What every report begins with.
    private func report(_ request: Request) async throws -> (UnitReport, APIInput) {
        let input = APIInput(request)
        guard let number = Int(request[parameter: "number"]), number >= 0 else { throw Problem.jobNotFound }
        let report = UnitReport(
            jobId: request[parameter: "jobId"], number: number,
            fence: try input.requiredInteger("fence", in: Self.fences))
        return (report, input)
    }

    private func answer(_ report: UnitReport, _ body: () async throws -> JobOutcome) async throws -> Response {
        do {
            return try await answer(report, try await body())
        } catch let refusal as UnitRefusal {
            throw Problem(refusal)
        }
    }

    private func answer(_ report: UnitReport, _ outcome: JobOutcome) async throws -> Response {
        guard outcome != .leaseLost else {
            try await removeLateMedia(of: report)
            throw Problem.leaseLost
        }
        return APIServices.json(.ok, ["leaseSeconds": .integer(Int64(jobs.policy.leaseSeconds))])
    }

    /// What a worker wrote between the deletion of its video and this report, at which it stops.
    private func removeLateMedia(of report: UnitReport) async throws {
        guard let videoId = report.videoId else { return }
        let bucket = configuration.mediaBucket
        let controlLog = controlLog
        let isGone = try await catalog.write { transaction in
            guard try transaction.video(id: videoId).map({ $0.deletedAt != nil }) ?? true,
                try transaction.deleteObjects(bucket: bucket, prefix: PublishedMedia.folder(of: videoId)) > 0
            else { return false }
            try controlLog.append(.forget(videoId: videoId), in: transaction)
            return true
        }
        if isGone { controlLog.announce() }
    }
}

extension UnitReport {
    /// As the worker was told it; a slash would reach into another video's folder.
    fileprivate var videoId: String? {
        guard let range = jobId.firstRange(of: "transcode-"), range.lowerBound == jobId.startIndex else { return nil }
        let id = String(jobId[range.upperBound...])
        return id.isEmpty || id.contains("/") ? nil : id
    }
}

extension Problem {
    /// Why a report is not taken.
    init(_ refusal: UnitRefusal) {
        self =
            switch refusal {
            case .foreignSegment(let index):
                .unprocessable("segments[\(index)]", "is of a rendition or number that the unit does not make.")
            case .segmentDiffers(let rendition, let number):
                Problem(
                    .unprocessableContent, "segment_differs",
                    "Another segment \(number) of \(rendition) is committed: the same unit must give the same bytes.")
            case .segmentNotStored(let key):
                Problem(
                    .unprocessableContent, "segment_not_stored",
                    "There is no object of that size at \(key); store the segment before it is reported.")
            case .segmentsMissing(let rendition, let number):
                Problem(
                    .unprocessableContent, "segments_missing",
                    "Segment \(number) of \(rendition) is not committed though a later one of the unit is.")
            case .wrongResult(let kind):
                Problem(
                    .unprocessableContent, "wrong_result",
                    "A unit of kind \(kind.rawValue) does not end with this; plan is for probe, conformance for finish."
                )
            }
    }
}
