internal import Bytes
internal import Crypto
public import HTTPWire
internal import JSON

/// What we are to one provider, and what we ask and take from it: authorization code flow with PKCE (RFC 7636).
public struct RelyingParty: Sendable, Equatable {
    /// Our id there.
    public let clientId: String
    /// Our secret there; nil for a public client.
    public let clientSecret: String?
    /// Where people come back to.
    public let redirectURI: String
    /// The provider.
    public let provider: ProviderMetadata

    /// What only we and the provider, or only we, know of one sign-in.
    public struct Secrets: Sendable, Equatable {
        /// What the answer carries back.
        public let state: String
        /// What the ID token carries back.
        public let nonce: String
        /// What proves that whoever brings the code has asked for it.
        public let verifier: String

        /// Three texts of at least 43 unreserved characters each, which nobody can guess.
        public init(state: String, nonce: String, verifier: String) {
            self.state = state
            self.nonce = nonce
            self.verifier = verifier
        }
    }

    /// Us at a provider.
    public init(clientId: String, clientSecret: String?, redirectURI: String, provider: ProviderMetadata) {
        self.clientId = clientId
        self.clientSecret = clientSecret
        self.redirectURI = redirectURI
        self.provider = provider
    }

    /// Where a person is sent to; `scopes` without `openid` get it.
    ///
    /// - Parameters:
    ///   - mustAsk: whether the provider is to ask also who is signed in there already (`prompt=login`).
    ///   - maxAge: how long ago it may have asked at most, in seconds.
    public func authorizationURL(
        scopes: [String], _ secrets: Secrets, mustAsk: Bool = false, maxAge: Int64? = nil
    ) -> String {
        let challenge = Base64.encode(Digest.sha256(Array(secrets.verifier.utf8)), alphabet: .url)
        let all = scopes.contains("openid") ? scopes : ["openid"] + scopes
        var query = Query(items: [
            .init(name: "response_type", value: "code"), .init(name: "client_id", value: clientId),
            .init(name: "redirect_uri", value: redirectURI), .init(name: "scope", value: all.joined(separator: " ")),
            .init(name: "state", value: secrets.state), .init(name: "nonce", value: secrets.nonce),
            .init(name: "code_challenge", value: challenge), .init(name: "code_challenge_method", value: "S256"),
        ])
        if mustAsk { query.items.append(.init(name: "prompt", value: "login")) }
        if let maxAge { query.items.append(.init(name: "max_age", value: "\(maxAge)")) }
        let endpoint = provider.authorizationEndpoint
        return endpoint.text + (endpoint.target.contains("?") ? "&" : "?") + query.encoded
    }

    /// The form that exchanges a code, and the value of the `Authorization` field that goes with it, if any.
    public func exchange(of code: String, verifier: String) -> (form: Query, authorization: String?) {
        var form = Query(items: [
            .init(name: "grant_type", value: "authorization_code"), .init(name: "code", value: code),
            .init(name: "redirect_uri", value: redirectURI), .init(name: "code_verifier", value: verifier),
        ])
        if let clientSecret, provider.authentication == .basic {
            // Both are encoded as in a form first (RFC 6749 §2.3.1).
            let pair = PercentEncoding.encode(clientId) + ":" + PercentEncoding.encode(clientSecret)
            return (form, "Basic " + Base64.encode(Array(pair.utf8)))
        }
        form.items.append(.init(name: "client_id", value: clientId))
        if let clientSecret { form.items.append(.init(name: "client_secret", value: clientSecret)) }
        return (form, nil)
    }
}

/// What the token endpoint gives for a code.
public struct ProviderTokens: Sendable, Equatable {
    /// Says who the person is; unchecked.
    public let idToken: String
    /// Opens the user info endpoint; nil if there is none.
    public let accessToken: String?

    /// Reads an answer; throws for a refusal, and for one without an ID token.
    public init(status: Int, _ body: [UInt8]) throws(ProviderRefused) {
        guard status == 200 else { throw ProviderRefused("its token endpoint answered \(status)") }
        guard let object = try? JSONValue.parse(body).object, let idToken = object["id_token"]?.string else {
            throw ProviderRefused("its token endpoint gave no ID token")
        }
        self.idToken = idToken
        let accessToken = object["access_token"]?.string
        // It goes into a header field as it is (RFC 6750 §2.1).
        guard accessToken?.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) ?? true else {
            throw ProviderRefused("its access token is none")
        }
        self.accessToken = accessToken
    }
}
