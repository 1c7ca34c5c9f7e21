internal import Audit
internal import Catalog

/// How long ids of accounts that were removed, and that their owners were told something, are remembered.
private let dayMilliseconds: Int64 = 86_400_000

/// What lets nobody find out by signing up whether a name has an account.
extension IdentityService {
    /// The `sub` that a sign-up with this name is answered with today, whether it makes an account, has made it, or finds
    /// another's.
    ///
    /// An id that an account had is not given again; `remove` sees to it for the rest of the day, after which all are new.
    func signUpId(of usernameKey: String, now: Int64, _ reader: any IdentityReader) throws -> String {
        let day = now / dayMilliseconds
        var id: String
        var turn = 0
        repeat {
            id = sealer.uuid("sign-up", "\(day)|\(turn)|\(usernameKey)")
            turn += 1
        } while try reader.wasUsed(Array(id.utf8))
        return id
    }

    /// Does the writing that making this account would be, and leaves nothing of it, so that the time does not tell.
    func pretend(_ user: IdentityUser, _ transaction: any IdentityTransaction) throws {
        // No account can have a name with white space.
        var decoy = IdentityUser(
            id: RandomName.uuid(), poolId: user.poolId, username: user.username, usernameKey: " \(user.id)",
            attributes: user.attributes, passwordHash: user.passwordHash, status: user.status,
            createdAt: user.createdAt)
        decoy.sealedVerifier = user.sealedVerifier
        guard try transaction.insert(decoy) else { return }
        _ = try issueCode(.signUp, to: decoy, now: user.createdAt, transaction)
        try transaction.deleteUser(id: decoy.id)
    }

    /// What is sent to the owner of a name that somebody, perhaps they, signed up with: the code again as long as they have not
    /// confirmed, else once a day that they have an account.
    func notice(
        to owner: IdentityUser, now: Int64, _ transaction: any IdentityTransaction
    ) throws -> Letter? {
        if owner.mayHave(.signUp) {
            let code = try issueCode(.signUp, to: owner, now: now, transaction)
            return Letter(code: code, purpose: .signUp, user: owner)
        }
        let mark = sealer.mark("name-taken", owner.usernameKey)
        guard try transaction.use(once: mark, until: now + dayMilliseconds) else { return nil }
        return Letter(code: "", purpose: .nameTaken, user: owner)
    }
}

extension IdentityTransaction {
    /// Removes an account for good: nobody who signs up with its name gets its id.
    func remove(_ userId: String, now: Int64) throws {
        try deleteUser(id: userId)
        _ = try use(once: Array(userId.utf8), until: now + dayMilliseconds)
    }
}
