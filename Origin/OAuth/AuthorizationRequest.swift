internal import Bytes
internal import HTTPWire

/// An application's wish that somebody sign in (RFC 6749 §4.1.1, OpenID Connect Core §3.1.2.1), checked against what its
/// client may ask for.
///
/// Parsing goes in two steps, for the client has to be looked up in between: `clientId(in:)`, then `init`.
public struct AuthorizationRequest: Sendable, Equatable {
    /// Whether the person is asked for credentials.
    public enum Prompt: Sendable, Equatable {
        /// If nobody is signed in.
        case ifNeeded
        /// Never; the client is told instead that it would be necessary.
        case never
        /// Always, also who is signed in already.
        case always
    }

    /// The most bytes of `state`.
    public static let maximumStateBytes = 2048
    /// The most bytes of `nonce`.
    public static let maximumNonceBytes = 512
    /// The most bytes of `login_hint`, which is a user name.
    public static let maximumHintBytes = 512

    /// The client.
    public let clientId: String
    /// Where the answer goes.
    public let answersTo: AuthorizationReturn
    /// What is asked for: what the request names, or all that the client may have.
    public let scopes: [OAuthScope]
    /// What the secret is checked with that comes with the code.
    public let codeChallenge: CodeChallenge
    /// Goes into the ID token as it came.
    public let nonce: String?
    /// Whether the person is asked for credentials.
    public let prompt: Prompt
    /// How long ago the person may have been asked at most, in seconds.
    public let maxAge: Int64?
    /// The user name that the application expects.
    public let loginHint: String?
    /// The request as it came, for the pages that carry it on.
    public let parameters: OAuthParameters

    /// The client that a request names.
    public static func clientId(in parameters: OAuthParameters) throws(AuthorizationRefusal) -> String {
        guard let id = parameters["client_id"], id.utf8.count <= 128 else {
            throw .page("The request does not say which application it comes from.")
        }
        return id
    }

    /// Checks a request of this client; `options` is nil for one that may not use OAuth.
    ///
    /// Nothing is sent to an address before it is known to be the client's, byte for byte.
    public init(
        _ parameters: OAuthParameters, clientId: String, options: OAuthOptions?
    ) throws(AuthorizationRefusal) {
        self.clientId = clientId
        self.parameters = parameters
        guard let options else { throw .page("The application may not sign people in here.") }
        guard !parameters.repeats("redirect_uri"),
            let redirectURI = options.callbackURL(for: parameters["redirect_uri"])
        else { throw .page("The address that the application wants you to return to is not one of its own.") }
        let state = parameters["state"].flatMap { $0.utf8.count <= Self.maximumStateBytes ? $0 : nil }
        let answersTo = AuthorizationReturn(redirectURI: redirectURI, state: state)
        self.answersTo = answersTo
        do throws(OAuthError) {
            try Self.checkForm(of: parameters, state: state)
            codeChallenge = try Self.codeChallenge(in: parameters)
            scopes = try Self.scopes(in: parameters, of: options)
            nonce = try parameters.limited("nonce", to: Self.maximumNonceBytes)
            loginHint = try parameters.limited("login_hint", to: Self.maximumHintBytes)
            prompt = try Self.prompt(in: parameters)
            maxAge = try Self.maxAge(in: parameters)
        } catch {
            throw .returned(error, answersTo)
        }
    }

    private static func checkForm(of parameters: OAuthParameters, state: String?) throws(OAuthError) {
        guard !parameters.hasRepetition else { throw OAuthError(.invalidRequest, "A parameter is there twice") }
        guard state == parameters["state"] else { throw OAuthError(.invalidRequest, "state is too long") }
        guard parameters["request"] == nil else {
            throw OAuthError(.requestNotSupported, "request is not supported")
        }
        guard parameters["request_uri"] == nil else {
            throw OAuthError(.requestURINotSupported, "request_uri is not supported")
        }
        guard let type = parameters["response_type"] else {
            throw OAuthError(.invalidRequest, "response_type is missing")
        }
        guard type == "code" else { throw OAuthError(.unsupportedResponseType, "response_type must be code") }
        guard parameters["response_mode"] ?? "query" == "query" else {
            throw OAuthError(.invalidRequest, "response_mode must be query")
        }
    }

    /// A request without a challenge is refused, or whoever can take it away could do without the secret.
    private static func codeChallenge(in parameters: OAuthParameters) throws(OAuthError) -> CodeChallenge {
        guard let text = parameters["code_challenge"] else {
            throw OAuthError(.invalidRequest, "code_challenge is missing")
        }
        guard parameters["code_challenge_method"] == "S256" else {
            throw OAuthError(.invalidRequest, "code_challenge_method must be S256")
        }
        guard let challenge = CodeChallenge(text) else {
            throw OAuthError(.invalidRequest, "code_challenge must be 43 characters of base64url")
        }
        return challenge
    }

    private static func scopes(
        in parameters: OAuthParameters, of options: OAuthOptions
    ) throws(OAuthError) -> [OAuthScope] {
        guard let text = parameters["scope"] else { return options.scopes }
        guard let scopes = OAuthScope.list(text), scopes.allSatisfy(options.scopes.contains) else {
            throw OAuthError(.invalidScope, "scope names what the client may not ask for")
        }
        return scopes
    }

    private static func prompt(in parameters: OAuthParameters) throws(OAuthError) -> Prompt {
        let words = (parameters["prompt"] ?? "").split(separator: " ")
        guard words.allSatisfy({ ["none", "login", "consent", "select_account"].contains($0) }) else {
            throw OAuthError(.invalidRequest, "prompt must be none, login, consent or select_account")
        }
        guard words.contains("none") else { return words.isEmpty ? .ifNeeded : .always }
        guard words.count == 1 else { throw OAuthError(.invalidRequest, "prompt=none goes with no other") }
        return .never
    }

    private static func maxAge(in parameters: OAuthParameters) throws(OAuthError) -> Int64? {
        guard let text = parameters["max_age"] else { return nil }
        guard text.utf8.count <= 10, text.utf8.allSatisfy(ASCII.isDigit), let seconds = Int64(text) else {
            throw OAuthError(.invalidRequest, "max_age must be a number of seconds")
        }
        return seconds
    }
}

extension OAuthParameters {
    fileprivate func limited(_ name: String, to bytes: Int) throws(OAuthError) -> String? {
        guard let value = self[name] else { return nil }
        guard value.utf8.count <= bytes else { throw OAuthError(.invalidRequest, "\(name) is too long") }
        return value
    }
}
