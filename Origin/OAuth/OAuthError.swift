/// A refusal in the words of RFC 6749 §4.1.2.1 and §5.2, RFC 6750, RFC 7009 and OpenID Connect.
public struct OAuthError: Error, Sendable, Equatable {
    /// Which one it is.
    public enum Code: String, Sendable {
        /// A parameter is missing, wrong or there twice.
        case invalidRequest = "invalid_request"
        /// The client is not who it says, or says not who it is.
        case invalidClient = "invalid_client"
        /// The code or refresh token is none, was used, or belongs to another.
        case invalidGrant = "invalid_grant"
        /// The client may not do this.
        case unauthorizedClient = "unauthorized_client"
        /// No such grant is served.
        case unsupportedGrantType = "unsupported_grant_type"
        /// No such response is served.
        case unsupportedResponseType = "unsupported_response_type"
        /// No such scope, or more than was granted.
        case invalidScope = "invalid_scope"
        /// Nobody is signed in, and nobody may be asked.
        case loginRequired = "login_required"
        /// Requests in a signed object are not served.
        case requestNotSupported = "request_not_supported"
        /// Nor are those in an object elsewhere.
        case requestURINotSupported = "request_uri_not_supported"
        /// The token is of a kind that cannot be revoked.
        case unsupportedTokenType = "unsupported_token_type"
        /// The access token is none, has ended or was revoked.
        case invalidToken = "invalid_token"
        /// The access token is good for other things.
        case insufficientScope = "insufficient_scope"
        /// Too much is waiting.
        case temporarilyUnavailable = "temporarily_unavailable"
        /// Something unforeseen.
        case serverError = "server_error"
    }

    /// Which one it is.
    public let code: Code
    /// What developers read, without anything of the request.
    public let description: String

    /// A refusal.
    public init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
