internal import Catalog
internal import JSON

extension IdentityService {
    func initiateAuth(_ input: CognitoInput) async throws -> JSONValue {
        let client = try await client(input)
        let flow = try input.text("AuthFlow", limit: 64)
        let parameters = try input.section("AuthParameters")
        switch flow {
        case "USER_PASSWORD_AUTH" where client.flows.contains("ALLOW_USER_PASSWORD_AUTH"):
            guard let parameters else { throw CognitoError.invalidParameter("Missing required parameter USERNAME") }
            let step = try await signIn(
                client, username: try parameters.username("USERNAME"),
                password: try parameters.text("PASSWORD", limit: 2048))
            return try await output(of: step)
        case "REFRESH_TOKEN_AUTH" where client.flows.contains("ALLOW_REFRESH_TOKEN_AUTH"),
            "REFRESH_TOKEN" where client.flows.contains("ALLOW_REFRESH_TOKEN_AUTH"):
            guard let token = try parameters?.text("REFRESH_TOKEN") else {
                throw CognitoError.invalidParameter("Missing required parameter REFRESH_TOKEN")
            }
            return try await refresh(client, token: token)
        case "USER_PASSWORD_AUTH", "REFRESH_TOKEN_AUTH", "REFRESH_TOKEN", "USER_SRP_AUTH", "USER_AUTH", "CUSTOM_AUTH":
            throw CognitoError.invalidParameter("\(flow) flow not enabled for this client")
        default:
            throw CognitoError.invalidParameter("Value at 'authFlow' is not supported")
        }
    }

    /// Checks a password.
    ///
    /// A name nobody has costs the same hash and the same write as a wrong password, and is locked the same way. The
    /// lock is looked at again in the transaction, so that guesses sent in parallel are all counted before any of
    /// them can succeed.
    private func signIn(_ client: IdentityClient, username: String, password: String) async throws -> SignInStep {
        let key = Self.usernameKey(username)
        let subject = sealer.subject("password", key)
        let poolId = settings.userPoolId
        let (known, attempts) = try await store.read { reader in
            (try reader.user(poolId: poolId, usernameKey: key), try reader.attempts(subject: subject))
        }
        guard !Lockout.isLocked(attempts, now: clock()) else { throw CognitoError.attemptsExceeded }
        let isRight = try await passwords.verify(password, hash: known?.passwordHash)
        var newHash: String?
        if isRight, let hash = known?.passwordHash, passwords.needsRehash(hash) {
            newHash = try await passwords.hash(password)
        }
        let replacement = newHash
        let now = clock()
        return try await commit { transaction in
            try transaction.pruneIdentity(now: now, quietSince: now - Lockout.quietMilliseconds)
            let attempts = try transaction.attempts(subject: subject)
            guard !Lockout.isLocked(attempts, now: now) else { return .failure(.attemptsExceeded) }
            guard isRight, let known, var user = try transaction.user(id: known.id),
                user.passwordHash == known.passwordHash
            else {
                try transaction.save(Lockout.afterFailure(attempts, now: now))
                return .failure(.incorrectPassword)
            }
            try transaction.save(IdentityAttempts(subject: subject))
            if let replacement {
                user.passwordHash = replacement
                try transaction.save(user)
            }
            return try self.advance(user, client: client.id, proof: .password, now: now, transaction)
        }
    }

    private func refresh(_ client: IdentityClient, token: String) async throws -> JSONValue {
        let now = clock()
        let hash = RandomName.hash(token)
        let (family, user) = try await store.read { reader in
            let family = try reader.tokenFamily(refreshTokenHash: hash)
            return (family, try family.flatMap { try reader.user(id: $0.userId) })
        }
        guard let family, let user, family.clientId == client.id, user.isEnabled else {
            throw CognitoError.invalidRefreshToken
        }
        guard now < family.expiresAt else { throw CognitoError.notAuthorized("Refresh Token has expired") }
        let issuer = issuer
        let result = try await passwords.run {
            try issuer.result(for: user, family: family, refreshToken: nil, now: now)
        }
        return ["AuthenticationResult": result, "ChallengeParameters": [:]]
    }
}
