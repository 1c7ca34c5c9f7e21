internal import Catalog

extension IdentityService {
    /// Lets `body` decide about an answer to a challenge that the client kept, with the failures that were counted before.
    ///
    /// The challenge counts for one answer, right or wrong, and none while `subject` is locked. All of it is one transaction.
    ///
    /// - Parameters:
    ///   - challenge: what tells the challenge apart; stored as used until `expiresAt`, in epoch milliseconds.
    func answerOnce<R: Sendable>(
        _ challenge: [UInt8], until expiresAt: Int64, under subject: String,
        _ body:
            @escaping @Sendable (IdentityAttempts, Int64, any IdentityTransaction) throws -> Result<R, CognitoError>
    ) async throws -> R {
        try await commit { transaction in
            // Read where no other transaction can come between, or a used challenge might be forgotten before it has expired.
            let now = self.clock()
            try transaction.pruneIdentity(now: now, quietSince: now - Lockout.quietMilliseconds)
            let attempts = try transaction.attempts(subject: subject)
            guard !Lockout.isLocked(attempts, now: now) else { return .failure(.attemptsExceeded) }
            guard now < expiresAt, try transaction.use(once: challenge, until: expiresAt) else {
                return .failure(.invalidSession)
            }
            return try body(attempts, now, transaction)
        }
    }
}
