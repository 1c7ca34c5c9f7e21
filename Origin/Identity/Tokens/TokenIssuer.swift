internal import Bytes
internal import Catalog
internal import Crypto
internal import EventLoop
internal import JSON
internal import OAuth

/// Makes access and ID tokens with the claims Cognito's clients look for.
struct TokenIssuer: Sendable {
    private let keys: TokenKeys
    private let settings: IdentitySettings
    private let workers: IdentityWorkers

    init(keys: TokenKeys, settings: IdentitySettings, workers: IdentityWorkers) {
        self.keys = keys
        self.settings = settings
        self.workers = workers
    }

    /// The `AuthenticationResult`; `refreshToken` is left out where the client keeps the one it has.
    ///
    /// Throws `BlockingPool.Overloaded` when too many wait for a signature.
    func result(
        for user: IdentityUser, family: IdentityTokenFamily, client: IdentityClient, refreshToken: String?, now: Int64
    ) async throws -> JSONValue {
        let tokens = try await tokens(
            for: user, family: family, client: client, TokenContents(scopes: family.scopes), now: now)
        var result: JSONObject = [
            "AccessToken": .string(tokens.access),
            "TokenType": "Bearer",
            "ExpiresIn": .integer(tokens.accessSeconds),
        ]
        if let identity = tokens.identity { result["IdToken"] = .string(identity) }
        if let refreshToken { result["RefreshToken"] = .string(refreshToken) }
        return .object(result)
    }

    /// An access token, and an ID token unless the sign-in was granted scopes without `openid`.
    ///
    /// Throws `BlockingPool.Overloaded` when too many wait for a signature.
    func tokens(
        for user: IdentityUser, family: IdentityTokenFamily, client: IdentityClient, _ contents: TokenContents,
        now: Int64
    ) async throws -> SignedTokens {
        workers.uses.note(family, at: now)
        let lifetimes = client.lifetimes(in: settings)
        let access = accessClaims(user, family, contents, now, seconds: lifetimes.accessSeconds)
        let identity = identityClaims(user, family, contents, now, seconds: lifetimes.idSeconds)
        let key = keys.signing(at: now)
        return try await workers.signing.run {
            let accessToken = try JSONWebToken.sign(access, with: key)
            let idToken = try identity.map { claims in
                try JSONWebToken.sign(contents.bindsAccessToken ? claims.bound(to: accessToken) : claims, with: key)
            }
            return SignedTokens(access: accessToken, identity: idToken, accessSeconds: lifetimes.accessSeconds)
        }
    }

    private func shared(
        _ user: IdentityUser, _ family: IdentityTokenFamily, _ use: String, _ now: Int64, _ seconds: Int64
    ) -> JSONObject {
        [
            "sub": .string(user.id),
            "iss": .string(settings.issuer),
            "origin_jti": .string(family.id),
            "event_id": .string(RandomName.uuid()),
            "jti": .string(RandomName.uuid()),
            "token_use": .string(use),
            "auth_time": .integer(family.authenticatedAt / 1000),
            "iat": .integer(now / 1000),
            "exp": .integer(now / 1000 + seconds),
        ]
    }

    private func accessClaims(
        _ user: IdentityUser, _ family: IdentityTokenFamily, _ contents: TokenContents, _ now: Int64, seconds: Int64
    ) -> JSONObject {
        var claims = shared(user, family, "access", now, seconds)
        claims["client_id"] = .string(family.clientId)
        claims["scope"] = .string(contents.scopeText)
        claims["username"] = .string(user.username)
        addGroups(of: user, to: &claims)
        return claims
    }

    /// Nil where no ID token was granted.
    private func identityClaims(
        _ user: IdentityUser, _ family: IdentityTokenFamily, _ contents: TokenContents, _ now: Int64, seconds: Int64
    ) -> JSONObject? {
        guard contents.scopes?.contains(.openid) ?? true else { return nil }
        var claims = shared(user, family, "id", now, seconds)
        claims["aud"] = .string(family.clientId)
        if let nonce = contents.nonce { claims["nonce"] = .string(nonce) }
        if contents.scopes?.contains(.profile) ?? true {
            claims["cognito:username"] = .string(user.username)
            addGroups(of: user, to: &claims)
            if let identities = IdentityService.identities(of: user) { claims["identities"] = identities }
        }
        user.addClaims(of: contents.scopes, to: &claims)
        return claims
    }

    private func addGroups(of user: IdentityUser, to claims: inout JSONObject) {
        if !user.groups.isEmpty { claims["cognito:groups"] = .array(user.groups.map { .string($0) }) }
    }
}

/// What tokens carry beyond who, of which sign-in, and how long.
struct TokenContents: Sendable {
    /// What was granted; nil where people signed in with the application itself, for everything.
    var scopes: [OAuthScope]?
    /// What the ID token carries back to the client.
    var nonce: String?
    /// Whether the ID token says which access token came with it (`at_hash`); widely used clients stumble on it outside of OAuth's
    /// token endpoint.
    var bindsAccessToken = false

    /// The `scope` of the access token.
    var scopeText: String { (scopes ?? [.selfService]).scopeText }
}

/// What a sign-in gives for a while.
struct SignedTokens: Sendable {
    let access: String
    let identity: String?
    let accessSeconds: Int64
}

extension JSONObject {
    /// The claims of an ID token with the left half of the access token's hash (OpenID Connect Core §3.1.3.6).
    fileprivate func bound(to accessToken: String) -> JSONObject {
        var claims = self
        let hash = Digest.sha256(Array(accessToken.utf8)).prefix(16)
        claims["at_hash"] = .string(Base64.encode(hash, alphabet: .url))
        return claims
    }
}
