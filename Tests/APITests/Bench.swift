import AccessSigning
import Bytes
import Catalog
import Crypto
import EdgeControl
import EventLoop
import HTTPServer
import HTTPWire
import JSON
import Jobs
import SigningKeys
import Synchronization
import Telemetry
import TestKit

@testable import API

/// An API over a catalog of its own, with accounts that tokens name: `token-anna`, `token-admin`.
final class Bench: Sendable {
    static let signingKey = Result { try PrivateKey.generateRSA() }

    let catalog: SQLiteCatalog
    let jobs: JobQueue
    let changes = VideoChanges()
    let keys: SigningKeys
    let api: ControlAPI
    let clock = Clock()
    private let folder = TemporaryDirectory()

    final class Clock: Sendable {
        let milliseconds = Mutex<Int64>(1_795_000_000_000)
        var now: Int64 { milliseconds.withLock { $0 } }
        func advance(seconds: Int64) { milliseconds.withLock { $0 += seconds * 1_000 } }
    }

    private struct Accounts: BearerAuthenticator {
        func caller(withToken token: String) async throws -> Caller? {
            guard token.hasPrefix("token-") else { return nil }
            let name = String(token.dropFirst("token-".count))
            return Caller(id: "sub-\(name)", name: name, isAdministrator: name == "admin")
        }
    }

    init(publicURL: String = "http://edge.test") async throws {
        let clock = clock
        catalog = try SQLiteCatalog(path: folder.file("catalog.sqlite"))
        jobs = JobQueue(catalog: catalog, changes: changes, now: { clock.now })
        let log = ControlLog(catalog: catalog, now: { clock.now })
        let logger = Logger(label: "api", sink: MemorySink())
        keys = try SigningKeys(
            catalog: catalog, log: log, sealingKey: [UInt8](repeating: 7, count: 32), groupId: "playback",
            grantSeconds: 14_400, now: { clock.now }, logger: logger)
        try await keys.prepare(importing: SigningKeys.Imported(id: "K2WEIR") { try Bench.signingKey.get() })
        api = ControlAPI(
            configuration: APIConfiguration(
                publicURL: publicURL, s3URL: "http://s3.test:9001", uploadBucket: "uploads", mediaBucket: "media",
                uploadCredentials: {
                    SigV4Credentials(accessKeyId: "KEY", secretAccessKey: "secret", region: "eu-central-1")
                },
                workerToken: "worker-token"),
            catalog: catalog, jobs: jobs, changes: changes,
            keys: keys, authenticator: Accounts(), now: { clock.now }, controlLog: log, logger: logger)
    }

    /// Calls the API as `account`; `json` is sent as it stands.
    func call(
        _ method: HTTPMethod, _ path: String, as account: String? = nil, _ json: JSONValue? = nil,
        fields: [(String, String)] = []
    ) async -> Response {
        var headers = Headers()
        headers.add("Host", "origin.test")
        if let account { headers.add("Authorization", "Bearer \(account)") }
        if json != nil { headers.add("Content-Type", "application/json") }
        for (name, value) in fields { headers.set(name, value) }
        return await api.respond(
            to: Request(
                method: method, target: "/api/v1" + path, headers: headers, body: json?.serialized() ?? [],
                peer: SocketAddress("127.0.0.1:9")!, requestID: "test-request"))
    }

    /// The orders that edges will be given after that of the first key, oldest first.
    func orders() async throws -> [JSONValue] {
        try await catalog.read { try $0.controlEntries(after: 1, limit: 9) }.map { try JSONValue.parse($0.body) }
    }

    /// Makes an upload as `account` and returns the video's id.
    func upload(as account: String = "token-anna", visibility: String = "public", title: String = "A film") async
        -> String
    {
        let response = await call(
            .post, "/uploads", as: account,
            [
                "fileName": "film.mp4", "contentType": "video/mp4", "size": 100, "title": .string(title),
                "visibility": .string(visibility),
            ])
        return response.json["videoId"]?.string ?? ""
    }

    /// Lets the file of an upload arrive and become a job.
    func arrive(_ videoId: String) async throws {
        let event = ObjectEvent(
            name: "ObjectCreated:Put", bucket: "uploads", key: "\(videoId)/original", size: 100, etag: "e",
            requestId: "r", createdAt: clock.now)
        try await catalog.write { try $0.append(event) }
        try await jobs.dispatchObjectEvents()
    }

    /// A video that plays, made by the calls of a worker.
    func playing(as account: String = "token-anna", visibility: String = "public", title: String = "A film")
        async throws -> String
    {
        let id = await upload(as: account, visibility: visibility, title: title)
        try await arrive(id)
        let lease = await worker("lease", ["workerId": "w"])
        guard let job = lease.json["job"], let jobId = job["jobId"]?.string, let fence = job["fence"] else { return "" }
        _ = await worker("jobs/\(jobId)/publish", ["fence": fence, "renditions": []])
        return id
    }

    func worker(_ path: String, _ json: JSONValue) async -> Response {
        await call(.post, "/worker/\(path)", as: "worker-token", json)
    }
}

extension Response {
    var json: JSONValue {
        guard case .bytes(let bytes) = body, let value = try? JSONValue.parse(bytes) else { return .null }
        return value
    }

    var code: String? { json["code"]?.string }
}
