internal import Bytes
internal import HTTPClient
internal import HTTPWire
internal import JSON

/// The origin's worker API: jobs are leased, kept alive, and reported on with the lease's fence.
struct OriginClient: Sendable {
    /// What a worker was given to do.
    struct Job: Sendable {
        let jobId: String
        let fence: Int64
        let videoId: String
        let sourceBucket: String
        let sourceKey: String
        let sourceBytes: Int64
        /// Key prefix of everything published, such as "media/VIDEO/".
        let mediaPrefix: String
        let leaseSeconds: Int
        let attempt: Int
    }

    /// The lease ended: another worker may have the job, and this one must not touch it any more.
    struct LeaseLost: Error {}

    /// The origin said no, or something that is no answer.
    struct Refused: Error, CustomStringConvertible {
        let description: String
    }

    let client: HTTPClient
    let endpoint: Endpoint
    let token: String
    let workerId: String

    /// The next job; nil if none came within `waitSeconds`.
    func lease(waitSeconds: Int) async throws -> Job? {
        let answer = try await call(
            "lease", ["workerId": .string(workerId), "waitSeconds": .integer(Int64(waitSeconds))],
            timeout: .seconds(waitSeconds + 15))
        guard let answer else { return nil }
        guard let job = answer["job"], let jobId = job["jobId"]?.string, let fence = job["fence"]?.integer,
            let videoId = job["videoId"]?.string, let source = job["source"], let bucket = source["bucket"]?.string,
            let key = source["key"]?.string, let bytes = source["size"]?.integer,
            let prefix = job["mediaPrefix"]?.string, let lease = job["leaseSeconds"]?.integer, lease > 0
        else { throw Refused(description: "the origin's answer to a lease is not understood") }
        return Job(
            jobId: jobId, fence: fence, videoId: videoId, sourceBucket: bucket, sourceKey: key, sourceBytes: bytes,
            mediaPrefix: prefix, leaseSeconds: Int(clamping: lease),
            attempt: Int(clamping: job["attempt"]?.integer ?? 1))
    }

    /// Extends the lease and says how far the job is.
    func heartbeat(_ job: Job, phase: String, progress: Double) async throws {
        try await report(job, "heartbeat", ["phase": .string(phase), "progress": .number(progress)])
    }

    /// Says that the video can be watched from its beginning.
    func publish(_ job: Job, durationSeconds: Double?, renditions: JSONValue) async throws {
        var object: JSONObject = ["renditions": renditions]
        if let durationSeconds { object["durationSeconds"] = .number(durationSeconds) }
        try await report(job, "publish", object)
    }

    /// Says that everything is published.
    func complete(_ job: Job, durationSeconds: Double, renditions: JSONValue, explanation: JSONValue) async throws {
        try await report(
            job, "complete",
            ["durationSeconds": .number(durationSeconds), "renditions": renditions, "explain": explanation])
    }

    /// Gives the job up.
    func fail(_ job: Job, reason: String, detail: String, isRetryable: Bool) async throws {
        try await report(
            job, "fail", ["reason": .string(reason), "detail": .string(detail), "retryable": .bool(isRetryable)])
    }

    private func report(_ job: Job, _ what: String, _ members: JSONObject) async throws {
        var body = members
        body["fence"] = .integer(job.fence)
        _ = try await call("jobs/\(PercentEncoding.encode(job.jobId))/\(what)", body, timeout: .seconds(30))
    }

    private func call(_ path: String, _ body: JSONObject, timeout: Duration) async throws -> JSONValue? {
        var headers = Headers()
        headers.add("Authorization", "Bearer \(token)")
        headers.add("Content-Type", "application/json")
        var request = ClientRequest(
            endpoint: endpoint, method: .post, target: "/api/v1/worker/\(path)", headers: headers,
            body: .bytes(body.serialized()))
        request.responseTimeout = timeout
        let response = try await client.send(request)
        let bytes = try await response.body.collect(upTo: 1 << 20)
        switch response.status.code {
        case 204: return nil
        case 200..<300: return bytes.isEmpty ? nil : try JSONValue.parse(bytes)
        case 409: throw LeaseLost()
        default:
            let title = (try? JSONValue.parse(bytes))?["detail"]?.string ?? ""
            throw Refused(description: "the origin answered \(response.status.code) to \(path) \(title)")
        }
    }
}
