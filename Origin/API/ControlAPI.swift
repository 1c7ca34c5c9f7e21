public import Archive
internal import Bytes
public import Catalog
public import EdgeControl
public import HTTPServer
internal import HTTPWire
public import Imports
public import Jobs
public import Publishing
public import ServiceAccounts
public import SigningKeys
public import Telemetry
public import Tus
public import Viewing
public import Webhooks

/// The control API, `/api/v1`: uploads, videos, playback, views, workers and administration.
public struct ControlAPI: Sendable {
    private let router: Router

    /// The API over its stores.
    ///
    /// `changes` is the one `jobs` reports to; `viewing` takes pings. `now` gives epoch milliseconds and must not block.
    /// `keys` sign playback, `tokenKeys` tokens; `sealedValues` covers every column that is sealed; `accounts` are those of
    /// machines; `webhooks` hear of videos; `imports` fetch them, `tus` receives them; `captions` are what people add;
    /// `restores` is how uploaded files of the archive are asked for;
    /// `idempotentCalls` knows which calls were carried out; `controlLog` tells the edges what they must forget.
    public init(
        configuration: APIConfiguration, catalog: any CatalogStore, jobs: JobQueue, changes: VideoChanges,
        viewing: Viewing, keys: SigningKeys, tokenKeys: any TokenKeyRotator, recoveryCodes: any RecoveryCodeKeeper,
        sealedValues: SealedValueRewrapping, accounts: ServiceAccounts, webhooks: Webhooks, imports: Imports,
        captions: Captions, tus: TusUploads, restores: SourceRestores = SourceRestores(),
        authenticator: any BearerAuthenticator,
        idempotentCalls: IdempotentCalls,
        now: @escaping @Sendable () -> Int64, controlLog: ControlLog, logger: Logger
    ) {
        let services = APIServices(
            configuration: configuration, catalog: catalog, jobs: jobs, changes: changes, viewing: viewing, keys: keys,
            tokenKeys: tokenKeys, recoveryCodes: recoveryCodes,
            sealedValues: SealedValueRewrap(catalog: catalog, rewrapping: sealedValues), accounts: accounts,
            webhooks: webhooks, imports: imports, captions: captions, tus: tus, restores: restores,
            authenticator: authenticator,
            idempotentCalls: idempotentCalls, now: now, controlLog: controlLog, logger: logger)
        var router = Router(notFound: { request in
            Problem(.notFound, "no_such_call", "There is no such call; see /api/v1/openapi.json.")
                .response(requestId: request.requestID)
        })
        for endpoint in Endpoint.all {
            let described = endpoint.described
            router.add(endpoint.method, endpoint.path) { await services.answer($0, endpoint, described) }
        }
        self.router = router
    }

    /// Answers one request below `/api/v1/`.
    public func respond(to request: Request) async -> Response {
        guard TusProtocol.covers(request) else { return await answer(request) }
        var response = await answer(TusProtocol.meant(request))
        TusProtocol.mark(&response)
        return response
    }

    private func answer(_ request: Request) async -> Response {
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
