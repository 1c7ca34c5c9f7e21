internal import Audit
internal import Catalog
internal import JSON

/// Whose account a provider's person has here; decided inside the transaction of the sign-in.
extension IdentityService {
    /// The account that somebody comes in to.
    struct OutsideAccount: Sendable {
        let user: IdentityUser
        /// Whether it had an owner before who does not know of the link yet.
        let isNewlyLinked: Bool
    }

    /// The account that is linked; else the one whose proven address the provider vouches for; else a new one.
    ///
    /// An address that nobody has proven, on either side, links nothing and stands in nobody's way. One that several accounts
    /// have proven says not whose it is. Whoever is shut out does not come in by another door.
    func account(
        of person: OutsidePerson, at provider: IdentityProvider, now: Int64, _ transaction: any IdentityTransaction
    ) throws -> Result<OutsideAccount, CognitoError> {
        if let link = try transaction.link(
            poolId: provider.poolId, provider: provider.name, subject: person.subject)
        {
            guard link.isEnabled, let user = try transaction.user(id: link.userId) else {
                return .failure(.userDisabled)
            }
            return .success(
                OutsideAccount(user: try renew(user, person, now, transaction), isNewlyLinked: false))
        }
        if let email = person.provenEmail {
            let owners = try transaction.users(poolId: provider.poolId, provenEmail: email, limit: 10)
            guard owners.allSatisfy(\.isEnabled) else { return .failure(.userDisabled) }
            if owners.count == 1, let owner = owners.first {
                let user = try link(person, at: provider, to: owner, now, transaction)
                return .success(OutsideAccount(user: user, isNewlyLinked: true))
            }
        }
        let made = try makeAccount(for: person, at: provider, now, transaction)
        let user = try link(person, at: provider, to: made, now, transaction)
        return .success(OutsideAccount(user: user, isNewlyLinked: false))
    }

    /// Takes over what the provider says now; accounts that have a password here say for themselves.
    private func renew(
        _ known: IdentityUser, _ person: OutsidePerson, _ now: Int64, _ transaction: any IdentityTransaction
    ) throws -> IdentityUser {
        guard known.status == .externalProvider else { return known }
        var user = known
        if person.attributes["email"] != nil { user.attributes["email_verified"] = nil }
        user.attributes.merge(person.attributes) { $1 }
        guard user != known else { return known }
        user.updatedAt = now
        try transaction.save(user)
        return user
    }

    private func makeAccount(
        for person: OutsidePerson, at provider: IdentityProvider, _ now: Int64, _ transaction: any IdentityTransaction
    ) throws -> IdentityUser {
        let name = person.username(at: provider.name)
        // Somebody may have taken the name, and is not to be taken for this person.
        for username in [name, "\(provider.name)_\(RandomName.uuid())"] {
            let user = IdentityUser(
                id: RandomName.uuid(), poolId: provider.poolId, username: username,
                usernameKey: Self.usernameKey(username), attributes: person.attributes, passwordHash: nil,
                status: .externalProvider, createdAt: now)
            guard try transaction.insert(user) else { continue }
            try transaction.record(AuditAct(.userCreated, of: .user(user.id), by: .provider(provider.name)), at: now)
            return user
        }
        throw CognitoError.usernameExists
    }

    private func link(
        _ person: OutsidePerson, at provider: IdentityProvider, to user: IdentityUser, _ now: Int64,
        _ transaction: any IdentityTransaction
    ) throws -> IdentityUser {
        try transaction.save(
            IdentityLink(
                poolId: provider.poolId, provider: provider.name, subject: person.subject, userId: user.id,
                createdAt: now))
        try transaction.record(
            AuditAct(
                .providerLinked, of: .user(user.id), by: .provider(provider.name),
                ["provider": .string(provider.name)]), at: now)
        return user
    }
}
