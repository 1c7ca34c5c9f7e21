import AccessSigning
import Bytes
import EventLoop
import HTTPServer
import HTTPWire
import JSON
import Synchronization
import Telemetry

/// The origin's worker API and an S3 store behind one listener; every signature is verified.
final class FakeOrigin: Sendable {
    struct State {
        var jobs: [JSONValue] = []
        var reports: [(call: String, body: JSONValue)] = []
        var objects: [String: [UInt8]] = [:]
        var fields: [String: [String: String]] = [:]
        var refusals: [String: Int] = [:]
        var unsigned: [String] = []
    }

    static let secret = "wJalrXUtnFEMI/K7MDENG"

    let group: EventLoopGroup
    let server: HTTPServer
    let address: SocketAddress
    private let shared: Shared

    init(upload: [UInt8], jobs count: Int = 1) throws {
        var initial = State()
        initial.objects["/uploads/u/clip"] = upload
        initial.jobs = (1...count).map { number in
            [
                "jobId": .string("job-\(number)"), "fence": 7, "videoId": "v1", "mediaPrefix": "media/v1/",
                "leaseSeconds": 5,
                "attempt": 1,
                "source": ["bucket": "uploads", "key": "u/clip", "size": .integer(Int64(upload.count))],
            ]
        }
        let shared = Shared(initial)
        self.shared = shared
        group = try EventLoopGroup(loops: 1, name: "origin")
        server = HTTPServer(group: group) { _ in AsyncExchangeHandler { await shared.answer($0) } }
        address = try server.bind(to: .loopback(port: 0))
    }

    var reports: [(call: String, body: JSONValue)] { shared.state.withLock { $0.reports } }
    var objects: [String: [UInt8]] { shared.state.withLock { $0.objects } }
    var fields: [String: [String: String]] { shared.state.withLock { $0.fields } }
    var unsigned: [String] { shared.state.withLock { $0.unsigned } }

    /// Answers the next calls whose path ends in `suffix` with `status`.
    func refuse(_ suffix: String, with status: Int) { shared.state.withLock { $0.refusals[suffix] = status } }

    func stop() async {
        await server.drain(within: .milliseconds(100))
        await group.shutdown()
    }
}

private final class Shared: Sendable {
    let state: Mutex<FakeOrigin.State>

    init(_ initial: FakeOrigin.State) { state = Mutex(initial) }

    func answer(_ request: Request) async -> Response {
        let body = (try? await request.body.collect(upTo: 1 << 24)) ?? []
        let refusal = state.withLock { state in state.refusals.first { request.path.hasSuffix($0.key) }?.value }
        if let refusal { return .text(HTTPStatus(code: refusal), "no") }
        if request.path.hasPrefix("/api/v1/worker/") {
            return worker(String(request.path.dropFirst("/api/v1/worker/".count)), request, body)
        }
        return store(request, body)
    }

    private func worker(_ call: String, _ request: Request, _ body: [UInt8]) -> Response {
        guard request.headers.first("authorization") == "Bearer worker-token" else { return .text(.unauthorized, "") }
        let value = (try? JSONValue.parse(body)) ?? .null
        if call == "lease" {
            let next = state.withLock { $0.jobs.isEmpty ? [] : [$0.jobs.removeFirst()] }
            guard let job = next.first else { return Response(status: .noContent) }
            let answer: JSONValue = ["job": job]
            return Response(status: .ok, contentType: "application/json", bytes: answer.serialized())
        }
        state.withLock { $0.reports.append((call, value)) }
        let answer: JSONValue = ["leaseSeconds": 5]
        return Response(status: .ok, contentType: "application/json", bytes: answer.serialized())
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
        switch request.method {
        case .put:
            let names = ["content-type", "cache-control", "x-amz-meta-cache-tag"]
            let fields = names.reduce(into: [:]) { $0[$1] = request.headers.first($1) }
            state.withLock { state in
                state.objects[request.path] = body
                state.fields[request.path] = fields
            }
            return Response(status: .ok)
        default:
            guard let bytes = state.withLock({ $0.objects[request.path] }) else { return .text(.notFound, "") }
            return Response(status: .ok, contentType: "application/octet-stream", bytes: bytes)
        }
    }
}
