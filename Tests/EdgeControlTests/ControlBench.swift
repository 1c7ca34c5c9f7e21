import AccessSigning
import Audit
import Bytes
import Catalog
import EventLoop
import HTTPServer
import HTTPWire
import JSON
import Synchronization
import Telemetry
import TestKit
import XML

@testable import EdgeControl

/// The two APIs over a catalog of their own, with keys `ADMIN` and `EDGE`, and a clock that a test moves.
final class ControlBench: Sendable {
    let catalog: SQLiteCatalog
    let log: ControlLog
    let clock = Mutex<Int64>(1_795_000_000_000)
    private let router: Router
    private let folder = TemporaryDirectory()

    init() throws {
        catalog = try SQLiteCatalog(path: folder.file("catalog.sqlite"))
        nonisolated(unsafe) weak var bench: ControlBench?
        let now: @Sendable () -> Int64 = { bench?.now ?? 0 }
        log = ControlLog(catalog: catalog, now: now)
        let keys = AccessKeyRing([
            AccessKey(id: "ADMIN", secret: "admin-secret", role: .admin),
            AccessKey(id: "EDGE", secret: "edge-secret", role: .edge),
            AccessKey(id: "EDGE-A", secret: "edge-secret", role: .edge, edgeId: "a"),
        ])
        let logger = Logger(label: "test", sink: MemorySink())
        var router = Router()
        EdgeLogAPI(log: log, keys: keys, region: "eu-central-1", now: now, logger: logger).addRoutes(to: &router)
        PlaybackReportAPI(catalog: catalog, keys: keys, region: "eu-central-1", now: now, logger: logger)
            .addRoutes(to: &router)
        CloudFrontAPI(
            catalog: catalog, log: log, keys: keys, distributionIds: { ["EDIST"] }, region: "eu-central-1", now: now,
            logger: logger
        ).addRoutes(to: &router)
        self.router = router
        bench = self
    }

    var now: Int64 { clock.withLock { $0 } }

    func advance(seconds: Int64) { clock.withLock { $0 += seconds * 1_000 } }

    /// Calls as the key of `id`; nil signs nothing. `sent` goes in the place of the body that was signed.
    func call(
        _ method: HTTPMethod, _ target: String, as id: String?, service: String = "cloudfront",
        region: String = "us-east-1", body: [UInt8] = [], sending sent: [UInt8]? = nil
    ) async -> Response {
        var headers = Headers()
        headers.add("Host", "origin.test")
        if let id {
            let parts = target.split(separator: "?", maxSplits: 1).map(String.init)
            let signed = SigV4Request(
                method: method.name, path: parts[0], query: parts.count == 2 ? parts[1] : nil,
                headers: [(name: "host", value: "origin.test")])
            let credentials = SigV4Credentials(
                accessKeyId: id, secretAccessKey: id == "ADMIN" ? "admin-secret" : "edge-secret", region: region,
                service: service)
            for field in SigV4.sign(
                signed, credentials: credentials, payloadHash: SigV4.payloadHash(body), epochSeconds: now / 1_000)
            {
                headers.add(field.name, field.value)
            }
        }
        let request = Request(
            method: method, target: target, headers: headers, body: sent ?? body, peer: SocketAddress("127.0.0.1:9")!,
            requestID: "test-request")
        return await AuditContext.serving(client: request.peer.ip, requestId: request.requestID) {
            await router.respond(to: request)
        }
    }

    func invalidate(_ paths: [String], reference: String = "ref", quantity: Int? = nil) async -> Response {
        var document = XMLDocument()
        document.element("InvalidationBatch", namespace: "http://cloudfront.amazonaws.com/doc/2020-05-31/") { batch in
            batch.element("Paths") { list in
                list.element("Quantity", "\(quantity ?? paths.count)")
                list.element("Items") { items in for path in paths { items.element("Path", path) } }
            }
            batch.element("CallerReference", reference)
        }
        return await call(.post, Self.invalidations, as: "ADMIN", body: document.bytes)
    }

    /// Asks as an edge; without a position when `after` is nil.
    func follow(
        _ edge: String = "e1", log: String? = nil, after: Int64? = nil, wait: Int = 0, lacksKeys: Bool = false
    ) async -> Response {
        var query = "wait=\(wait)" + (lacksKeys ? "&keys" : "")
        if let log, let after { query += "&log=\(log)&after=\(after)" }
        return await call(
            .get, "/edges/\(edge)/log?\(query)", as: "EDGE", service: "weir", region: "eu-central-1")
    }

    /// Reports as an edge what it has served.
    func report(_ document: JSONValue, edge: String = "e1", as id: String? = "EDGE") async -> Response {
        await call(
            .post, "/edges/\(edge)/playback", as: id, service: "weir", region: "eu-central-1",
            body: document.serialized())
    }

    /// The edges that have ever acknowledged anything.
    func edges() async throws -> [FollowingEdge] {
        try await catalog.read { try $0.followingEdges(connectedAt: 0) }
    }

    /// The sequence of the log's last entry.
    func latest() async throws -> Int64 { try await catalog.read { try $0.controlLogExtent().latest } }

    func logId() async throws -> String { try await catalog.read { try $0.controlLogExtent().logId } }

    static let invalidations = "/2020-05-31/distribution/EDIST/invalidation"
}

extension Response {
    private var bytes: [UInt8] { if case .bytes(let bytes) = body { bytes } else { [] } }

    var json: JSONValue { (try? JSONValue.parse(bytes)) ?? .null }

    var xml: XMLElement? { try? XMLElement.parse(bytes) }

    /// The code of CloudFront's errors.
    var code: String? { xml?.first("Error")?.first("Code")?.text }

    /// The orders of an answer to an edge.
    var orders: [JSONValue] { json["entries"]?.array?.compactMap { $0["order"] } ?? [] }
}
