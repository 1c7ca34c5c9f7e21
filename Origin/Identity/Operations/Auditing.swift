internal import Audit
internal import Catalog
internal import JSON

extension IdentityTransaction {
    /// Counts a wrong password or code, and tells the audit log of it and of the lock that may follow.
    ///
    /// One entry whether the account exists or not, so that it takes as long.
    func countFailure(
        _ attempts: IdentityAttempts, of owner: AuditParty, _ action: AuditAct.Action, outcome: String, now: Int64
    ) throws {
        let counted = Lockout.afterFailure(attempts, now: now)
        try save(counted)
        var details: JSONObject = ["failures": .integer(Int64(counted.failures))]
        if Lockout.isLocked(counted, now: now) {
            details["lockedMilliseconds"] = .integer(counted.lockedUntil - now)
        }
        try record(AuditAct(action, of: owner, outcome: outcome, details), at: now)
    }
}

extension IdentityTransaction {
    /// Adds a key that signs tokens, and tells the audit log.
    func publish(_ key: IdentitySigningKey) throws {
        try insert(key)
        try record(
            AuditAct(.tokenKeyCreated, of: .tokenKey(key.id), ["signsFrom": .integer(key.signsFrom)]),
            at: key.createdAt)
    }
}

extension IdentityService {
    /// Decides inside a transaction what comes after `proof`, stores it, and tells the audit log.
    func advance(
        _ user: IdentityUser, client clientId: String, proof: SignInProof,
        goal: IdentitySession.Goal = .tokens, now: Int64, _ transaction: any IdentityTransaction
    ) throws -> Result<SignInStep, CognitoError> {
        let result = try decide(user, client: clientId, proof: proof, goal: goal, now: now, transaction)
        var details: JSONObject = ["client": .string(clientId)]
        let outcome: String
        switch result {
        case .success(.signedIn(_, let family, _, _)):
            outcome = AuditAct.success
            details["signIn"] = .string(family.id)
        case .success(.signedInBrowser):
            outcome = AuditAct.success
            details["browser"] = true
        case .success(.challenge(let step, _, _)):
            outcome = "challenge"
            details["challenge"] = .string(step.rawValue)
        case .failure(let refusal):
            outcome = "refused"
            details["reason"] = .string(refusal.message)
        }
        // A proof was accepted, or there would be nothing to decide.
        try transaction.record(
            AuditAct(.signIn, of: .user(user.id), by: .user(user.id), outcome: outcome, details), at: now)
        return result
    }
}
