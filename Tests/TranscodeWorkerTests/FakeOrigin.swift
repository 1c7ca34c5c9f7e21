import AccessSigning
import Bytes
import EventLoop
import HTTPServer
import HTTPWire
import JSON
import Presentation
import Synchronization
import Telemetry

@testable import TranscodeWorker

/// A small but honest origin: jobs of units, leases with fences, committed segments, and an S3 store behind the same listener
/// that verifies every signature.
final class FakeOrigin: Sendable {
    static let secret = "wJalrXUtnFEMI/K7MDENG"

    let group: EventLoopGroup
    let server: HTTPServer
    let address: SocketAddress
    private let shared: Shared

    init(upload: [UInt8], jobs count: Int = 1) throws {
        var initial = OriginState()
        initial.objects["/uploads/u/clip"] = upload
        initial.uploadBytes = upload.count
        initial.jobs = (1...count).map { OriginState.Job(id: "job-\($0)") }
        let shared = Shared(initial)
        self.shared = shared
        group = try EventLoopGroup(loops: 1, name: "origin")
        server = HTTPServer(group: group) { _ in AsyncExchangeHandler { await shared.answer($0) } }
        address = try server.bind(to: .loopback(port: 0))
    }

    /// Calls of workers but leases and heartbeats, and PUTs, in the order in which they came.
    var journal: [String] { read { $0.journal } }
    var objects: [String: [UInt8]] { read { $0.objects } }
    var fields: [String: [String: String]] { read { $0.fields } }
    var unsigned: [String] { read { $0.unsigned } }
    var downloads: Int { read { $0.downloads } }
    var heartbeats: Int { read { $0.heartbeats } }
    var leases: [JSONValue] { read { $0.leases } }
    /// Bodies of the calls that ended a unit, such as "job-1/3/fail".
    func body(of call: String) -> JSONValue? { read { $0.bodies[call] } }
    func committed(_ job: Int = 1) -> [LeasedUnit.Place: StoredSegment] { read { $0.jobs[job - 1].stored } }
    func isReady(_ job: Int = 1) -> Bool { read { $0.jobs[job - 1].isReady } }
    func isDead(_ job: Int = 1) -> Bool { read { $0.jobs[job - 1].isDead } }

    /// Answers the next `times` calls whose path ends in `suffix` with `status`.
    func refuse(_ suffix: String, with status: Int, times: Int = .max) {
        shared.state.withLock { $0.refusals[suffix] = (status, times) }
    }

    /// Starts a job with a plan made and some segments committed, as after a crash.
    func plan(_ plan: WorkPlan, committed: [StoredSegment] = [], job: Int = 1) {
        shared.state.withLock { state in
            state.jobs[job - 1].adopt(plan)
            for segment in committed {
                state.jobs[job - 1].stored[.init(rendition: segment.rendition, number: segment.number)] = segment
            }
        }
    }

    /// Gives a unit to another worker.
    func takeAway(_ number: Int) {
        shared.state.withLock { state in
            let fence = state.jobs[0].fence + 1
            state.jobs[0].fence = fence
            state.jobs[0].units[number]?.fence = fence
        }
    }

    func stop() async {
        await server.drain(within: .milliseconds(100))
        await group.shutdown()
    }

    private func read<R>(_ body: (OriginState) -> R) -> R { shared.state.withLock { body($0) } }
}

private final class Shared: Sendable {
    let state: Mutex<OriginState>

    init(_ initial: OriginState) { state = Mutex(initial) }

    func answer(_ request: Request) async -> Response {
        let body = (try? await request.body.collect(upTo: 1 << 24)) ?? []
        let refusal = state.withLock { state -> Int? in
            guard let suffix = state.refusals.keys.first(where: { request.path.hasSuffix($0) }),
                let (status, times) = state.refusals[suffix], times > 0
            else { return nil }
            state.refusals[suffix] = (status, times - 1)
            return status
        }
        if let refusal { return .text(HTTPStatus(code: refusal), "no") }
        if request.path.hasPrefix("/api/v1/worker/") {
            return await worker(String(request.path.dropFirst("/api/v1/worker/".count)), request, body)
        }
        return store(request, body)
    }

    private func worker(_ call: String, _ request: Request, _ body: [UInt8]) async -> Response {
        guard request.headers.first("authorization") == "Bearer worker-token" else { return .text(.unauthorized, "") }
        let value = (try? JSONValue.parse(body)) ?? .null
        if call == "lease" {
            guard let unit = state.withLock({ $0.lease(value) }) else {
                try? await Task.sleep(for: .milliseconds(5))
                return Response(status: .noContent)
            }
            let answer: JSONValue = ["unit": unit, "backlogSeconds": 42]
            return Response(status: .ok, contentType: "application/json", bytes: answer.serialized())
        }
        let status = state.withLock { $0.report(call, value) }
        let answer: JSONValue = ["leaseSeconds": 5]
        return Response(status: HTTPStatus(code: status), contentType: "application/json", bytes: answer.serialized())
    }

    private func store(_ request: Request, _ body: [UInt8]) -> Response {
        let signed = SigV4Request(
            method: request.method.name, path: request.path, query: request.query,
            headers: request.headers.map { (name: $0.name, value: $0.value) }
                .filter { $0.name.lowercased() != "content-length" })
        do {
            let authorization = try SigV4Authorization.parse(signed)
            try authorization.verify(
                signed, secretAccessKey: FakeOrigin.secret, region: "eu-central-1", service: "s3", payload: .declared,
                nowEpochSeconds: WallClock.epochSeconds())
            guard try authorization.payloadHash(signed, .declared) == SigV4.payloadHash(body) else {
                throw SigV4Error.signatureMismatch
            }
        } catch {
            state.withLock { $0.unsigned.append("\(request.path): \(error)") }
            return .text(.forbidden, "\(error)")
        }
        guard request.method == .put else {
            guard let bytes = state.withLock({ $0.get(request.path) }) else { return .text(.notFound, "") }
            return Response(status: .ok, contentType: "application/octet-stream", bytes: bytes)
        }
        let names = ["content-type", "cache-control", "x-amz-meta-cache-tag"]
        let fields = names.reduce(into: [:]) { $0[$1] = request.headers.first($1) }
        state.withLock { $0.put(request.path, body, fields) }
        return Response(status: .ok)
    }
}
