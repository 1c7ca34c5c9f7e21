internal import AccessSigning
internal import Audit
internal import EventLoop
public import HTTPServer
internal import HTTPWire
internal import JSON
internal import Telemetry

extension IdentityService {
    /// The largest body that is read, in bytes.
    static let maximumBodyBytes = 65_536

    /// Serves the API at `POST /` and `POST /identity` and discovery under the pool's id.
    ///
    /// - Parameter pools: all pools of the origin, of which this is the first; nil where there is no other.
    public func addRoutes(to router: inout Router, among pools: UserPools? = nil) {
        for path in ["/", "/identity"] {
            router.add(.post, path) { await self.api($0, among: pools) }
            router.add(.options, path) { _ in Self.preflight() }
        }
        pools?.addDiscovery(to: &router)
        let discovery = "/\(settings.userPoolId)/.well-known"
        router.add(.get, "\(discovery)/jwks.json") { _ in self.document(self.keys.document) }
        router.add(.get, "\(discovery)/openid-configuration") { _ in self.document(self.discovery) }
        addOAuthRoutes(to: &router)
    }

    /// One call of the Cognito API (JSON 1.1): the operation in `X-Amz-Target`, input and output as JSON.
    public func api(_ request: Request, among pools: UserPools? = nil) async -> Response {
        let target = request.headers.first("x-amz-target") ?? ""
        do {
            guard target.hasPrefix(CognitoOperation.targetPrefix),
                let operation = CognitoOperation(
                    rawValue: String(target.dropFirst(CognitoOperation.targetPrefix.count)))
            else { throw CognitoError("UnknownOperationException", "The operation is unknown or not supported.") }
            let body = try await collect(request.body)
            if operation.needsSignature { try authorizeAdministrator(request, body: body) }
            let input = try CognitoInput(body)
            let service = try await pools?.service(for: operation, input) ?? self
            let output = try await service.perform(operation, input)
            return respond(output, status: .ok, request)
        } catch let error as CognitoError {
            return refuse(error, request)
        } catch is BlockingPool.Overloaded {
            logger.warning("identity is overloaded", ["request_id": .string(request.requestID)])
            return refuse(.overloaded, request)
        } catch {
            logger.error(
                "identity operation failed",
                ["request_id": .string(request.requestID), "target": .string(target), "error": .string("\(error)")])
            return refuse(.internalError, request)
        }
    }

    private func collect(_ body: RequestBody) async throws -> [UInt8] {
        do {
            return try await body.collect(upTo: Self.maximumBodyBytes)
        } catch .tooLarge {
            throw CognitoError("RequestEntityTooLargeException", "The request body is too large.", status: 413)
        } catch {
            throw CognitoError("SerializationException", "The request body did not arrive.")
        }
    }

    /// Verifies the signature of an administrator's request, which covers its body.
    private func authorizeAdministrator(_ request: Request, body: [UInt8]) throws(CognitoError) {
        let signed = SigV4Request(
            method: request.method, path: request.path, query: request.query, headers: request.headers)
        do throws(SigV4Error) {
            let signature = try settings.accessKeys.signature(
                of: signed, payload: .hash(SigV4.payloadHash(body)), regions: [settings.region],
                service: "cognito-idp", nowEpochSeconds: clock() / 1000)
            guard !signature.isPresigned else { throw .missing }
            guard signature.key.role == .admin else { throw .unknownAccessKey }
            AuditContext.identify(.holder(ofKey: signature.key.id, account: signature.key.account))
        } catch {
            throw switch error {
            case .missing: CognitoError("MissingAuthenticationTokenException", "Missing Authentication Token")
            case .unknownAccessKey:
                CognitoError("UnrecognizedClientException", "The security token included in the request is invalid.")
            default: CognitoError("InvalidSignatureException", error.message)
            }
        }
    }

    private func respond(_ output: JSONValue, status: HTTPStatus, _ request: Request) -> Response {
        var response = Response(
            status: status, contentType: "application/x-amz-json-1.1", bytes: output.serialized())
        response.headers.set("x-amzn-RequestId", request.requestID)
        response.headers.set("Cache-Control", "no-store")
        response.headers.set("Access-Control-Allow-Origin", "*")
        response.headers.set(
            "Access-Control-Expose-Headers", "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date")
        return response
    }

    /// Says the error twice: some clients read the header first, others only the body.
    private func refuse(_ error: CognitoError, _ request: Request) -> Response {
        let body: JSONValue = ["__type": .string(error.code), "message": .string(error.message)]
        var response = respond(body, status: HTTPStatus(code: error.status), request)
        response.headers.set("x-amzn-ErrorType", "\(error.code):")
        response.headers.set("x-amzn-ErrorMessage", error.message)
        if let seconds = error.retryAfterSeconds { response.headers.set("Retry-After", "\(seconds)") }
        return response
    }

    /// Any page may call the API: it takes no cookies, only what the page itself puts into the body.
    private static func preflight() -> Response {
        var response = Response(status: .noContent)
        response.headers.set("Access-Control-Allow-Origin", "*")
        response.headers.set("Access-Control-Allow-Methods", "POST, OPTIONS")
        response.headers.set(
            "Access-Control-Allow-Headers",
            "content-type,x-amz-target,x-amz-user-agent,cache-control,authorization,x-amz-date")
        response.headers.set("Access-Control-Max-Age", "7200")
        return response
    }

    func document(_ value: JSONValue) -> Response {
        var response = Response(status: .ok, contentType: "application/json", bytes: value.serialized())
        response.headers.set("Cache-Control", "public, max-age=\(TokenKeyTurns.cacheSeconds)")
        response.headers.set("Access-Control-Allow-Origin", "*")
        return response
    }
}
