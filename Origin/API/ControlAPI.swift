internal import Bytes
public import Catalog
public import EdgeControl
public import HTTPServer
internal import HTTPWire
public import Jobs
public import SigningKeys
public import Telemetry

/// The control API, `/api/v1`: uploads, videos, playback, views, workers and administration.
public struct ControlAPI: Sendable {
    private let router: Router

    /// The API over its stores.
    ///
    /// `changes` is the one `jobs` reports to. `now` gives epoch milliseconds and must not block.
    /// `keys` sign playback, `tokenKeys` tokens; `controlLog` tells the edges what they must forget.
    public init(
        configuration: APIConfiguration, catalog: any CatalogStore, jobs: JobQueue, changes: VideoChanges,
        keys: SigningKeys, tokenKeys: any TokenKeyRotator, recoveryCodes: any RecoveryCodeKeeper,
        authenticator: any BearerAuthenticator,
        now: @escaping @Sendable () -> Int64, controlLog: ControlLog, logger: Logger
    ) {
        let services = APIServices(
            configuration: configuration, catalog: catalog, jobs: jobs, changes: changes, keys: keys,
            tokenKeys: tokenKeys, recoveryCodes: recoveryCodes, authenticator: authenticator, now: now,
            controlLog: controlLog, logger: logger)
        var router = Router(notFound: { request in
            Problem(.notFound, "no_such_call", "There is no such call; see /api/v1/openapi.json.")
                .response(requestId: request.requestID)
        })
        for endpoint in Endpoint.all {
            router.add(endpoint.method, endpoint.path) { await services.answer($0, with: endpoint.handler) }
        }
        self.router = router
    }

    /// Answers one request below `/api/v1/`.
    public func respond(to request: Request) async -> Response {
        let response = await router.respond(to: request)
        let type = response.headers.first("content-type") ?? ""
        // The router's own refusals are plain text; here they are problems like all others.
        guard response.status.code >= 400, type.hasPrefix("text/plain") else { return response }
        let problem =
            response.status == .methodNotAllowed
            ? Problem(.methodNotAllowed, "method_not_allowed", "This path has other methods; see Allow.")
            : Problem(response.status, "invalid_path", "The path is not valid percent-encoded UTF-8.")
        var refusal = problem.response(requestId: request.requestID)
        if let allowed = response.headers.first("allow") { refusal.headers.set("Allow", allowed) }
        return refusal
    }

    /// Adds everything below `/api/v1/` to the router of the origin's listener.
    public func addRoutes(to router: inout Router) {
        let methods: [HTTPMethod] = [.get, .post, .put, .patch, .delete, .options]
        for method in methods {
            router.add(method, "/api/v1/{call...}") { [self] in await respond(to: $0) }
        }
    }
}

/// One call of the API; the OpenAPI document lists the same ones.
struct Endpoint: Sendable {
    typealias Handler = @Sendable (APIServices, Request) async throws -> Response

    let method: HTTPMethod
    let path: String
    let handler: Handler

    init(_ method: HTTPMethod, _ path: String, _ handler: @escaping Handler) {
        self.method = method
        self.path = "/api/v1" + path
        self.handler = handler
    }

    static let all: [Endpoint] = [
        Endpoint(.get, "/openapi.json") { services, _ in services.openAPI() },
        Endpoint(.post, "/uploads") { try await $0.createUpload($1) },
        Endpoint(.get, "/videos") { try await $0.listVideos($1) },
        Endpoint(.get, "/videos/{videoId}") { try await $0.getVideo($1) },
        Endpoint(.patch, "/videos/{videoId}") { try await $0.editVideo($1) },
        Endpoint(.delete, "/videos/{videoId}") { try await $0.deleteVideo($1) },
        Endpoint(.get, "/videos/{videoId}/events") { try await $0.followVideo($1) },
        Endpoint(.get, "/videos/{videoId}/explain") { try await $0.explainVideo($1) },
        Endpoint(.get, "/videos/{videoId}/conformance") { try await $0.conformanceOfVideo($1) },
        Endpoint(.get, "/videos/{videoId}/downloads") { try await $0.listDownloads($1) },
        Endpoint(.post, "/videos/{videoId}/playback") { try await $0.startPlayback($1) },
        Endpoint(.post, "/videos/{videoId}/views") { try await $0.recordView($1) },
        Endpoint(.get, "/me/recovery-codes") { try await $0.countRecoveryCodes($1) },
        Endpoint(.post, "/me/recovery-codes") { try await $0.createRecoveryCodes($1) },
        Endpoint(.post, "/worker/lease") { try await $0.leaseUnit($1) },
        Endpoint(.post, "/worker/jobs/{jobId}/units/{number}/heartbeat") { try await $0.heartbeat($1) },
        Endpoint(.post, "/worker/jobs/{jobId}/units/{number}/segments") { try await $0.commitSegments($1) },
        Endpoint(.post, "/worker/jobs/{jobId}/units/{number}/complete") { try await $0.completeUnit($1) },
        Endpoint(.post, "/worker/jobs/{jobId}/units/{number}/fail") { try await $0.failUnit($1) },
        Endpoint(.get, "/admin/jobs") { try await $0.listJobs($1) },
        Endpoint(.post, "/admin/jobs/{jobId}/retry") { try await $0.retryJob($1) },
        Endpoint(.get, "/admin/audit") { try await $0.listAudit($1) },
        Endpoint(.get, "/admin/audit/export") { try await $0.exportAudit($1) },
        Endpoint(.get, "/admin/audit/verify") { try await $0.verifyAudit($1) },
        Endpoint(.get, "/admin/keys") { try await $0.listKeys($1) },
        Endpoint(.post, "/admin/keys") { try await $0.createKey($1) },
        Endpoint(.post, "/admin/keys/rotate") { try await $0.rotateKey($1) },
        Endpoint(.post, "/admin/keys/sign") { try await $0.signPolicy($1) },
        Endpoint(.get, "/admin/keys/{keyPairId}") { try await $0.getKey($1) },
        Endpoint(.delete, "/admin/keys/{keyPairId}") { try await $0.deleteKey($1) },
        Endpoint(.post, "/admin/keys/{keyPairId}/retire") { try await $0.retireKey($1) },
        Endpoint(.post, "/admin/token-keys/rotate") { try await $0.rotateTokenKey($1) },
    ]
}
