internal import Audit
internal import Bytes
internal import Catalog
internal import Crypto
internal import JSON

/// Sign-in with SRP: `USER_SRP_AUTH`, answered with the challenge `PASSWORD_VERIFIER`.
///
/// The password never leaves the client. Between the two calls the client keeps the state, sealed (`SecretBlock`).
extension IdentityService {
    static let srpChallenge = "PASSWORD_VERIFIER"

    /// Answers a client's `SRP_A`.
    ///
    /// A name nobody has, and an account without a verifier, are answered after the same look-ups and the same arithmetic with
    /// a salt that stays the same, and with a challenge that nothing solves.
    func beginSRP(_ client: IdentityClient, _ parameters: CognitoInput) async throws -> JSONValue {
        let key = Self.usernameKey(try parameters.username("USERNAME"))
        let unusable = CognitoError.invalidParameter("Value at 'SRP_A' is no public value of SRP")
        guard let clientValue = Natural(hexadecimal: try parameters.text("SRP_A", limit: 1024)),
            SRPGroup.contains(clientValue)
        else { throw unusable }
        let subject = sealer.subject("password", key)
        let poolId = settings.userPoolId
        let (known, attempts) = try await store.read { reader in
            (try reader.user(poolId: poolId, usernameKey: key), try reader.attempts(subject: subject))
        }
        guard !Lockout.isLocked(attempts, now: clock()) else { throw CognitoError.attemptsExceeded }
        // Challenges look the same whatever the verifier is, and there is no account that the decoy's could open.
        let holder = known.flatMap { $0.sealedVerifier == nil ? nil : $0 }
        let kept = holder?.sealedVerifier ?? decoyVerifier
        let (opened, salt) = (try sealer.verifier(kept, of: (holder ?? .decoy).id), sealer.salt(of: key))
        let verifier = SRPVerifier(salt: holder == nil ? salt : opened.salt, value: opened.value)
        let (exchange, keys) = try await passwords.run {
            let exchange = try SRPExchange(verifier)
            return (exchange, try exchange.keys(clientValue))
        }
        guard let keys else { throw unusable }
        let block = SecretBlock(
            expiresAt: clock() + settings.passwordClaimSeconds * 1000, keys: keys,
            verifierHash: Digest.sha256(kept))
        let sealed = try sealer.seal(block, client: client.id, usernameKey: key)
        return [
            "ChallengeName": .string(Self.srpChallenge),
            "ChallengeParameters": [
                "SALT": .string(Hex.encode(verifier.salt.bytes)),
                "SRP_B": .string(Hex.encode(exchange.publicValue.bytes)),
                "SECRET_BLOCK": .string(Base64.encode(sealed)),
                "USERNAME": .string(key),
                "USER_ID_FOR_SRP": .string(key),
            ],
        ]
    }

    /// Checks the answer to `PASSWORD_VERIFIER`.
    ///
    /// A block counts for one answer, right or wrong, and none while the account is locked. Which block was answered, failures
    /// and success are decided in one transaction, as with passwords and under the same lock.
    func finishSRP(_ client: IdentityClient, _ responses: CognitoInput) async throws -> SignInStep {
        guard client.flows.contains(IdentityClient.srpFlow) else {
            throw CognitoError.flowNotEnabled("USER_SRP_AUTH")
        }
        let key = Self.usernameKey(try responses.username("USERNAME"))
        let timestamp = try responses.text("TIMESTAMP", limit: 64)
        guard let signedAt = SRPTimestamp.parse(timestamp) else {
            throw CognitoError.invalidParameter("Value at 'TIMESTAMP' must look like Sat Nov 7 01:02:03 UTC 2026")
        }
        let signature = Base64.decode(try responses.text("PASSWORD_CLAIM_SIGNATURE", limit: 128)) ?? []
        guard let sealed = Base64.decode(try responses.text("PASSWORD_CLAIM_SECRET_BLOCK")),
            let block = sealer.secretBlock(sealed, client: client.id, usernameKey: key)
        else { throw CognitoError.invalidSession }
        let poolId = settings.userPoolId
        let isRight = block.accepts(
            signature, identity: SRPIdentity(poolId: poolId, username: key), sealed: sealed, timestamp: timestamp)
        let subject = sealer.subject("password", key)
        return try await answerOnce(block.id, until: block.expiresAt, under: subject) { attempts, now, transaction in
            let user = try transaction.user(poolId: poolId, usernameKey: key)
            guard isRight, let user, user.hasPassword(for: client), let kept = user.sealedVerifier,
                Digest.sha256(kept) == block.verifierHash
            else {
                let owner = user.map { AuditParty.user($0.id) } ?? .name(hashed: subject)
                try transaction.countFailure(attempts, of: owner, .signIn, outcome: "wrong_password", now: now)
                return .failure(.incorrectPassword)
            }
            guard SRPTimestamp.isCurrent(signedAt, now: now) else {
                return .failure(.notAuthorized("The time of the sign-in is not now; check the clock."))
            }
            try transaction.save(IdentityAttempts(subject: subject))
            return try self.advance(user, client: client.id, proof: .password, now: now, transaction)
        }
    }
}
