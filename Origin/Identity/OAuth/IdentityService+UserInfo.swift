internal import Catalog
internal import HTTPServer
internal import HTTPWire
internal import JSON
internal import OAuth

/// `/oauth2/userInfo` (OpenID Connect Core §5.3): who the person is, as far as the access token may know.
extension IdentityService {
    func userInfo(_ request: Request) async -> Response {
        guard case .presented(let token) = request.bearerToken else { return refuseBearer(nil) }
        do {
            let principal = try await tokenVerifier.verify(token)
            let scopes = OAuthScope.allCases.filter { principal.scopes.contains($0.rawValue) }
            guard scopes.contains(.openid) else {
                return refuseBearer(OAuthError(.insufficientScope, "The token was not given for openid"))
            }
            guard let user = try await store.read({ try $0.user(id: principal.sub) }) else {
                throw AccessTokenRefusal.revoked
            }
            var claims: JSONObject = ["sub": .string(user.id)]
            user.addClaims(of: scopes, to: &claims)
            if scopes.contains(.profile) { claims["username"] = .string(user.username) }
            return Self.said(.object(claims), .ok)
        } catch is AccessTokenRefusal {
            return refuseBearer(OAuthError(.invalidToken, "The access token is none, has ended or was revoked"))
        } catch {
            report(error, request)
            return Self.said(OAuthError(.serverError, "An internal error occurred").document, .internalServerError)
        }
    }

    /// Says no more to whoever shows no token than that one is needed (RFC 6750 §3.1).
    private func refuseBearer(_ error: OAuthError?) -> Response {
        var response = Self.said(
            error?.document, error?.code == .insufficientScope ? .forbidden : .unauthorized)
        var challenge = "Bearer realm=\"\(settings.userPoolId)\""
        if let error { challenge += ", error=\"\(error.code.rawValue)\", error_description=\"\(error.description)\"" }
        if error?.code == .insufficientScope { challenge += ", scope=\"openid\"" }
        response.headers.set("WWW-Authenticate", challenge)
        return response
    }
}
