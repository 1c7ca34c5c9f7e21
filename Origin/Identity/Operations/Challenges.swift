internal import Audit
internal import Catalog
internal import JSON

extension IdentityService {
    /// How many wrong answers a session takes before it ends.
    static let sessionTries = 5

    func adminRespondToAuthChallenge(_ input: CognitoInput) async throws -> JSONValue {
        try checkPool(input)
        return try await respondToAuthChallenge(input)
    }

    func respondToAuthChallenge(_ input: CognitoInput) async throws -> JSONValue {
        let name = try input.text("ChallengeName", limit: 64)
        guard let responses = try input.section("ChallengeResponses") else {
            throw CognitoError.invalidParameter("Missing required parameter ChallengeResponses")
        }
        let client = try await client(input, answeringWith: responses)
        // Clients send no session with it; the state is in its secret block.
        if name == Self.srpChallenge { return try await output(of: finishSRP(client, responses)) }
        let session = try input.text("Session")
        if Self.isOfChoice(name) { return try await answerChoice(name, client, responses, session: session) }
        return try await output(of: respond(to: name, client, responses, session: session, for: .tokens))
    }

    /// Answers the challenge of a session that is to end in `goal`.
    func respond(
        to name: String, _ client: IdentityClient, _ responses: CognitoInput, session: String,
        for goal: IdentitySession.Goal
    ) async throws -> SignInStep {
        let username = Self.usernameKey(try responses.username("USERNAME"))
        switch name {
        case "SOFTWARE_TOKEN_MFA":
            let code = try responses.text("SOFTWARE_TOKEN_MFA_CODE", limit: 64)
            let recovery = try await examine(code) { try await self.account(of: session, client, .softwareToken) }
            let step = try await warningOfGuesses(at: username) {
                try await self.answer(session, client, username, .softwareToken, goal) { user, now, transaction in
                    let refusal =
                        if let recovery {
                            try self.redeem(recovery, of: user, now, transaction)
                        } else {
                            try self.checkSoftwareToken(code, &user, now, transaction)
                        }
                    return try self.countGuess(refusal, of: user.id, now, transaction)
                }
            }
            if recovery != nil { sendNotice(.recoveryCodeUsed, to: step.user) }
            return step
        case "NEW_PASSWORD_REQUIRED":
            let password = try responses.text("NEW_PASSWORD", limit: 2048)
            let account = try await account(of: session, client, .newPassword)
            try Passwords.checkPolicy(password, of: account)
            let secrets = try await secrets(of: password, for: account.usernameKey)
            return try await answer(session, client, username, .newPassword, goal) { user, now, transaction in
                // The session may have begun before somebody else replaced the password, or took it away.
                guard user.status == .forceChangePassword else { return .invalidSession }
                try user.setPassword(secrets, self.sealer)
                user.passwordExpiresAt = nil
                user.status = .confirmed
                try transaction.revokeTokenFamilies(userId: user.id)
                try transaction.record(AuditAct(.passwordSet, of: .user(user.id), by: .user(user.id)), at: now)
                return nil
            }
        case "MFA_SETUP":
            return try await answer(session, client, username, .enrolmentVerified, goal) { _, _, _ in nil }
        default:
            throw CognitoError.invalidParameter("Challenge \(name) is not supported")
        }
    }

    /// Whose session it is; refuses early, before expensive work, while the real check is in the transaction.
    private func account(
        of text: String, _ client: IdentityClient, _ step: IdentitySession.Step
    ) async throws -> IdentityUser {
        let hash = RandomName.hash(text)
        let now = clock()
        let (session, user) = try await store.read { reader in
            let session = try reader.session(idHash: hash)
            return (session, try session.flatMap { try reader.user(id: $0.userId) })
        }
        guard let session, let user, session.step == step, session.clientId == client.id, now < session.expiresAt
        else { throw CognitoError.invalidSession }
        return user
    }

    /// Answers a challenge: checks the session, lets `body` check and change the account, ends the session and moves on.
    ///
    /// All of it is one transaction, so that a session leads on once and no code is accepted twice.
    private func answer(
        _ text: String, _ client: IdentityClient, _ username: String, _ step: IdentitySession.Step,
        _ goal: IdentitySession.Goal,
        _ body: @escaping @Sendable (inout IdentityUser, Int64, any IdentityTransaction) throws -> CognitoError?
    ) async throws -> SignInStep {
        try await withSession(text, step, clientId: client.id) { session, user, now, transaction in
            guard session.goal == goal, username == user.usernameKey || username == user.id else {
                try transaction.record(AuditAct(.signIn, of: .user(user.id), outcome: "wrong_session"), at: now)
                return .failure(.invalidSession)
            }
            if let refusal = try body(&user, now, transaction) { return .failure(refusal) }
            let proof: SignInProof = step == .newPassword ? .password : [.password, .secondFactor]
            return try self.advance(user, client: session.clientId, proof: proof, goal: goal, now: now, transaction)
        }
    }

    /// Runs `body` on the account of a session that waits for `step`.
    ///
    /// Success ends the session and saves the account; a refusal counts against the session, and the fifth ends it.
    func withSession<R: Sendable>(
        _ text: String, _ step: IdentitySession.Step, clientId: String?,
        _ body:
            @escaping @Sendable (IdentitySession, inout IdentityUser, Int64, any IdentityTransaction) throws -> Result<
                R, CognitoError
            >
    ) async throws -> R {
        let hash = RandomName.hash(text)
        let now = clock()
        return try await commit { transaction in
            guard var session = try transaction.session(idHash: hash), now < session.expiresAt, session.step == step,
                clientId == nil || session.clientId == clientId,
                var user = try transaction.user(id: session.userId), user.isEnabled,
                user.poolId == self.settings.userPoolId
            else { return .failure(.invalidSession) }
            let result = try body(session, &user, now, transaction)
            switch result {
            case .success:
                _ = try transaction.deleteSession(idHash: hash)
                user.updatedAt = now
                try transaction.save(user)
            case .failure:
                session.failures += 1
                if session.failures >= Self.sessionTries {
                    _ = try transaction.deleteSession(idHash: hash)
                } else {
                    try transaction.save(session)
                }
            }
            return result
        }
    }
}
