internal import Audit
internal import Catalog
internal import JSON

/// Where guessing at second factors ends, beside the lock: whoever guesses has the password.
extension IdentityService {
    /// How many wrong answers in a row an account takes before its sign-ins end, and how many more before its owner is told again.
    static let secondFactorTries = 20

    /// Counts what became of a second factor of an account, over all of its sessions and however slowly they come.
    ///
    /// From the twentieth wrong one on each ends every sign-in that is under way, so that the password is asked for again; a right
    /// one begins anew.
    ///
    /// - Parameter refusal: nil for a right one.
    /// - Returns: the same refusal, but for the twentieth, fortieth and so on, of which the owner must be warned.
    func countGuess(
        _ refusal: CognitoError?, of userId: String, _ now: Int64, _ transaction: any IdentityTransaction
    ) throws -> CognitoError? {
        guard let refusal else {
            try transaction.forgetSecondFactorFailures(userId: userId)
            return nil
        }
        guard refusal == .wrongSoftwareTokenCode else { return refusal }
        let failures = try transaction.countSecondFactorFailure(userId: userId)
        guard failures >= Self.secondFactorTries else { return refusal }
        try transaction.deleteSessions(userId: userId)
        guard failures.isMultiple(of: Self.secondFactorTries) else { return refusal }
        try transaction.record(
            AuditAct(
                .secondFactorStopped, of: .user(userId), outcome: "ended", ["failures": .integer(Int64(failures))]),
            at: now)
        return .secondFactorStopped
    }

    /// Runs `body`, which takes a second factor of an account, and writes to its owner if guessing was stopped in it.
    ///
    /// - Parameter username: the account's name or id.
    func warningOfGuesses<R: Sendable>(at username: String, _ body: () async throws -> R) async throws -> R {
        do {
            return try await body()
        } catch let refusal as CognitoError where refusal == .secondFactorStopped {
            let poolId = settings.userPoolId
            let user = try await store.read { reader in
                try reader.user(poolId: poolId, usernameKey: username) ?? reader.user(id: username)
            }
            if let user, user.attributes["email_verified"] == "true" {
                sendBesides(Letter(code: "", purpose: .secondFactorGuessed, user: user))
            }
            throw refusal
        }
    }
}
