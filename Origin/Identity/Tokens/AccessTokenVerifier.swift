internal import Catalog
internal import JSON
internal import OAuth

/// Who is asking, as a verified access token says.
public struct Principal: Sendable, Equatable {
    /// The account's immutable id.
    public let sub: String
    /// The account's name.
    public let username: String
    /// Its groups, such as `admin`.
    public internal(set) var groups: [String]
    /// The application that signed the person in.
    public let clientId: String
    /// The sign-in that the token descends from.
    public let originId: String
    /// What the token may be used for.
    public let scopes: Set<String>
    /// When the token ends, in epoch seconds.
    public let expiresAt: Int64

    /// Whether the token stands for the person in all they may do here, and not only at the application that has it.
    public var actsForPerson: Bool { scopes.contains(OAuthScope.selfService.rawValue) }
}

/// Why a bearer token was refused.
public enum AccessTokenRefusal: Error, Sendable, Equatable {
    /// It is no token of ours, or not an access token.
    case invalid
    /// It was good once.
    case expired
    /// The sign-in it descends from has been ended, or the account disabled.
    case revoked
}

/// Verifies access tokens; every part of the origin that serves people uses this one.
public struct AccessTokenVerifier: Sendable {
    private let store: any IdentityStore
    private let keys: TokenKeys
    private let issuer: String
    private let poolId: String
    private let defaultRole: Role
    private let clock: IdentityClock

    init(store: any IdentityStore, keys: TokenKeys, settings: IdentitySettings, clock: @escaping IdentityClock) {
        self.store = store
        self.keys = keys
        issuer = settings.issuer
        poolId = settings.userPoolId
        defaultRole = settings.defaultRole
        self.clock = clock
    }

    /// The person behind a bearer token.
    ///
    /// Checks what `signed` does, and that neither the sign-in nor the account has been ended since. Throws
    /// `AccessTokenRefusal`, or the store's error.
    public func verify(_ token: String) async throws -> Principal {
        let claimed = try signed(token)
        let poolId = poolId
        let (family, user) = try await store.read { reader in
            (try reader.tokenFamily(id: claimed.originId), try reader.user(id: claimed.sub))
        }
        guard let family, family.userId == claimed.sub, family.clientId == claimed.clientId, let user, user.isEnabled,
            user.poolId == poolId
        else { throw AccessTokenRefusal.revoked }
        var principal = claimed
        principal.groups = user.groups
        return principal
    }

    /// What somebody may do with the control API.
    public func role(of principal: Principal) -> Role { Role(groups: principal.groups, otherwise: defaultRole) }

    /// What an access token says of a person, with the groups of when it was made; nothing is looked up.
    ///
    /// Checks, without leeway: RS256 by a known key, issuer, that it is an access token, and its end.
    public func signed(_ token: String) throws(AccessTokenRefusal) -> Principal {
        guard let claims = JSONWebToken.verify(token, keys: keys), claims["iss"]?.string == issuer,
            claims["token_use"]?.string == "access",
            let sub = claims["sub"]?.string, let username = claims["username"]?.string,
            let clientId = claims["client_id"]?.string, let originId = claims["origin_jti"]?.string,
            let expiresAt = claims["exp"]?.integer
        else { throw .invalid }
        guard clock() / 1000 < expiresAt else { throw .expired }
        return Principal(
            sub: sub, username: username, groups: claims["cognito:groups"]?.array?.compactMap(\.string) ?? [],
            clientId: clientId, originId: originId,
            scopes: Set((claims["scope"]?.string ?? "").split(separator: " ").map(String.init)), expiresAt: expiresAt)
    }
}
