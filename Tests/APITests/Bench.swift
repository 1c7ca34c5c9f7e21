import AccessSigning
import Audit
import Bytes
import Catalog
import ContentKeys
import Crypto
import EdgeControl
import EventLoop
import HTTPServer
import HTTPWire
import Identity
import Imports
import JSON
import Jobs
import Library
import ObjectStore
import Objects
import Outbound
import Presentation
import Publishing
import ServiceAccounts
import SigningKeys
import Telemetry
import TestKit
import Tus
import Viewing
import Webhooks

@testable import API

/// An API over a catalog of its own, with accounts that tokens name: `token-anna` is a creator's, `token-admin` and
/// `token-ben-viewer` say their role last.
final class Bench: Sendable {
    static let signingKey = Result { try PrivateKey.generateRSA() }

    let catalog: SQLiteCatalog
    let jobs: JobQueue
    let changes = VideoChanges()
    let viewing: Viewing
    let ring = AccessKeyRing([AccessKey(id: "EDGE", secret: "edge-secret", role: .edge)])
    let serviceAccounts: ServiceAccounts
    let keys: SigningKeys
    let api: ControlAPI
    let blobs: FileBlobStore
    let publisher: Publisher
    let clock = ManualClock(milliseconds: 1_795_000_000_000)
    private let folder = TemporaryDirectory()

    private struct Accounts: BearerAuthenticator {
        func caller(withToken token: String) async throws -> Caller? {
            guard token.hasPrefix("token-") else { return nil }
            let words = token.split(separator: "-").map(String.init)
            let (name, group) = (words[1], words.last ?? "")
            return Caller(id: "sub-\(name)", name: name, role: Role(rawValue: group) ?? .creator)
        }
    }

    /// Answers with the order it was given: an urgent one at 1 ms of the epoch, any other at 2.
    private struct TokenKeys: TokenKeyRotator {
        func rotate(isUrgent: Bool) async throws -> TokenKeyKeeper.Turn {
            TokenKeyKeeper.Turn(keyId: "next", signsFrom: isUrgent ? 1 : 2)
        }
    }

    /// Anna has an authenticator and a password; she has mistyped it too often where it ends in `!`.
    private struct Codes: RecoveryCodeKeeper {
        func recoveryCodesLeft(ofUser id: String) async throws -> Int { id == "sub-anna" ? 7 : 0 }

        func newRecoveryCodes(ofUser id: String, password: String) async throws -> [String] {
            guard id == "sub-anna" else { throw RecoveryCodeRefusal.noAuthenticator }
            guard !password.hasSuffix("!") else { throw RecoveryCodeRefusal.locked }
            guard password == "annas password" else { throw RecoveryCodeRefusal.wrongPassword }
            return ["abcd-efgh-jkmn"]
        }
    }

    init(
        publicURL: String = "http://edge.test", limits: CallLimits = CallLimits(), quotas: Quotas = Quotas()
    ) async throws {
        let clock = clock
        catalog = try SQLiteCatalog(path: folder.file("catalog.sqlite"))
        let log = ControlLog(catalog: catalog, now: { clock.now })
        jobs = JobQueue(
            catalog: catalog, changes: changes,
            media: PublishedMedia(
                bucket: "media", forget: { try log.append(.forget(videoId: $0), in: $1) }, announce: { log.announce() }),
            contentKeys: ContentKeys(sealingKeys: try SealingKeys([UInt8](repeating: 9, count: 32))),
            objection: { try quotas.excess(of: $0, size: $1, in: $2)?.failure },
            metrics: WorkMetrics(MetricsRegistry()), now: { clock.now })
        blobs = try FileBlobStore(
            directory: folder.file("objects"), pool: try BlockingPool(name: "blobs", threads: 1, queueLimit: 256),
            minimumFreeBytes: 0)
        publisher = Publisher(
            catalog: catalog, blobs: blobs, jobs: jobs, changes: changes, bucket: "media", now: { clock.now })
        let logger = Logger(label: "api", sink: MemorySink())
        viewing = Viewing(
            catalog: catalog, metrics: ViewingMetrics(MetricsRegistry()), now: { clock.now }, logger: logger)
        keys = try SigningKeys(
            catalog: catalog, log: log, sealingKeys: try SealingKeys([UInt8](repeating: 7, count: 32)),
            groupId: "playback",
            grantSeconds: 14_400, now: { clock.now }, logger: logger)
        try await keys.prepare(importing: SigningKeys.Imported(id: "K2WEIR") { try Bench.signingKey.get() })
        serviceAccounts = ServiceAccounts(
            catalog: catalog, ring: ring, sealingKeys: try SealingKeys([UInt8](repeating: 8, count: 32)),
            now: { clock.now },
            logger: logger)
        // Every column has an owner, of whom the API knows nothing; here nobody else has sealed anything.
        let rewrapping = Dictionary(
            uniqueKeysWithValues: SealedColumn.allCases.map { column in
                (column, { @Sendable (_: SealedValue) throws -> [UInt8]? in nil })
            }
        ).merging(keys.sealedValues) { $1 }
        api = ControlAPI(
            configuration: APIConfiguration(
                publicURL: publicURL, s3URL: "http://s3.test:9001", region: "eu-central-1", accessKeys: ring,
                uploadBucket: "uploads", mediaBucket: "media",
                uploadCredentials: {
                    SigV4Credentials(accessKeyId: "KEY", secretAccessKey: "secret", region: "eu-central-1")
                },
                callLimits: limits, quotas: quotas, workerToken: "worker-token"),
            catalog: catalog, jobs: jobs, changes: changes, viewing: viewing,
            keys: keys, tokenKeys: TokenKeys(), recoveryCodes: Codes(), sealedValues: rewrapping,
            accounts: serviceAccounts,
            webhooks: Webhooks(
                catalog: catalog, sealingKeys: try SealingKeys([UInt8](repeating: 6, count: 32)), rule: OutboundRule(),
                mostPerAccount: 3, now: { clock.now }),
            imports: Imports(catalog: catalog, options: ImportOptions(), now: { clock.now }),
            captions: Captions(
                catalog: catalog, blobs: blobs, jobs: jobs,
                forget: { _ = try log.append(.purge(.init(prefixes: $0)), in: $1) }, announce: { log.announce() },
                now: { clock.now }),
            tus: TusUploads(
                catalog: catalog, blobs: blobs, quotas: quotas,
                place: TusPlace(bucket: "uploads", region: "eu-central-1", maximumBytes: 5 << 20) { [jobs] in
                    jobs.uploadStored()
                }, now: { clock.now }),
            authenticator: Accounts(),
            idempotentCalls: IdempotentCalls(
                catalog: catalog, sealingKeys: try SealingKeys([UInt8](repeating: 6, count: 32)), now: { clock.now }),
            now: { clock.now }, controlLog: log, logger: logger)
    }

    /// Calls the API as `account`; `json` is sent as it stands.
    func call(
        _ method: HTTPMethod, _ path: String, as account: String? = nil, _ json: JSONValue? = nil,
        fields: [(String, String)] = []
    ) async -> Response {
        let type = json == nil ? [] : [("Content-Type", "application/json")]
        return await call(method, path, as: account, body: json?.serialized() ?? [], fields: type + fields)
    }

    /// Calls the API as `account` with any bytes.
    func call(
        _ method: HTTPMethod, _ path: String, as account: String? = nil, body: [UInt8], fields: [(String, String)]
    ) async -> Response {
        var headers = Headers()
        headers.add("Host", "origin.test")
        if let account { headers.add("Authorization", "Bearer \(account)") }
        for (name, value) in fields { headers.set(name, value) }
        let request = Request(
            method: method, target: "/api/v1" + path, headers: headers, body: body,
            peer: SocketAddress("127.0.0.1:9")!, requestID: "test-request")
        let response = await AuditContext.serving(client: request.peer.ip, requestId: request.requestID) {
            await api.respond(to: request)
        }
        if let described = try? DescribedAnswers.embedded.get() {
            described.check(response, to: method, "/api/v1" + path)
        }
        return response
    }

    /// The orders that edges will be given after that of the first key, oldest first.
    func orders() async throws -> [JSONValue] {
        try await catalog.read { try $0.controlEntries(after: 1, limit: 9) }.map { try JSONValue.parse($0.body) }
    }

    /// Makes an upload as `account` and returns the video's id.
    func upload(
        as account: String = "token-anna", visibility: String = "public", title: String = "A film",
        transcode: JSONValue = [:]
    ) async -> String {
        let response = await call(
            .post, "/uploads", as: account,
            [
                "fileName": "film.mp4", "contentType": "video/mp4", "size": 100, "title": .string(title),
                "visibility": .string(visibility), "transcode": transcode,
            ])
        return response.json["videoId"]?.string ?? ""
    }

    /// Lets the file of an upload arrive and become a job.
    func arrive(_ videoId: String, size: Int64 = 100) async throws {
        let event = ObjectEvent(
            name: "ObjectCreated:Put", bucket: "uploads", key: "\(videoId)/original", size: size, etag: "e",
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
        try await transcode(id, until: .playable)
        return id
    }

    /// How far `transcode` goes.
    enum Milestone { case planned, playable, published, ready }

    /// Does the units of a queued upload as a worker does, by the API.
    func transcode(_ id: String, until milestone: Milestone) async throws {
        let probe = try await lease()
        try await accepted(probe, "complete", ["plan": Self.plan.json])
        if milestone == .planned { return }
        let pictures = try await lease()
        try await commit(pictures, id, [("360p", 0, 1), ("360p", 0, 2)])
        try await publisher.publishDue()
        if milestone == .playable { return }
        try await accepted(pictures, "complete", ["notes": ["frames": 360]])
        try await publisher.publishDue()
        if milestone == .published { return }
        try await accepted(try await lease(), "complete", ["conformance": ["findings": []]])
    }

    /// One size, two segments of 6 s.
    static let plan = WorkPlan(
        outline: PresentationOutline(
            renditions: [
                RenditionOutline(
                    name: "360p", content: .video(width: 640, height: 360, frameRateThousandths: 29_970),
                    codec: "avc1.64001e", declaredPeak: 900_000, declaredAverage: 700_000)
            ], targetDurationSeconds: 6, durationSeconds: 12, explanation: ["ladder": []]),
        media: ["preset": "veryfast"],
        units: [
            UnitOutline(
                number: 1, kind: .pictures, renditions: [0], segments: 1...2, memoryMebibytes: 100, detail: ["first": 0]
            )
        ])

    struct NotAccepted: Error { let answer: JSONValue }

    /// Leases the unit that is next.
    func lease() async throws -> JSONValue {
        let response = await worker("lease", ["workerId": "w"])
        guard response.status == .ok, let unit = response.json["unit"] else { throw NotAccepted(answer: response.json) }
        return unit
    }

    /// Reports on a leased unit.
    func report(_ unit: JSONValue, _ call: String, _ body: JSONObject) async -> Response {
        var report = body
        report["fence"] = unit["fence"]
        let path = "jobs/\(unit["jobId"]?.string ?? "")/units/\(unit["number"]?.integer ?? -1)/\(call)"
        return await worker(path, .object(report))
    }

    func accepted(_ unit: JSONValue, _ call: String, _ body: JSONObject) async throws {
        let response = await report(unit, call, body)
        guard response.status == .ok else { throw NotAccepted(answer: response.json) }
    }

    /// Stores the objects of segments, given as folder, rendition and number, and reports them.
    func commit(_ unit: JSONValue, _ videoId: String, _ places: [(String, Int, Int)]) async throws {
        var segments: [StoredSegment] = []
        for (folder, rendition, number) in places {
            let segment = Self.segment(rendition, number)
            segments.append(segment)
            let object = try await ObjectDraft.whole(
                StoredObject(
                    bucket: "media", key: "media/\(videoId)/\(folder)/\(StoredSegment.fileName(number))", blob: "",
                    size: 0, etag: "", contentType: "video/iso.segment", createdAt: clock.now),
                [UInt8](repeating: 7, count: segment.bytes), in: blobs)
            try await catalog.publish([object], in: blobs) { _ in }
        }
        try await accepted(unit, "segments", ["segments": .array(segments.map(\.json))])
    }

    static func segment(_ rendition: Int, _ number: Int) -> StoredSegment {
        StoredSegment(
            rendition: rendition, number: number, bytes: 1_000, durationMicroseconds: 6_000_000,
            sha256: String(repeating: "a", count: 64))
    }

    func worker(_ path: String, _ json: JSONValue) async -> Response {
        await call(.post, "/worker/\(path)", as: "worker-token", json)
    }
}

extension Response {
    var json: JSONValue {
        let limits = JSONLimits(maximumBytes: 16 << 20)
        guard case .bytes(let bytes) = body, let value = try? JSONValue.parse(bytes, limits: limits) else {
            return .null
        }
        return value
    }

    var code: String? { json["code"]?.string }
}
