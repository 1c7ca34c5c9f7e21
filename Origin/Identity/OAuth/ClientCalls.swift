internal import Audit
internal import Bytes
internal import Catalog
internal import Crypto
internal import EventLoop
internal import HTTPServer
internal import HTTPWire
internal import JSON
internal import OAuth

/// What applications call themselves: a form goes in, JSON comes out, and refusals are those of RFC 6749 §5.2.
extension IdentityService {
    /// Answers a call of a client that has shown who it is, and may use OAuth.
    func answeringClient(
        _ request: Request, _ body: (OAuthParameters, IdentityClient) async throws -> JSONValue?
    ) async -> Response {
        do {
            let bytes = try await formBytes(request, limit: Self.maximumBodyBytes)
            guard let form = String(validating: bytes, as: UTF8.self).flatMap({ OAuthParameters($0) }),
                !form.hasRepetition
            else { throw OAuthError(.invalidRequest, "The form is damaged, or a parameter is there twice") }
            let client = try await provenClient(request, form)
            return Self.said(try await body(form, client), .ok)
        } catch let error as OAuthError {
            return refuse(error, request)
        } catch let error as CognitoError {
            return refuse(OAuthError(error), request)
        } catch is BlockingPool.Overloaded {
            return refuse(OAuthError(.temporarilyUnavailable, "Too much is waiting; try again in a moment"), request)
        } catch {
            report(error, request)
            return refuse(OAuthError(.serverError, "An internal error occurred"), request)
        }
    }

    /// Reads `application/x-www-form-urlencoded`.
    func formBytes(_ request: Request, limit: Int) async throws(OAuthError) -> [UInt8] {
        let type = request.headers.first("Content-Type")?.split(separator: ";").first ?? ""
        guard ASCII.equalsIgnoringCase(ASCII.trimmed(type), "application/x-www-form-urlencoded") else {
            throw OAuthError(.invalidRequest, "Content-Type must be application/x-www-form-urlencoded")
        }
        do {
            return try await request.body.collect(upTo: limit)
        } catch {
            throw OAuthError(.invalidRequest, "The form is longer than \(limit) bytes, or did not arrive")
        }
    }

    /// The client, by its secret where it has one. One without must not say any: it is somebody else's, or a mistake.
    private func provenClient(_ request: Request, _ form: OAuthParameters) async throws -> IdentityClient {
        let credentials = try ClientCredentials(authorization: request.headers.values("Authorization"), form)
        let client = try await store.read { try $0.client(id: credentials.clientId) }
        guard let client, client.poolId == settings.userPoolId else {
            throw OAuthError(.invalidClient, "The client is not known")
        }
        switch (try secret(of: client), credentials.secret) {
        case (nil, nil): break
        case (let secret?, let given?) where constantTimeEqual(secret, Array(given.utf8)): break
        default: throw OAuthError(.invalidClient, "The client's secret is missing or wrong")
        }
        guard client.oauth != nil else { throw OAuthError(.unauthorizedClient, "The client may not use OAuth") }
        return client
    }

    private func refuse(_ error: OAuthError, _ request: Request) -> Response {
        let saysBasic = error.code == .invalidClient && request.headers.contains("Authorization")
        let status: HTTPStatus =
            switch error.code {
            case .serverError: .internalServerError
            case .temporarilyUnavailable: .serviceUnavailable
            default: saysBasic ? .unauthorized : .badRequest
            }
        var response = Self.said(error.document, status)
        if saysBasic { response.headers.set("WWW-Authenticate", "Basic realm=\"\(settings.userPoolId)\"") }
        return response
    }

    /// A document that nobody keeps, and that any page may read: it takes no cookies, only what the page itself has.
    static func said(_ document: JSONValue?, _ status: HTTPStatus) -> Response {
        var response = Response(status: status)
        if let document {
            response = Response(status: status, contentType: "application/json", bytes: document.serialized())
        }
        response.headers.set("Cache-Control", "no-store")
        response.headers.set("Access-Control-Allow-Origin", "*")
        response.headers.set("Access-Control-Expose-Headers", "WWW-Authenticate")
        return response
    }

    /// What browsers ask before a page of another site calls.
    static func preflightOfClients() -> Response {
        var response = Response(status: .noContent)
        response.headers.set("Access-Control-Allow-Origin", "*")
        response.headers.set("Access-Control-Allow-Methods", "GET, POST, OPTIONS")
        response.headers.set("Access-Control-Allow-Headers", "authorization,content-type,cache-control")
        response.headers.set("Access-Control-Max-Age", "7200")
        return response
    }
}

extension OAuthError {
    /// What the operations of the API that mean the same refuse, in the words of OAuth.
    init(_ error: CognitoError) {
        let code: Code =
            switch error.code {
            case "NotAuthorizedException", "RefreshTokenReuseException": .invalidGrant
            case "UnauthorizedException": .unauthorizedClient
            case "UnsupportedTokenTypeException": .unsupportedTokenType
            default: .invalidRequest
            }
        self.init(code, error.message)
    }

    var document: JSONValue { ["error": .string(code.rawValue), "error_description": .string(description)] }
}
