internal import Catalog
internal import EdgeControl
internal import HTTPServer
internal import HTTPWire
internal import JSON
internal import Jobs

extension APIServices {
    private static let fences: ClosedRange<Int64> = 1...Int64.max
    private static let seconds: ClosedRange<Double> = 0...31_536_000
    // A worker's reasons may be long; nobody else may send so much.
    private static let maximumReportBytes = 1 << 20

    /// `POST /worker/lease`: a job, or 204 after `waitSeconds` without one.
    func leaseJob(_ request: Request) async throws -> Response {
        try requireWorker(request)
        let input = try await APIInput(request)
        let workerId = try input.requiredText("workerId", limit: 128)
        let wait = try input.integer("waitSeconds", in: 0...60) ?? 0
        guard let job = try await jobs.lease(workerId: workerId, wait: .seconds(wait)) else {
            return Response(status: .noContent)
        }
        let source: JSONObject = [
            "bucket": .string(job.source.bucket), "key": .string(job.source.key), "size": .integer(job.source.size),
            "etag": .string(job.source.etag),
        ]
        let answer: JSONObject = [
            "jobId": .string(job.id), "fence": .integer(job.fence), "videoId": .string(job.videoId),
            "source": .object(source), "mediaPrefix": .string("media/\(job.videoId)/"),
            "leaseSeconds": .integer(Int64(jobs.policy.leaseSeconds)), "attempt": .integer(Int64(job.attempts)),
        ]
        return APIServices.json(.ok, ["job": .object(answer)])
    }

    /// `POST /worker/jobs/{jobId}/heartbeat`
    func heartbeat(_ request: Request) async throws -> Response {
        let report = try await WorkerReport(request, self)
        let progress = try report.input.number("progress", in: 0...1) ?? 0
        let event: VideoEvent
        switch try report.input.requiredText("phase", limit: 32) {
        case "probing": event = .probing
        case "transcoding": event = .transcoding(progress: progress)
        default: throw Problem.invalid("phase", "must be probing or transcoding.")
        }
        return try await answer(
            report, try await jobs.heartbeat(jobId: report.jobId, fence: report.fence, report: event))
    }

    /// `POST /worker/jobs/{jobId}/publish`: the video can be watched from its beginning.
    func publish(_ request: Request) async throws -> Response {
        let report = try await WorkerReport(request, self)
        return try await answer(
            report,
            try await jobs.publish(
                jobId: report.jobId, fence: report.fence,
                durationSeconds: try report.input.number("durationSeconds", in: APIServices.seconds),
                renditions: try report.renditions()))
    }

    /// `POST /worker/jobs/{jobId}/complete`
    func complete(_ request: Request) async throws -> Response {
        let report = try await WorkerReport(request, self)
        return try await answer(
            report,
            try await jobs.complete(
                jobId: report.jobId, fence: report.fence,
                durationSeconds: try report.input.requiredNumber("durationSeconds", in: APIServices.seconds),
                renditions: try report.renditions(),
                explain: report.input["explain"].map { String(decoding: $0.serialized(), as: UTF8.self) }))
    }

    /// `POST /worker/jobs/{jobId}/fail`
    func fail(_ request: Request) async throws -> Response {
        let report = try await WorkerReport(request, self)
        let failure = VideoFailure(
            reason: report.input.cleanedText("reason", limit: 500) ?? "Transcoding failed.",
            detail: report.input.cleanedText("detail", limit: 4_000) ?? "")
        return try await answer(
            report,
            try await jobs.fail(
                jobId: report.jobId, fence: report.fence, failure,
                retryable: try report.input.bool("retryable") ?? false))
    }

    private func answer(_ report: WorkerReport, _ outcome: JobOutcome) async throws -> Response {
        guard outcome != .leaseLost else {
            try await removeLateMedia(of: report)
            throw Problem.leaseLost
        }
        return APIServices.json(.ok, ["leaseSeconds": .integer(Int64(jobs.policy.leaseSeconds))])
    }

    /// What a worker wrote between the deletion of its video and this report, at which it stops.
    private func removeLateMedia(of report: WorkerReport) async throws {
        guard let videoId = report.videoId else { return }
        let bucket = configuration.mediaBucket
        let controlLog = controlLog
        let isGone = try await catalog.write { transaction in
            guard try transaction.video(id: videoId) == nil,
                try transaction.deleteObjects(bucket: bucket, prefix: "media/\(videoId)/") > 0
            else { return false }
            try controlLog.append(.forget(videoId: videoId), in: transaction)
            return true
        }
        if isGone { controlLog.announce() }
    }

    /// What every report begins with.
    private struct WorkerReport {
        let input: APIInput
        let jobId: String
        let fence: Int64

        init(_ request: Request, _ services: APIServices) async throws {
            try services.requireWorker(request)
            input = try await APIInput(request, limit: APIServices.maximumReportBytes)
            jobId = request[parameter: "jobId"]
            fence = try input.requiredInteger("fence", in: APIServices.fences)
        }

        /// As the worker was told it; a slash would reach into another video's folder.
        var videoId: String? {
            guard let range = jobId.firstRange(of: "transcode-"), range.lowerBound == jobId.startIndex else {
                return nil
            }
            let id = String(jobId[range.upperBound...])
            return id.isEmpty || id.contains("/") ? nil : id
        }

        func renditions() throws(Problem) -> [Rendition] {
            guard let value = input["renditions"] else { return [] }
            guard let list = value.array, list.count <= 32 else {
                throw .invalid("renditions", "must be a list of at most 32 objects.")
            }
            var renditions: [Rendition] = []
            for item in list { renditions.append(try Rendition(item)) }
            return renditions
        }
    }
}
