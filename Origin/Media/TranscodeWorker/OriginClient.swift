internal import Bytes
internal import EventLoop
internal import HTTPClient
internal import HTTPWire
internal import JSON
internal import Presentation
internal import Transcode

/// The origin's worker API: units are leased, kept alive, and reported on with the lease's fence.
///
/// Every report may be repeated, so a lost answer is asked for again while the lease lasts.
struct OriginClient: Sendable {
    /// The lease ended: another worker may have the unit, and this one must not touch it any more.
    struct LeaseLost: Error {}

    /// The origin said no, or something that is no answer.
    struct Refused: Error, CustomStringConvertible {
        let description: String
        /// Whether the same call may succeed later.
        var isTransient = false
    }

    /// An answer to the call for work.
    struct Lease: Sendable {
        let unit: LeasedUnit?
        /// Work that waits at the origin, in seconds of output.
        let backlogSeconds: Double
    }

    /// What is asked for.
    struct Wish: Sendable {
        var waitSeconds: Int
        /// Memory a unit may take here.
        var memoryMebibytes: Int
        /// Jobs whose upload is here.
        var sources: [String] = []
    }

    /// Bounds of an answer: a unit's plan may be long.
    private static let limits = JSONLimits(maximumBytes: 16 << 20)

    let client: HTTPClient
    let endpoint: Endpoint
    let token: String
    let workerId: String

    /// Waits between attempts at a report; together shorter than a lease.
    private static let pauses: [Duration] = [.milliseconds(200), .seconds(1), .seconds(3), .seconds(5), .seconds(10)]

    /// The next unit; none if none came in time.
    func lease(_ wish: Wish) async throws -> Lease {
        let body: JSONObject = [
            "workerId": .string(workerId), "waitSeconds": .integer(Int64(wish.waitSeconds)),
            "memoryMebibytes": .integer(Int64(wish.memoryMebibytes)),
            "sources": .array(wish.sources.map { .string($0) }),
        ]
        guard let answer = try await call("lease", body, timeout: .seconds(wish.waitSeconds + 15)) else {
            return Lease(unit: nil, backlogSeconds: 0)
        }
        guard let unit = answer["unit"].flatMap(LeasedUnit.init(json:)) else {
            throw Refused(description: "the origin's answer to a lease is not understood")
        }
        return Lease(unit: unit, backlogSeconds: max(0, answer["backlogSeconds"]?.number ?? 0))
    }

    /// Extends the lease and says how far the unit is. Not repeated: the next heartbeat follows soon.
    func heartbeat(_ unit: LeasedUnit, progress: Double) async throws {
        _ = try await call(path(unit, "heartbeat"), body(unit, ["progress": .number(progress)]), timeout: .seconds(10))
    }

    /// Commits stored segments.
    func segments(_ unit: LeasedUnit, _ segments: [StoredSegment]) async throws {
        try await report(unit, "segments", ["segments": .array(segments.map(\.json))])
    }

    /// Says that a probe is done and with what plan, or that all segments of a unit are reported.
    func complete(_ unit: LeasedUnit, plan: WorkPlan?, notes: UnitNotes) async throws {
        var members: JSONObject = ["notes": notes.json]
        if let plan { members["plan"] = plan.json }
        try await report(unit, "complete", members)
    }

    /// Says that the stored presentation was checked and breaks no rule that it must not break.
    func complete(_ unit: LeasedUnit, conformance: JSONValue) async throws {
        try await report(unit, "complete", ["conformance": conformance])
    }

    /// Gives the unit up, with the report of a check if that is why.
    func fail(_ unit: LeasedUnit, _ failure: TranscodeFailure, conformance: JSONValue? = nil) async throws {
        var members: JSONObject = [
            "reason": .string(failure.reason), "detail": .string(failure.detail),
            "retryable": .bool(failure.isRetryable),
        ]
        if let conformance { members["conformance"] = conformance }
        try await report(unit, "fail", members)
    }

    private func report(_ unit: LeasedUnit, _ what: String, _ members: JSONObject) async throws {
        let (path, body) = (path(unit, what), body(unit, members))
        for pause in Self.pauses {
            do {
                _ = try await call(path, body, timeout: .seconds(30))
                return
            } catch let error as Refused where error.isTransient {
                try await client.loop.sleep(for: pause)
            } catch let error as ClientError where error.kind != .cancelled {
                try await client.loop.sleep(for: pause)
            }
        }
        _ = try await call(path, body, timeout: .seconds(30))
    }

    private func path(_ unit: LeasedUnit, _ what: String) -> String {
        "jobs/\(PercentEncoding.encode(unit.jobId))/units/\(unit.number)/\(what)"
    }

    private func body(_ unit: LeasedUnit, _ members: JSONObject) -> JSONObject {
        var body = members
        body["fence"] = .integer(unit.fence)
        return body
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
        let bytes = try await response.body.collect(upTo: Self.limits.maximumBytes)
        switch response.status.code {
        case 204: return nil
        case 200..<300: return bytes.isEmpty ? nil : try JSONValue.parse(bytes, limits: Self.limits)
        case 409: throw LeaseLost()
        default:
            let title = (try? JSONValue.parse(bytes))?["detail"]?.string ?? ""
            throw Refused(
                description: "the origin answered \(response.status.code) to \(path) \(title)",
                isTransient: response.status.code >= 500 || response.status.code == 429)
        }
    }
}
