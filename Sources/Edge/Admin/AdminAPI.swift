import Configuration
import EventLoop
import HTTPServer
import HTTPWire
import JSON
import SegmentStore
import Synchronization
import Telemetry

/// The listener for operators: health, metrics, purge, explanations, origins, reload. Everything but the two probes needs the
/// bearer token.
final class AdminAPI: Sendable {
    private let core: EdgeCore
    private let content: ContentHolder
    private let registry: MetricsRegistry
    private let blocking: BlockingPool
    private let token: SharedToken
    private let isServing = Atomic<Bool>(false)
    /// Reads the configuration again and makes the loops serve it.
    private let reload: @Sendable () async throws -> ReloadReport
    private let top: @Sendable () async -> TopReport
    private let upgrade = Mutex<(@Sendable () async throws(UpgradeRefused) -> Int32)?>(nil)

    /// Most bytes of a purge order.
    private static let orderBytes = 1_048_576

    init(
        core: EdgeCore, content: ContentHolder, registry: MetricsRegistry, blocking: BlockingPool, token: String,
        reload: @escaping @Sendable () async throws -> ReloadReport, top: @escaping @Sendable () async -> TopReport
    ) {
        self.top = top
        self.core = core
        self.content = content
        self.registry = registry
        self.blocking = blocking
        self.token = SharedToken(token)
        self.reload = reload
    }

    /// What `/readyz` answers: true once the listeners accept, false again when a drain begins.
    func setServing(_ isServing: Bool) {
        self.isServing.store(isServing, ordering: .releasing)
    }

    /// Leaves the place to a new process.
    func setUpgrade(_ upgrade: @escaping @Sendable () async throws(UpgradeRefused) -> Int32) {
        self.upgrade.withLock { $0 = upgrade }
    }

    func countUpgrade(_ outcome: String) { core.metrics.upgraded(outcome) }

    func routes() -> Router {
        var router = Router()
        router.add(.get, "/healthz") { _ in .text(.ok, "ok\n") }
        router.add(.get, "/readyz") { [self] _ in
            isServing.load(ordering: .acquiring) ? .text(.ok, "ready\n") : .text(.serviceUnavailable, "not ready\n")
        }
        func add(_ method: HTTPMethod, _ pattern: String, _ route: @escaping AsyncRoute) {
            router.add(method, pattern, token.guarding("the edge", route))
        }
        add(.get, "/metrics") { [registry] _ in .metrics(registry) }
        add(.get, "/top") { [top] _ in .json(.ok, await top().document) }
        add(.post, "/purge") { [self] request in await purge(request) }
        add(.get, "/purges/{id}") { [self] request in status(request) }
        add(.get, "/explain") { [self] request in await explain(request) }
        add(.get, "/origins") { [self] _ in origins() }
        let cache = CacheReport(store: core.store, blocking: blocking)
        add(.get, "/cache") { _ in cache.statistics() }
        add(.get, "/cache/objects") { request in await cache.objects(request) }
        add(.post, "/cache/verify") { request in await cache.verify(request) }
        add(.post, "/upgrade") { [self] _ in await upgraded() }
        add(.post, "/reload") { [self] _ in await reloaded() }
        return router
    }

    // MARK: Purge

    private func purge(_ request: Request) async -> Response {
        let order: PurgeOrder
        do {
            let document = try JSONValue.parse(try await request.body.collect(upTo: Self.orderBytes))
            order = try PurgeOrder(document, snapshot: content.snapshot)
        } catch let refused as PurgeOrder.Refused {
            return .json(.badRequest, ["error": .string(refused.reason)])
        } catch {
            return .json(.badRequest, ["error": .string("the body is not a purge order: \(error)")])
        }
        do {
            let receipt = try await core.purge(order.request)
            return .json(
                .ok,
                [
                    "id": .string(String(receipt.sequence.rawValue)),
                    "generation": .integer(Int64(clamping: receipt.sequence.rawValue)),
                    "elapsedMicroseconds": .integer(Int64(receipt.elapsedMicroseconds)),
                ])
        } catch let error as StoreError where error.code == .closed {
            // Another process has the store, or is about to: a new connection finds it.
            var response = Response.json(
                .serviceUnavailable,
                ["error": "the purge is not in force: another process takes this one's place; send it again"])
            response.headers.set("Retry-After", "1")
            return response
        } catch {
            return .json(.internalServerError, ["error": .string("the purge is not in force: \(error)")])
        }
    }

    private func status(_ request: Request) -> Response {
        guard let number = UInt64(request[parameter: "id"]),
            let status = core.store.purgeStatus(PurgeSequence(rawValue: number))
        else { return .json(.notFound, ["error": "no such purge, or it was long ago"]) }
        func texts(_ items: [[UInt8]]) -> JSONValue {
            .array(items.map { .string(String(decoding: $0, as: UTF8.self)) })
        }
        return .json(
            .ok,
            [
                "id": .string(String(number)), "generation": .integer(Int64(clamping: number)),
                "urls": texts(status.request.urls), "prefixes": texts(status.request.prefixes),
                "tags": texts(status.request.tags), "all": .bool(status.request.all),
                "soft": .bool(status.request.soft),
                "objects": .integer(Int64(status.objects)), "bytes": .integer(Int64(status.bytes)),
                "complete": .bool(status.isComplete),
            ])
    }

    // MARK: Explain

    private func explain(_ request: Request) async -> Response {
        let query = Query(request.query ?? "")
        let url = query?.first("url") ?? ""
        let address = query?.first("client")
        let client = address.flatMap { SocketAddress(ip: $0, port: 0) }
        if let address, client == nil {
            return .json(.badRequest, ["error": .string("client=\(address) is not an IP address")])
        }
        let snapshot = content.snapshot
        do {
            return try await blocking.run { [core] in
                guard let explanation = try Explanation(url: url, client: client, snapshot: snapshot, store: core.store)
                else {
                    return .json(.badRequest, ["error": .string("\"\(url)\" is not a path that the edge would serve")])
                }
                return .json(.ok, explanation.document)
            }
        } catch {
            return .json(.internalServerError, ["error": .string("\(error)")])
        }
    }

    private func origins() -> Response {
        .json(.ok, OriginReport(content.snapshot, at: MonotonicClock.nanoseconds()).document)
    }

    // MARK: Upgrade

    private func upgraded() async -> Response {
        guard let upgrade = upgrade.withLock({ $0 }) else {
            return .json(.notImplemented, ["error": "this process cannot be upgraded in place"])
        }
        do {
            return .json(.ok, ["pid": .integer(Int64(try await upgrade()))])
        } catch {
            return .json(
                error.isUnderWay ? .conflict : .internalServerError,
                ["error": .string("this process goes on: \(error.reason)")])
        }
    }

    // MARK: Reload

    private func reloaded() async -> Response {
        do {
            let report = try await reload()
            core.metrics.reloaded("done")
            return .json(
                .ok,
                [
                    "reloaded": true, "needsRestart": .array(report.needsRestart.map { .string($0) }),
                    "warnings": .array(report.warnings.map(\.document)),
                ])
        } catch let refused as ConfigurationRefused {
            core.metrics.reloaded("refused")
            let problems = JSONValue.array(refused.problems.map(\.document))
            return .json(.unprocessableContent, ["error": "the old configuration stays", "problems": problems])
        } catch {
            core.metrics.reloaded("refused")
            let problem: JSONValue = ["path": "$", "message": .string("\(error)")]
            return .json(
                .unprocessableContent, ["error": "the old configuration stays", "problems": .array([problem])])
        }
    }
}

/// Why an edge goes on instead of leaving its place to a new process.
public struct UpgradeRefused: Error {
    let reason: String
    let isUnderWay: Bool

    /// - Parameter isUnderWay: nothing was tried, because another upgrade is.
    public init(_ reason: String, isUnderWay: Bool) {
        self.reason = reason
        self.isUnderWay = isUnderWay
    }
}

extension ConfigurationProblem {
    fileprivate var document: JSONValue { ["path": .string(path), "message": .string(message)] }
}
