internal import Audit
internal import Catalog
internal import Crypto
internal import JSON

/// Why somebody gets no new recovery codes.
public enum RecoveryCodeRefusal: Error, Sendable {
    /// The password is not the account's.
    case wrongPassword
    /// Too many wrong passwords were tried, for this account or from this address; none is looked at now.
    case locked
    /// Sign-in asks for no authenticator, so that there is nothing to stand in for.
    case noAuthenticator
}

/// Recovery codes: made ten at a time, and taken in place of an authenticator's code.
extension IdentityService {
    /// How many codes the account has left.
    public func recoveryCodesLeft(ofUser id: String) async throws -> Int {
        try await store.read { try $0.recoveryCodeCount(userId: id) }
    }

    /// Ten new codes for whoever knows the password, as people write them down; those of before are worth nothing from now on.
    ///
    /// Wrong passwords count as they do at sign-in. Throws `RecoveryCodeRefusal`, `BlockingPool.Overloaded`, and what the store
    /// throws.
    public func newRecoveryCodes(ofUser id: String, password: String) async throws -> [String] {
        guard let account = try await store.read({ try $0.user(id: id) }), account.isSoftwareTokenEnabled else {
            throw RecoveryCodeRefusal.noAuthenticator
        }
        do {
            try await counting(.failedGuesses) {
                try await withPassword(password, of: account.usernameKey) {
                    (_, _, _) -> Result<Void, CognitoError> in .success(())
                }
            }
        } catch let error as CognitoError {
            if error == .incorrectPassword { throw RecoveryCodeRefusal.wrongPassword }
            if error == .attemptsExceeded || error.status == 429 { throw RecoveryCodeRefusal.locked }
            throw error
        }
        return try await replaceRecoveryCodes(of: id)
    }

    /// The same for somebody who has just proven who they are, with all that sign-in asks for.
    func replaceRecoveryCodes(of userId: String) async throws -> [String] {
        let codes = RecoveryCode.drawn()
        let parameters = settings.passwordHash
        let kept = try await passwords.run {
            try codes.map { code in
                IdentityRecoveryCode(
                    userId: userId, lookup: code.lookup,
                    hash: try Argon2id.hash(Array(code.text.utf8), parameters: parameters))
            }
        }
        let now = clock()
        let owner = try await store.write { transaction throws -> IdentityUser in
            // Looked at again, so that an authenticator taken away meanwhile leaves nothing behind.
            guard let user = try transaction.user(id: userId), user.isSoftwareTokenEnabled else {
                throw RecoveryCodeRefusal.noAuthenticator
            }
            try transaction.replaceRecoveryCodes(userId: userId, with: kept)
            try transaction.record(AuditAct(.recoveryCodesMade, of: .user(userId), by: .user(userId)), at: now)
            return user
        }
        sendNotice(.recoveryCodesMade, to: owner)
        return codes.map(\.written)
    }

    /// Looks at what was typed for an authenticator's code, before the transaction that decides; nil where it has not the shape
    /// of a recovery code.
    ///
    /// A code that the account has not costs the same hash as a wrong one.
    func examine(
        _ text: String, ofUser owner: () async throws -> IdentityUser
    ) async throws -> ExaminedRecoveryCode? {
        guard let code = RecoveryCode(text) else { return nil }
        let userId = try await owner().id
        let subject = sealer.subject(Self.secondFactorLock, userId)
        let (kept, attempts) = try await store.read { reader in
            (try reader.recoveryCode(userId: userId, lookup: code.lookup), try reader.attempts(subject: subject))
        }
        guard !Lockout.isLocked(attempts, now: clock()) else { throw CognitoError.attemptsExceeded }
        let isRight = try await passwords.verify(code.text, hash: kept?.hash)
        return ExaminedRecoveryCode(right: isRight ? kept : nil)
    }

    /// Uses a code up; nil means that it was right and nobody was faster. Wrong ones count with those of authenticators.
    func redeem(
        _ code: ExaminedRecoveryCode, of user: IdentityUser, _ now: Int64, _ transaction: any IdentityTransaction
    ) throws -> CognitoError? {
        let subject = sealer.subject(Self.secondFactorLock, user.id)
        let attempts = try transaction.attempts(subject: subject)
        guard !Lockout.isLocked(attempts, now: now) else { return .attemptsExceeded }
        guard let right = code.right, right.userId == user.id, try transaction.use(right) else {
            try transaction.countFailure(attempts, of: .user(user.id), .secondFactor, outcome: "wrong_code", now: now)
            return .wrongSoftwareTokenCode
        }
        try transaction.save(IdentityAttempts(subject: subject))
        let left = try transaction.recoveryCodeCount(userId: user.id)
        try transaction.record(
            AuditAct(.recoveryCodeUsed, of: .user(user.id), by: .user(user.id), ["left": .integer(Int64(left))]),
            at: now)
        return nil
    }
}

/// A recovery code that was compared with what is kept of it.
struct ExaminedRecoveryCode: Sendable {
    /// What is to be used up; nil for a wrong code.
    let right: IdentityRecoveryCode?
}

extension IdentityTransaction {
    /// Recovery codes of an account that is asked for no authenticator stand in for nothing.
    func forgetRecoveryCodes(unlessNeededBy user: IdentityUser) throws {
        guard !user.isSoftwareTokenEnabled else { return }
        try replaceRecoveryCodes(userId: user.id, with: [])
    }
}
