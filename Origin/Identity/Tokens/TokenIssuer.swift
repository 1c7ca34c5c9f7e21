internal import Catalog
internal import Crypto
internal import JSON

/// Makes access and ID tokens with the claims Cognito's clients look for.
struct TokenIssuer: Sendable {
    /// The scope that lets a person act on their own account.
    static let selfServiceScope = "aws.cognito.signin.user.admin"

    let keys: TokenKeys
    let issuer: String
    let lifetimeSeconds: Int64

    /// The `AuthenticationResult`; `refreshToken` is left out where the client keeps the one it has.
    func result(
        for user: IdentityUser, family: IdentityTokenFamily, refreshToken: String?, now: Int64
    ) throws(CryptoError) -> JSONValue {
        var result: JSONObject = [
            "AccessToken": .string(try JSONWebToken.sign(accessClaims(user, family, now), with: keys.signing)),
            "IdToken": .string(try JSONWebToken.sign(identityClaims(user, family, now), with: keys.signing)),
            "TokenType": "Bearer",
            "ExpiresIn": .integer(lifetimeSeconds),
        ]
        if let refreshToken { result["RefreshToken"] = .string(refreshToken) }
        return .object(result)
    }

    private func shared(_ user: IdentityUser, _ family: IdentityTokenFamily, _ use: String, _ now: Int64) -> JSONObject
    {
        var claims: JSONObject = [
            "sub": .string(user.id),
            "iss": .string(issuer),
            "origin_jti": .string(family.id),
            "event_id": .string(RandomName.uuid()),
            "jti": .string(RandomName.uuid()),
            "token_use": .string(use),
            "auth_time": .integer(family.authenticatedAt / 1000),
            "iat": .integer(now / 1000),
            "exp": .integer(now / 1000 + lifetimeSeconds),
        ]
        if !user.groups.isEmpty { claims["cognito:groups"] = .array(user.groups.map { .string($0) }) }
        return claims
    }

    private func accessClaims(_ user: IdentityUser, _ family: IdentityTokenFamily, _ now: Int64) -> JSONObject {
        var claims = shared(user, family, "access", now)
        claims["client_id"] = .string(family.clientId)
        claims["scope"] = .string(Self.selfServiceScope)
        claims["username"] = .string(user.username)
        return claims
    }

    /// Carries no `at_hash`, on which widely used clients stumble outside of OAuth's token endpoint.
    private func identityClaims(_ user: IdentityUser, _ family: IdentityTokenFamily, _ now: Int64) -> JSONObject {
        var claims = shared(user, family, "id", now)
        claims["aud"] = .string(family.clientId)
        claims["cognito:username"] = .string(user.username)
        for (name, value) in user.attributes.sorted(by: { $0.key < $1.key }) where claims[name] == nil {
            claims[name] = name.hasSuffix("_verified") ? .bool(value == "true") : .string(value)
        }
        return claims
    }
}
