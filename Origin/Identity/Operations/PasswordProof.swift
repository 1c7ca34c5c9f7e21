internal import Audit
internal import Catalog

extension IdentityService {
    /// Runs `body` on the account of that name if the password is its own, in the transaction that forgets failures.
    ///
    /// A name nobody has costs the same hash and the same write as a wrong password, and is locked the same way. The
    /// lock is looked at again in the transaction, so that guesses sent in parallel are all counted before any of
    /// them can succeed.
    ///
    /// - Parameter client: who asks; nil where the account is signed in already.
    func withPassword<R: Sendable>(
        _ password: String, of usernameKey: String, for client: IdentityClient? = nil,
        _ body:
            @escaping @Sendable (inout IdentityUser, Int64, any IdentityTransaction) throws -> Result<R, CognitoError>
    ) async throws -> R {
        let subject = sealer.subject("password", usernameKey)
        let poolId = settings.userPoolId
        let (known, attempts, usingSRP) = try await store.read { reader in
            (
                try reader.user(poolId: poolId, usernameKey: usernameKey), try reader.attempts(subject: subject),
                try reader.usesSRP(poolId: poolId)
            )
        }
        guard !Lockout.isLocked(attempts, now: clock()) else { throw CognitoError.attemptsExceeded }
        let isMatching = try await passwords.verify(password, hash: known?.passwordHash)
        let isRight = isMatching && known?.hasPassword(for: client) ?? false
        var renewed: PasswordSecrets?
        if isRight, let known {
            renewed = try await renewedSecrets(of: password, for: known, usingSRP: usingSRP)
        }
        let replacement = renewed
        let now = clock()
        return try await commit { transaction in
            try transaction.pruneIdentity(now: now, quietSince: now - Lockout.quietMilliseconds)
            let attempts = try transaction.attempts(subject: subject)
            guard !Lockout.isLocked(attempts, now: now) else { return .failure(.attemptsExceeded) }
            guard isRight, let known, var user = try transaction.user(id: known.id),
                user.passwordHash == known.passwordHash
            else {
                let owner = known.map { AuditParty.user($0.id) } ?? .name(hashed: subject)
                try transaction.countFailure(attempts, of: owner, .signIn, outcome: "wrong_password", now: now)
                return .failure(.incorrectPassword)
            }
            try transaction.save(IdentityAttempts(subject: subject))
            let before = user
            if let replacement { try user.setPassword(replacement, self.sealer) }
            let result = try body(&user, now, transaction)
            if user != before { try transaction.save(user) }
            return result
        }
    }
}

extension IdentityUser {
    /// Whether `client` may find out that a password is right.
    ///
    /// Whoever signs up with somebody's name, and then signs in, would learn from `UserNotConfirmedException` that the name was
    /// free. So the password of an account that awaits its confirmation is wrong to clients that conceal who has an account.
    func hasPassword(for client: IdentityClient?) -> Bool {
        status != .unconfirmed || client.map { !$0.concealsUsers } ?? false
    }
}
