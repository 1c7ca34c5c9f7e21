internal import Audit
internal import Catalog
internal import JSON
internal import Telemetry

/// New tokens for a sign-in that lasts.
extension IdentityService {
    /// Who holds a refresh token, and which of its family it is.
    struct Holder: Sendable {
        let user: IdentityUser
        let family: IdentityTokenFamily
        let number: Int64
    }

    /// The flow `REFRESH_TOKEN_AUTH`, for clients whose refresh tokens stay.
    func refresh(_ input: CognitoInput, flow: String, _ parameters: CognitoInput?) async throws -> JSONValue {
        guard let parameters else { throw CognitoError.invalidParameter("Missing required parameter REFRESH_TOKEN") }
        let token = try parameters.text("REFRESH_TOKEN", limit: JSONWebToken.maximumBytes)
        let (client, holder) = try await client(input, holding: token)
        guard client.flows.contains("ALLOW_REFRESH_TOKEN_AUTH"), client.rotationGraceSeconds == nil else {
            throw CognitoError.flowNotEnabled(flow)
        }
        let hash = try parameters.optionalText("SECRET_HASH")
        if hash == nil { try prove(client, by: nil, over: []) }
        let (user, family) = try current(holder)
        try prove(client, by: hash, over: [user.username, user.usernameKey, user.id])
        let result = try await issuer.result(
            for: user, family: family, client: client, refreshToken: nil, now: clock())
        return ["AuthenticationResult": result, "ChallengeParameters": [:]]
    }

    /// New tokens for clients of either kind: those that have refresh tokens replaced get the next one.
    func getTokensFromRefreshToken(_ input: CognitoInput) async throws -> JSONValue {
        let token = try input.text("RefreshToken", limit: JSONWebToken.maximumBytes)
        let (client, holder) = try await client(input, holding: token)
        try prove(client, bySecretIn: input)
        let (user, family, next) = try await renew(token, client, holder)
        return [
            "AuthenticationResult": try await issuer.result(
                for: user, family: family, client: client, refreshToken: next, now: clock())
        ]
    }

    /// Whose tokens a refresh token renews, and the one that takes its place where the client has them replaced.
    ///
    /// - Parameter holder: who held it a moment ago.
    func renew(
        _ token: String, _ client: IdentityClient, _ holder: Result<Holder, CognitoError>
    ) async throws -> (IdentityUser, IdentityTokenFamily, next: String?) {
        guard let grace = client.rotationGraceSeconds else {
            let (user, family) = try current(holder)
            return (user, family, nil)
        }
        let (user, family) = try await replace(token, client, graceSeconds: grace)
        return (user, family, sealer.currentRefreshToken(of: family))
    }

    /// The client, which has proven nothing yet, and who holds a token that it may use, in one look into the store.
    private func client(
        _ input: CognitoInput, holding token: String
    ) async throws -> (IdentityClient, Result<Holder, CognitoError>) {
        let id = try Self.clientId(input)
        let now = clock()
        return try await store.read { reader in
            let client = try self.client(named: id, in: reader)
            return (client, try self.holder(of: token, client, now, reader))
        }
    }

    /// The holder of a token that no other has replaced.
    private func current(_ holder: Result<Holder, CognitoError>) throws -> (IdentityUser, IdentityTokenFamily) {
        let holder = try holder.get()
        guard holder.number == holder.family.rotation else { throw CognitoError.invalidRefreshToken }
        return (holder.user, holder.family)
    }

    /// Whose refresh token it is, and the family with the token that replaces it.
    ///
    /// One transaction decides, so that of two that come at once one replaces and the other finds it replaced.
    private func replace(
        _ token: String, _ client: IdentityClient, graceSeconds: Int64
    ) async throws -> (IdentityUser, IdentityTokenFamily) {
        let now = clock()
        return try await commit { transaction in
            switch try self.holder(of: token, client, now, transaction) {
            case .failure(let refusal): .failure(refusal)
            case .success(let holder):
                switch RefreshRotation(
                    using: holder.number, of: holder.family, graceSeconds: graceSeconds, now: now)
                {
                case .replaced(let next): .success((holder.user, try self.keep(next, transaction)))
                case .repeated: .success((holder.user, holder.family))
                case .reused: .failure(try self.endReused(holder.family, now: now, transaction))
                }
            }
        }
    }

    private func keep(
        _ family: IdentityTokenFamily, _ transaction: any IdentityTransaction
    ) throws -> IdentityTokenFamily {
        try transaction.save(family)
        return family
    }

    private func endReused(
        _ family: IdentityTokenFamily, now: Int64, _ transaction: any IdentityTransaction
    ) throws -> CognitoError {
        try transaction.revokeTokenFamily(id: family.id)
        let details: JSONObject = ["user": .string(family.userId), "client": .string(family.clientId)]
        try transaction.record(
            AuditAct(.refreshTokenReused, of: .signIn(family.id), outcome: "ended", details), at: now)
        logger.warning(
            "a replaced refresh token was used; its sign-in has been ended",
            ["user": .string(family.userId), "client": .string(family.clientId)])
        return .refreshTokenReuse
    }

    /// Who holds a refresh token that this client may use at `now`.
    func holder(
        of token: String, _ client: IdentityClient, _ now: Int64, _ reader: any IdentityReader
    ) throws -> Result<Holder, CognitoError> {
        guard let (family, number) = try sealer.family(ofRefreshToken: token, in: reader),
            family.clientId == client.id, let user = try reader.user(id: family.userId), user.isEnabled
        else { return .failure(.invalidRefreshToken) }
        guard now < family.expiresAt else { return .failure(.notAuthorized("Refresh Token has expired")) }
        return .success(Holder(user: user, family: family, number: number))
    }
}
