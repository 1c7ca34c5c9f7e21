internal import Audit
internal import Catalog
internal import HTTPServer
internal import JSON
internal import OAuth

/// `/oauth2/token`: codes and refresh tokens become tokens.
extension IdentityService {
    /// What a grant has come to.
    struct Grant: Sendable {
        let user: IdentityUser
        let family: IdentityTokenFamily
        /// Nil where the client keeps the one it has.
        let refreshToken: String?
        var contents: TokenContents
    }

    func token(_ request: Request) async -> Response {
        await answeringClient(request) { form, client in
            let grant =
                switch form["grant_type"] {
                case "authorization_code": try await self.redeem(form, client)
                case "refresh_token": try await self.renew(form, client)
                case nil: throw OAuthError(.invalidRequest, "grant_type is missing")
                default:
                    throw OAuthError(.unsupportedGrantType, "grant_type must be authorization_code or refresh_token")
                }
            return try await self.document(of: grant, client)
        }
    }

    /// One transaction decides, so that of two that come with the same code one gets tokens, and then nobody has them.
    private func redeem(_ form: OAuthParameters, _ client: IdentityClient) async throws -> Grant {
        let (code, redirectURI) = (try form.required("code"), try form.required("redirect_uri"))
        let verifier = try form.required("code_verifier")
        let (hash, now) = (RandomName.hash(code), clock())
        return try await store.write { (transaction) -> Result<Grant, OAuthError> in
            let refusal = Result<Grant, OAuthError>.failure(
                OAuthError(.invalidGrant, "The code is none, has ended, was used, or was given for something else"))
            guard let code = try transaction.authorizationCode(hash: hash) else {
                try self.endSignIn(ofReused: hash, now: now, transaction)
                return refusal
            }
            guard code.clientId == client.id else { return refusal }
            // Whatever comes of it, it was used.
            try transaction.deleteAuthorizationCode(hash: hash)
            guard now < code.expiresAt, code.redirectURI.utf8.elementsEqual(redirectURI.utf8),
                CodeChallenge(code.codeChallenge)?.isMet(by: verifier) == true,
                let user = try transaction.user(id: code.userId), user.isEnabled,
                user.status == .confirmed || user.status == .externalProvider,
                let lifetimes = try transaction.client(id: client.id)?.lifetimes(in: self.settings)
            else {
                let details: JSONObject = ["client": .string(client.id), "reason": "authorization_code"]
                let party = AuditParty.user(code.userId)
                try transaction.record(AuditAct(.signIn, of: party, outcome: "refused", details), at: now)
                return refusal
            }
            return .success(try self.begin(code, of: user, seconds: lifetimes.refreshSeconds, now: now, transaction))
        }.get()
    }

    /// The sign-in that a code stands for; the family keeps the code's hash, by which it ends if the code comes again.
    private func begin(
        _ code: IdentityAuthorizationCode, of user: IdentityUser, seconds: Int64, now: Int64,
        _ transaction: any IdentityTransaction
    ) throws -> Grant {
        let refreshToken = RandomName.token()
        var family = IdentityTokenFamily(
            id: RandomName.uuid(), userId: user.id, clientId: code.clientId,
            refreshTokenHash: RandomName.hash(refreshToken), authenticatedAt: code.authenticatedAt,
            expiresAt: now + seconds * 1000)
        family.scopes = code.scopes
        family.codeHash = code.codeHash
        try transaction.insert(family)
        let details: JSONObject = ["client": .string(code.clientId), "signIn": .string(family.id)]
        let party = AuditParty.user(user.id)
        try transaction.record(AuditAct(.signIn, of: party, by: party, details), at: now)
        let contents = TokenContents(scopes: code.scopes, nonce: code.nonce, bindsAccessToken: true)
        return Grant(user: user, family: family, refreshToken: refreshToken, contents: contents)
    }

    /// A code that was redeemed has come again, from whomever: what it gave is ended (RFC 6749 §4.1.2).
    private func endSignIn(
        ofReused codeHash: [UInt8], now: Int64, _ transaction: any IdentityTransaction
    ) throws {
        guard let family = try transaction.tokenFamily(codeHash: codeHash) else { return }
        try transaction.revokeTokenFamily(id: family.id)
        let details: JSONObject = ["user": .string(family.userId), "client": .string(family.clientId)]
        try transaction.record(
            AuditAct(.authorizationCodeReused, of: .signIn(family.id), outcome: "ended", details), at: now)
    }

    /// As GetTokensFromRefreshToken, for what was granted or a part of it.
    private func renew(_ form: OAuthParameters, _ client: IdentityClient) async throws -> Grant {
        let token = try form.required("refresh_token")
        guard client.rotationGraceSeconds != nil || client.flows.contains("ALLOW_REFRESH_TOKEN_AUTH") else {
            throw OAuthError(.unauthorizedClient, "The client may not renew tokens")
        }
        let now = clock()
        let holder = try await store.read { try self.holder(of: token, client, now, $0) }
        let granted = try holder.get().family.scopes
        var contents = TokenContents(scopes: granted, bindsAccessToken: true)
        if let text = form["scope"] {
            guard let asked = OAuthScope.list(text), asked.allSatisfy((granted ?? [.selfService]).contains) else {
                throw OAuthError(.invalidScope, "scope names what was not granted")
            }
            contents.scopes = asked
        }
        let (user, family, next) = try await renew(token, client, holder)
        return Grant(user: user, family: family, refreshToken: next, contents: contents)
    }

    private func document(of grant: Grant, _ client: IdentityClient) async throws -> JSONValue {
        let tokens = try await issuer.tokens(
            for: grant.user, family: grant.family, client: client, grant.contents, now: clock())
        var document: JSONObject = [
            "access_token": .string(tokens.access), "token_type": "Bearer",
            "expires_in": .integer(tokens.accessSeconds),
            "scope": .string(grant.contents.scopeText),
        ]
        if let identity = tokens.identity { document["id_token"] = .string(identity) }
        if let refreshToken = grant.refreshToken { document["refresh_token"] = .string(refreshToken) }
        return .object(document)
    }
}

extension OAuthParameters {
    /// The value, of at most as many bytes as a token has.
    func required(_ name: String) throws(OAuthError) -> String {
        guard let value = self[name], value.utf8.count <= JSONWebToken.maximumBytes else {
            throw OAuthError(.invalidRequest, "\(name) is missing or too long")
        }
        return value
    }
}
