/// Accounts, sessions and token families, behind transactions like the rest of the catalog.
///
/// Every rule that must hold under concurrency (a code used once, a session answered once, a counter that counts every
/// guess) reads and writes inside one `write`.
public protocol IdentityStore: Sendable {
    /// Runs `body` on one consistent snapshot.
    func read<R: Sendable>(_ body: @escaping @Sendable (any IdentityReader) throws -> R) async throws -> R

    /// Runs `body` in one transaction: all of it is durable when this returns, none of it when this throws.
    func write<R: Sendable>(_ body: @escaping @Sendable (any IdentityTransaction) throws -> R) async throws -> R
}

/// What a snapshot of the identities can answer.
public protocol IdentityReader {
    /// The pool, or nil; also nil once it is being removed.
    func pool(id: String) throws -> IdentityPool?
    /// Up to `limit` pools by id, from the first that comes after `after`.
    func pools(after: String, limit: Int) throws -> [IdentityPool]
    /// The ids of pools that are being removed.
    func deletedPools() throws -> [String]
    /// The client, or nil.
    func client(id: String) throws -> IdentityClient?
    /// Up to `limit` clients of a pool by id, from the first that comes after `after`.
    func clients(poolId: String, after: String, limit: Int) throws -> [IdentityClient]
    /// Whether a client of the pool may sign in with SRP.
    func usesSRP(poolId: String) throws -> Bool
    /// The signing keys of a pool; the one that begins to sign last comes first.
    func signingKeys(poolId: String) throws -> [IdentitySigningKey]
    /// What a pool derives names and codes from, sealed; nil before it is set up.
    func sealedPoolSecret(poolId: String) throws -> [UInt8]?
    /// The account, or nil.
    func user(id: String) throws -> IdentityUser?
    /// The account of that name, or nil; `usernameKey` is already in lower case.
    func user(poolId: String, usernameKey: String) throws -> IdentityUser?
    /// Up to `limit` accounts that pass `filter`, by name, from the first whose `usernameKey` comes after `after`.
    func users(poolId: String, _ filter: IdentityUserFilter, after: String, limit: Int) throws -> [IdentityUser]
    /// Up to `limit` accounts with that address, which they have proven; none that has yet to be confirmed.
    func users(poolId: String, provenEmail: String, limit: Int) throws -> [IdentityUser]
    /// The outside provider, or nil.
    func provider(poolId: String, name: String) throws -> IdentityProvider?
    /// Up to `limit` outside providers by name, from the first that comes after `after`.
    func providers(poolId: String, after: String, limit: Int) throws -> [IdentityProvider]
    /// Whose account that is here, or nil.
    func link(poolId: String, provider: String, subject: String) throws -> IdentityLink?
    /// The code that was sent for this purpose, or nil.
    func code(userId: String, purpose: IdentityCode.Purpose) throws -> IdentityCode?
    /// The recovery code of an account that begins with `lookup`, or nil.
    func recoveryCode(userId: String, lookup: String) throws -> IdentityRecoveryCode?
    /// How many recovery codes an account has left.
    func recoveryCodeCount(userId: String) throws -> Int
    /// The group, or nil.
    func group(poolId: String, name: String) throws -> IdentityGroup?
    /// Up to `limit` groups by name, from the first that comes after `after`; those of one account where it is named.
    func groups(poolId: String, of userId: String?, after: String, limit: Int) throws -> [IdentityGroup]
    /// The passkey, whoever has it, or nil.
    func passkey(id: String) throws -> IdentityPasskey?
    /// Up to `limit` passkeys of an account by id, from the first that comes after `after`.
    func passkeys(userId: String, after: String, limit: Int) throws -> [IdentityPasskey]
    /// The passkey that is being made for an account, or nil.
    func passkeyChallenge(userId: String) throws -> IdentityPasskeyChallenge?
    /// The failures recorded for a subject; a record without failures when there are none.
    func attempts(subject: String) throws -> IdentityAttempts
    /// Whether `use` was told of this, and its record is still kept.
    func wasUsed(_ id: [UInt8]) throws -> Bool
    /// The session, or nil.
    func session(idHash: [UInt8]) throws -> IdentitySession?
    /// The family, or nil once it has been revoked.
    func tokenFamily(id: String) throws -> IdentityTokenFamily?
    /// Up to `limit` families of an account that last beyond `now`, by id, from the first that comes after `after`.
    func tokenFamilies(userId: String, now: Int64, after: String, limit: Int) throws -> [IdentityTokenFamily]
    /// The family of that refresh token, or nil once it has been revoked.
    func tokenFamily(refreshTokenHash: [UInt8]) throws -> IdentityTokenFamily?
    /// The browser session, or nil once it has been ended.
    func browserSession(idHash: [UInt8]) throws -> IdentityBrowserSession?
    /// The family that came of that authorization code, or nil once it has been revoked.
    func tokenFamily(codeHash: [UInt8]) throws -> IdentityTokenFamily?
    /// The authorization code, or nil once it has been used or its browser session has ended.
    func authorizationCode(hash: [UInt8]) throws -> IdentityAuthorizationCode?
}

/// What a transaction can change about the identities, and the log that tells of it.
public protocol IdentityTransaction: IdentityReader, AuditWriter {
    /// Adds a pool; false, and nothing changed, if there is one of that id.
    func insert(_ pool: IdentityPool) throws -> Bool
    /// Replaces everything that can change about a pool.
    func save(_ pool: IdentityPool) throws
    /// Removes up to `limit` of what belongs to a pool that is being removed, and with the last of it the pool; true once nothing
    /// is left.
    func removeDeletedPool(id: String, limit: Int) throws -> Bool
    /// Adds a client or replaces the one of that id; verifiers of passwords go when no client is left that needs them.
    func save(_ client: IdentityClient) throws
    /// Removes a client, and verifiers as `save` does; false if there was none.
    func deleteClient(id: String) throws -> Bool
    /// Adds a signing key.
    func insert(_ key: IdentitySigningKey) throws
    /// Removes a signing key: no token that it signed is good any more.
    func deleteSigningKey(id: String) throws
    /// Stores what a pool derives names and codes from, unless it has such a secret.
    func insert(sealedPoolSecret: [UInt8], poolId: String) throws
    /// Adds an account; false, and nothing changed, if the name is taken.
    func insert(_ user: IdentityUser) throws -> Bool
    /// Replaces everything that can change about an account.
    func save(_ user: IdentityUser) throws
    /// Removes an account with all that belongs to it.
    func deleteUser(id: String) throws
    /// Adds an outside provider; false, and nothing changed, if the name is taken.
    func insert(_ provider: IdentityProvider) throws -> Bool
    /// Replaces everything that can change about an outside provider.
    func save(_ provider: IdentityProvider) throws
    /// Removes an outside provider with all links to it; the accounts stay. False if there is none.
    func deleteProvider(poolId: String, name: String) throws -> Bool
    /// Adds a link or replaces the one of that provider and subject.
    func save(_ link: IdentityLink) throws
    /// Keeps what is needed when a person comes back from a provider.
    func insert(_ departure: IdentityDeparture) throws
    /// Gives it back, once; nil if there is none.
    func takeDeparture(stateHash: [UInt8]) throws -> IdentityDeparture?
    /// Adds a code or replaces the one of that account and purpose.
    func save(_ code: IdentityCode) throws
    /// Takes a code back.
    func deleteCode(userId: String, purpose: IdentityCode.Purpose) throws
    /// Gives an account these recovery codes and no others.
    func replaceRecoveryCodes(userId: String, with codes: [IdentityRecoveryCode]) throws
    /// Uses a recovery code up; false if it was used or replaced already.
    func use(_ code: IdentityRecoveryCode) throws -> Bool
    /// Adds a group; false, and nothing changed, if the name is taken.
    func insert(_ group: IdentityGroup) throws -> Bool
    /// Replaces everything that can change about a group.
    func save(_ group: IdentityGroup) throws
    /// Removes a group; its members stay. False if there is none.
    func deleteGroup(poolId: String, name: String) throws -> Bool
    /// Makes an account a member of a group of its pool, which exists; nothing happens if it is one.
    func addMember(_ userId: String, to group: IdentityGroup) throws
    /// Ends a membership, if there is one.
    func removeMember(_ userId: String, from group: IdentityGroup) throws
    /// Adds a passkey; false, and nothing changed, if somebody has it already.
    func insert(_ passkey: IdentityPasskey) throws -> Bool
    /// Replaces a passkey's count of signatures.
    func save(_ passkey: IdentityPasskey) throws
    /// Removes an account's passkey; false if it has none of that id.
    func deletePasskey(id: String, userId: String) throws -> Bool
    /// Adds the challenge of a passkey that is being made, or replaces the account's.
    func save(_ challenge: IdentityPasskeyChallenge) throws
    /// Ends a challenge, if there is one.
    func deletePasskeyChallenge(userId: String) throws
    /// Replaces the record of a subject; one without failures is removed.
    func save(_ attempts: IdentityAttempts) throws
    /// Adds a session.
    func insert(_ session: IdentitySession) throws
    /// Replaces the failure count of a session.
    func save(_ session: IdentitySession) throws
    /// Ends a session; false if it was gone already.
    func deleteSession(idHash: [UInt8]) throws -> Bool
    /// Adds an authorization code.
    func insert(_ code: IdentityAuthorizationCode) throws
    /// Takes an authorization code back.
    func deleteAuthorizationCode(hash: [UInt8]) throws
    /// Ends all sessions of an account.
    func deleteSessions(userId: String) throws
    /// Counts a wrong answer to a second factor and returns how many there were in a row, however long ago.
    func countSecondFactorFailure(userId: String) throws -> Int
    /// Ends the row of wrong answers.
    func forgetSecondFactorFailures(userId: String) throws
    /// Adds a token family.
    func insert(_ family: IdentityTokenFamily) throws
    /// Replaces how often, and when last, the refresh token of a family was replaced.
    func save(_ family: IdentityTokenFamily) throws
    /// Notes the last use of a family, if there still is one of that id.
    func note(_ use: IdentityTokenFamily.Use, ofTokenFamily id: String) throws
    /// Ends a family: its refresh token and every token made with it.
    func revokeTokenFamily(id: String) throws
    /// Ends all families of an account, but for the one named, all its browser sessions, and its sign-ins that are under way:
    /// what they have proven may not be so any more.
    func revokeTokenFamilies(userId: String, except kept: String?) throws
    /// Ends all families that a client has begun.
    func revokeTokenFamilies(clientId: String) throws
    /// Adds a browser session.
    func insert(_ session: IdentityBrowserSession) throws
    /// Replaces when a browser session was last used.
    func save(_ session: IdentityBrowserSession) throws
    /// Ends a browser session; false if it was gone already.
    func deleteBrowserSession(idHash: [UInt8]) throws -> Bool
    /// Records that something sealed, which the store knows nothing else about, was used; false if it had been already.
    ///
    /// The record is kept until `expiresAt`, in epoch milliseconds, from when on the caller refuses it for its age.
    func use(once id: [UInt8], until expiresAt: Int64) throws -> Bool
    /// Removes what has ended: sessions, challenges, families and browser sessions that expired, records of what was used, and
    /// failures whose lock ended before `quietSince`.
    func pruneIdentity(now: Int64, quietSince: Int64) throws
}

extension IdentityTransaction {
    /// Ends all families, browser sessions and sign-ins under way of an account.
    public func revokeTokenFamilies(userId: String) throws { try revokeTokenFamilies(userId: userId, except: nil) }
}
