internal import Catalog
internal import JSON
internal import OAuth

extension IdentityUser {
    /// What the pool says itself, so that nobody says it of themselves by an attribute of that name.
    private static let claimsOfThePool: Set<String> = [
        "acr", "amr", "at_hash", "aud", "auth_time", "azp", "c_hash", "client_id", "event_id", "exp", "iat",
        "identities", "iss",
        "jti", "nbf", "nonce", "origin_jti", "scope", "sid", "sub", "token_use", "username",
    ]

    /// Adds the attributes that these scopes let an application know, but for claims that are there already; all of them where
    /// a sign-in knows no scopes.
    func addClaims(of scopes: [OAuthScope]?, to claims: inout JSONObject) {
        for (name, value) in attributes.sorted(by: { $0.key < $1.key }) {
            guard !Self.claimsOfThePool.contains(name), claims[name] == nil else { continue }
            guard scopes?.contains(Self.scope(of: name)) ?? true else { continue }
            claims[name] = name.hasSuffix("_verified") ? .bool(value == "true") : .string(value)
        }
    }

    private static func scope(of attribute: String) -> OAuthScope {
        switch attribute {
        case "email", "email_verified": .email
        case "phone_number", "phone_number_verified": .phone
        default: .profile
        }
    }
}
