internal import HTTPServer
internal import HTTPWire
internal import Identity

/// One call of the API and who may make it; the OpenAPI document says the same of each.
struct Endpoint: Sendable {
    /// Who may make a call.
    enum Access: Sendable, Equatable {
        /// Whoever asks, and nobody looks who it is.
        case everyone
        /// Whoever asks; those who say who they are see what is theirs. A wrong token is refused.
        case anyone
        /// Accounts and service accounts of this role or a stronger one.
        case role(Role)
        /// Accounts of people, by a token.
        case account
        /// Transcoders, by the token they share.
        case workers
    }

    /// Carries a call out for whoever may make it; `Caller` is nil for who does not say who it is.
    typealias Handler = @Sendable (APIServices, Request, Caller?) async throws -> Response

    let method: HTTPMethod
    let path: String
    let access: Access
    let handler: Handler

    private init(_ method: HTTPMethod, _ path: String, _ access: Access, _ handler: @escaping Handler) {
        self.method = method
        self.path = "/api/v1" + path
        self.access = access
        self.handler = handler
    }

    /// What the description says of it; a call that it says nothing of is a bug of ours.
    var described: APIDescription.Call {
        guard let call = APIDescription.embedded[method, path] else {
            preconditionFailure("openapi.json says nothing of \(method) \(path)")
        }
        return call
    }

    static func everyone(
        _ method: HTTPMethod, _ path: String,
        _ handler: @escaping @Sendable (APIServices, Request) async throws -> Response
    ) -> Endpoint {
        Endpoint(method, path, .everyone) { services, request, _ in try await handler(services, request) }
    }

    static func anyone(_ method: HTTPMethod, _ path: String, _ handler: @escaping Handler) -> Endpoint {
        Endpoint(method, path, .anyone, handler)
    }

    static func role(
        _ role: Role, _ method: HTTPMethod, _ path: String,
        _ handler: @escaping @Sendable (APIServices, Request, Caller) async throws -> Response
    ) -> Endpoint {
        Endpoint(method, path, .role(role), known(handler))
    }

    static func account(
        _ method: HTTPMethod, _ path: String,
        _ handler: @escaping @Sendable (APIServices, Request, Caller) async throws -> Response
    ) -> Endpoint {
        Endpoint(method, path, .account, known(handler))
    }

    static func worker(
        _ path: String, _ handler: @escaping @Sendable (APIServices, Request) async throws -> Response
    ) -> Endpoint {
        Endpoint(.post, "/worker" + path, .workers) { services, request, _ in try await handler(services, request) }
    }

    private static func known(
        _ handler: @escaping @Sendable (APIServices, Request, Caller) async throws -> Response
    ) -> Handler {
        { services, request, caller in
            guard let caller else { throw Problem.unauthenticated }
            return try await handler(services, request, caller)
        }
    }

    static let all: [Endpoint] = [
        .everyone(.get, "/openapi.json") { services, _ in services.openAPI() },
        .role(.creator, .post, "/uploads") { try await $0.createUpload($1, by: $2) },
        .role(.creator, .get, "/uploads/{videoId}") { try await $0.getUpload($1, by: $2) },
        .anyone(.get, "/videos") { try await $0.listVideos($1, for: $2) },
        .anyone(.get, "/videos/{videoId}") { try await $0.getVideo($1, for: $2) },
        .role(.creator, .patch, "/videos/{videoId}") { try await $0.editVideo($1, by: $2) },
        .role(.creator, .delete, "/videos/{videoId}") { try await $0.deleteVideo($1, by: $2) },
        .role(.creator, .put, "/videos/{videoId}/poster") { try await $0.choosePoster($1, by: $2) },
        .anyone(.get, "/videos/{videoId}/captions") { try await $0.listCaptions($1, for: $2) },
        .role(.creator, .put, "/videos/{videoId}/captions/{language}") { try await $0.putCaptions($1, by: $2) },
        .role(.creator, .delete, "/videos/{videoId}/captions/{language}") { try await $0.deleteCaptions($1, by: $2) },
        .role(.creator, .post, "/videos/{videoId}/restore") { try await $0.restoreVideo($1, by: $2) },
        .role(.creator, .post, "/videos/{videoId}/restore-source") { try await $0.restoreSource($1, by: $2) },
        .role(.creator, .get, "/me/quota") { services, _, caller in try await services.showQuota(of: caller) },
        .role(.admin, .get, "/admin/users/{userId}/quota") { services, request, _ in
            try await services.showQuota(request)
        },
        .role(.admin, .put, "/admin/users/{userId}/quota") { services, request, _ in
            try await services.setQuota(request)
        },
        .role(.admin, .delete, "/admin/users/{userId}/quota") { services, request, _ in
            try await services.removeQuota(request)
        },
        .role(.creator, .get, "/me/trash") { try await $0.listTrash($1, of: $2) },
        .anyone(.get, "/videos/{videoId}/events") { try await $0.followVideo($1, for: $2) },
        .anyone(.get, "/videos/{videoId}/explain") { try await $0.explainVideo($1, for: $2) },
        .anyone(.get, "/videos/{videoId}/conformance") { try await $0.conformanceOfVideo($1, for: $2) },
        .anyone(.get, "/videos/{videoId}/downloads") { try await $0.listDownloads($1, for: $2) },
        .anyone(.post, "/videos/{videoId}/playback") { try await $0.startPlayback($1, for: $2) },
        .anyone(.post, "/videos/{videoId}/views") { try await $0.recordView($1, for: $2) },
        .account(.put, "/videos/{videoId}/like") { try await $0.likeVideo($1, by: $2) },
        .account(.delete, "/videos/{videoId}/like") { try await $0.unlikeVideo($1, by: $2) },
        .role(.creator, .get, "/videos/{videoId}/analytics") { try await $0.listAnalytics($1, by: $2) },
        .anyone(.get, "/videos/{videoId}/comments") { try await $0.listComments($1, for: $2) },
        .account(.post, "/videos/{videoId}/comments") { try await $0.createComment($1, by: $2) },
        .role(.creator, .put, "/videos/{videoId}/comment-rule") { try await $0.setCommentRule($1, by: $2) },
        .role(.viewer, .patch, "/comments/{commentId}") { try await $0.editComment($1, by: $2) },
        .role(.viewer, .delete, "/comments/{commentId}") { try await $0.deleteComment($1, by: $2) },
        .anyone(.get, "/channels/{userId}") { try await $0.getChannel($1, for: $2) },
        .account(.put, "/channels/{userId}/subscription") { try await $0.subscribe($1, by: $2) },
        .account(.delete, "/channels/{userId}/subscription") { try await $0.unsubscribe($1, by: $2) },
        .everyone(.get, "/trending") { try await $0.listTrending($1) },
        .account(.get, "/me/subscriptions") { try await $0.listSubscriptions($1, of: $2) },
        .account(.get, "/me/feed") { try await $0.listFeed($1, of: $2) },
        .account(.get, "/me/history") { try await $0.listHistory($1, of: $2) },
        .account(.delete, "/me/history") { services, _, caller in try await services.clearHistory(of: caller) },
        .account(.delete, "/me/history/{videoId}") { try await $0.removeFromHistory($1, of: $2) },
        .account(.get, "/me/recovery-codes") { services, _, caller in
            try await services.countRecoveryCodes(of: caller)
        },
        .account(.post, "/me/recovery-codes") { try await $0.createRecoveryCodes($1, by: $2) },
        .worker("/lease") { try await $0.leaseUnit($1) },
        .worker("/jobs/{jobId}/units/{number}/heartbeat") { try await $0.heartbeat($1) },
        .worker("/jobs/{jobId}/units/{number}/segments") { try await $0.commitSegments($1) },
        .worker("/jobs/{jobId}/units/{number}/complete") { try await $0.completeUnit($1) },
        .worker("/jobs/{jobId}/units/{number}/fail") { try await $0.failUnit($1) },
        .everyone(.options, "/tus") { services, _ in services.describeTus() },
        .role(.creator, .post, "/tus") { try await $0.createTusUpload($1, by: $2) },
        .everyone(.options, "/tus/{uploadId}") { services, _ in services.describeTus() },
        .role(.creator, .head, "/tus/{uploadId}") { try await $0.getTusUpload($1, by: $2) },
        .role(.creator, .patch, "/tus/{uploadId}") { try await $0.appendToTusUpload($1, by: $2) },
        .role(.creator, .delete, "/tus/{uploadId}") { try await $0.endTusUpload($1, by: $2) },
        .role(.creator, .post, "/imports") { try await $0.createImport($1, by: $2) },
        .role(.creator, .get, "/imports/{importId}") { try await $0.getImport($1, by: $2) },
        .role(.creator, .delete, "/imports/{importId}") { try await $0.cancelImport($1, by: $2) },
        .role(.creator, .get, "/webhooks") { try await $0.listWebhooks($1, by: $2) },
        .role(.creator, .post, "/webhooks") { try await $0.createWebhook($1, by: $2) },
        .role(.creator, .get, "/webhooks/{webhookId}") { try await $0.getWebhook($1, by: $2) },
        .role(.creator, .patch, "/webhooks/{webhookId}") { try await $0.changeWebhook($1, by: $2) },
        .role(.creator, .delete, "/webhooks/{webhookId}") { try await $0.deleteWebhook($1, by: $2) },
        .role(.creator, .post, "/webhooks/{webhookId}/secret") { try await $0.rotateWebhookSecret($1, by: $2) },
        .role(.creator, .post, "/webhooks/{webhookId}/test") { try await $0.testWebhook($1, by: $2) },
        .role(.creator, .get, "/webhooks/{webhookId}/deliveries") { try await $0.listWebhookDeliveries($1, by: $2) },
        .role(.creator, .post, "/webhooks/{webhookId}/deliveries/{deliveryId}/replay") {
            try await $0.replayWebhookDelivery($1, by: $2)
        },
        .role(.admin, .get, "/admin/jobs") { services, request, _ in try await services.listJobs(request) },
        .role(.admin, .get, "/admin/jobs/{jobId}") { services, request, _ in try await services.getJob(request) },
        .role(.admin, .post, "/admin/jobs/{jobId}/retry") { services, request, _ in
            try await services.retryJob(request)
        },
        .role(.admin, .get, "/admin/queues") { services, _, _ in try await services.listQueues() },
        .role(.admin, .get, "/admin/queues/{queue}/dead") { services, request, _ in
            try await services.listDeadLetters(request)
        },
        .role(.admin, .delete, "/admin/queues/{queue}/dead/{messageId}") { services, request, _ in
            try await services.deleteDeadLetter(request)
        },
        .role(.admin, .post, "/admin/queues/{queue}/redrive") { services, request, _ in
            try await services.redriveQueue(request)
        },
        .role(.admin, .get, "/admin/audit") { services, request, _ in try await services.listAudit(request) },
        .role(.admin, .get, "/admin/audit/export") { services, request, _ in
            try await services.exportAudit(request)
        },
        .role(.admin, .get, "/admin/audit/verify") { services, request, _ in
            try await services.verifyAudit(request)
        },
        .role(.admin, .get, "/admin/keys") { services, request, _ in try await services.listKeys(request) },
        .role(.admin, .post, "/admin/keys") { try await $0.createKey($1, by: $2) },
        .role(.admin, .post, "/admin/keys/rotate") { try await $0.rotateKey($1, by: $2) },
        .role(.admin, .post, "/admin/keys/sign") { try await $0.signPolicy($1, by: $2) },
        .role(.admin, .get, "/admin/keys/{keyPairId}") { services, request, _ in try await services.getKey(request) },
        .role(.admin, .delete, "/admin/keys/{keyPairId}") { try await $0.deleteKey($1, by: $2) },
        .role(.admin, .post, "/admin/keys/{keyPairId}/retire") { try await $0.retireKey($1, by: $2) },
        .role(.admin, .post, "/admin/sealing-keys/rewrap") { services, request, _ in
            try await services.rewrapSealedValues(request)
        },
        .role(.admin, .post, "/admin/token-keys/rotate") { services, request, _ in
            try await services.rotateTokenKey(request)
        },
        .role(.admin, .get, "/admin/service-accounts") { services, _, _ in
            try await services.listServiceAccounts()
        },
        .role(.admin, .post, "/admin/service-accounts") { try await $0.createServiceAccount($1, by: $2) },
        .role(.admin, .patch, "/admin/service-accounts/{name}") { services, request, _ in
            try await services.changeServiceAccount(request)
        },
        .role(.admin, .delete, "/admin/service-accounts/{name}") { services, request, _ in
            try await services.deleteServiceAccount(request)
        },
        .role(.admin, .post, "/admin/service-accounts/{name}/keys") { services, request, _ in
            try await services.createAccessKey(request)
        },
        .role(.admin, .delete, "/admin/service-accounts/{name}/keys/{accessKeyId}") { services, request, _ in
            try await services.deleteAccessKey(request)
        },
    ]
}
