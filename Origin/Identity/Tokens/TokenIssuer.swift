internal import Catalog
internal import Crypto
internal import EventLoop
internal import JSON

/// Makes access and ID tokens with the claims Cognito's clients look for.
struct TokenIssuer: Sendable {
    /// The scope that lets a person act on their own account.
    static let selfServiceScope = "aws.cognito.signin.user.admin"

    private let keys: TokenKeys
    private let settings: IdentitySettings
    /// Signing takes long for an event loop, and must not wait for hashes of passwords.
    private let pool: BlockingPool

    init(keys: TokenKeys, settings: IdentitySettings) throws {
        self.keys = keys
        self.settings = settings
        pool = try BlockingPool(
            name: "tokens", threads: settings.signingThreads, queueLimit: settings.signingQueueLimit)
    }

    /// The `AuthenticationResult`; `refreshToken` is left out where the client keeps the one it has.
    ///
    /// Throws `BlockingPool.Overloaded` when too many wait for a signature.
    func result(
        for user: IdentityUser, family: IdentityTokenFamily, client: IdentityClient, refreshToken: String?, now: Int64
    ) async throws -> JSONValue {
        let lifetimes = client.lifetimes(in: settings)
        let access = accessClaims(user, family, now, seconds: lifetimes.accessSeconds)
        let identity = identityClaims(user, family, now, seconds: lifetimes.idSeconds)
        let key = keys.signing(at: now)
        let (accessToken, idToken) = try await pool.run {
            (try JSONWebToken.sign(access, with: key), try JSONWebToken.sign(identity, with: key))
        }
        var result: JSONObject = [
            "AccessToken": .string(accessToken),
            "IdToken": .string(idToken),
            "TokenType": "Bearer",
            "ExpiresIn": .integer(lifetimes.accessSeconds),
        ]
        if let refreshToken { result["RefreshToken"] = .string(refreshToken) }
        return .object(result)
    }

    private func shared(
        _ user: IdentityUser, _ family: IdentityTokenFamily, _ use: String, _ now: Int64, _ seconds: Int64
    ) -> JSONObject {
        var claims: JSONObject = [
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
        if !user.groups.isEmpty { claims["cognito:groups"] = .array(user.groups.map { .string($0) }) }
        return claims
    }

    private func accessClaims(
        _ user: IdentityUser, _ family: IdentityTokenFamily, _ now: Int64, seconds: Int64
    ) -> JSONObject {
        var claims = shared(user, family, "access", now, seconds)
        claims["client_id"] = .string(family.clientId)
        claims["scope"] = .string(Self.selfServiceScope)
        claims["username"] = .string(user.username)
        return claims
    }

    /// Carries no `at_hash`, on which widely used clients stumble outside of OAuth's token endpoint.
    private func identityClaims(
        _ user: IdentityUser, _ family: IdentityTokenFamily, _ now: Int64, seconds: Int64
    ) -> JSONObject {
        var claims = shared(user, family, "id", now, seconds)
        claims["aud"] = .string(family.clientId)
        claims["cognito:username"] = .string(user.username)
        if let identities = IdentityService.identities(of: user) { claims["identities"] = identities }
        for (name, value) in user.attributes.sorted(by: { $0.key < $1.key }) where claims[name] == nil {
            claims[name] = name.hasSuffix("_verified") ? .bool(value == "true") : .string(value)
        }
        return claims
    }
}
