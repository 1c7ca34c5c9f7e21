internal import Audit
internal import Catalog
internal import JSON
internal import Telemetry

extension IdentityService {
    /// Replaces the password of whoever knows the old one, and ends all other sign-ins.
    func changePassword(_ input: CognitoInput) async throws -> JSONValue {
        let principal = try await principal(input)
        let previous = try input.text("PreviousPassword", limit: 2048)
        let proposed = try input.text("ProposedPassword", limit: 2048)
        guard let account = try await store.read({ try $0.user(id: principal.sub) }) else {
            throw CognitoError.invalidAccessToken
        }
        try Passwords.checkPolicy(proposed, of: account)
        let secrets = try await secrets(of: proposed, for: account.usernameKey)
        try await withPassword(previous, of: account.usernameKey) {
            (user, now, transaction) -> Result<Void, CognitoError> in
            try user.setPassword(secrets, self.sealer)
            user.updatedAt = now
            try transaction.revokeTokenFamilies(userId: user.id, except: principal.originId)
            try transaction.record(AuditAct(.passwordSet, of: .user(user.id)), at: now)
            return .success(())
        }
        logger.info("password changed", ["user": .string(principal.sub)])
        return [:]
    }

    /// Sends a code with which a password that was forgotten is replaced, to an address that was proven.
    func forgotPassword(_ input: CognitoInput) async throws -> JSONValue {
        _ = try await client(input)
        return try await sendCode(.passwordReset, toNamed: input.username())
    }

    /// Sets the password of whoever has the code; a second factor is asked for as before.
    func confirmForgotPassword(_ input: CognitoInput) async throws -> JSONValue {
        _ = try await client(input)
        let key = Self.usernameKey(try input.username())
        let code = try input.text("ConfirmationCode", limit: 2048)
        let password = try input.text("Password", limit: 2048)
        try Passwords.checkPolicy(password, of: key)
        // Before it is known whether there is such an account, so that the time does not tell.
        let secrets = try await secrets(of: password, for: key)
        let now = clock()
        let poolId = settings.userPoolId
        let lock = sealer.subject("password", key)
        let id = try await commit { (transaction) -> Result<String, CognitoError> in
            let found = try transaction.user(poolId: poolId, usernameKey: key)
            if let refusal = try self.redeemCode(
                code, .passwordReset, of: found, usernameKey: key, now: now, transaction)
            {
                return .failure(refusal)
            }
            guard var user = found else { return .failure(.internalError) }
            // Thrown rather than returned, so that the code is still good for a better password.
            try Passwords.checkPolicy(password, of: user)
            try user.setPassword(secrets, self.sealer)
            user.passwordExpiresAt = nil
            user.status = .confirmed
            user.updatedAt = now
            try transaction.save(user)
            try transaction.revokeTokenFamilies(userId: user.id)
            try transaction.save(IdentityAttempts(subject: lock))
            let act = AuditAct(.passwordSet, of: .user(user.id), by: .user(user.id), ["byCode": true])
            try transaction.record(act, at: now)
            return .success(user.id)
        }
        logger.info("password reset", ["user": .string(id)])
        return [:]
    }
}
