internal import Audit
internal import Bytes
internal import Catalog
internal import Crypto
internal import JSON
internal import WebAuthn

extension IdentityService {
    /// Gives out what `navigator.credentials.create` is called with.
    ///
    /// The challenge is good once, for this account and this client, for `sessionSeconds`; beginning again replaces it.
    func startWebAuthnRegistration(_ input: CognitoInput) async throws -> JSONValue {
        let principal = try await principal(input)
        let relyingParty = try relyingParty()
        let lifetime = settings.sessionSeconds * 1000
        let pending = IdentityPasskeyChallenge(
            userId: principal.sub, clientId: principal.clientId, challenge: SecureRandom.bytes(32),
            expiresAt: clock() + lifetime)
        let existing = try await commit { (transaction) -> Result<[IdentityPasskey], CognitoError> in
            let existing = try transaction.passkeys(ofAccount: principal.sub)
            guard existing.count < PasskeySettings.perAccount else { return .failure(.tooManyPasskeys) }
            try transaction.save(pending)
            return .success(existing)
        }
        let options = CeremonyOptions(
            relyingParty: relyingParty, challenge: pending.challenge, timeoutMilliseconds: lifetime)
        return [
            "CredentialCreationOptions": options.creation(
                userHandle: Self.passkeyHandle(of: principal.sub), name: principal.username,
                displayName: principal.username,
                existing: existing.map { ($0.credentialId, $0.transports) })
        ]
    }

    /// Keeps the passkey that a browser has made.
    func completeWebAuthnRegistration(_ input: CognitoInput) async throws -> JSONValue {
        let principal = try await principal(input)
        let relyingParty = try relyingParty()
        let response: RegistrationResponse
        do {
            response = try RegistrationResponse(try input.document("Credential"))
        } catch let refusal as WebAuthnRefusal {
            throw CognitoError(refusing: refusal)
        }
        try await commit { (transaction) -> Result<Void, CognitoError> in
            let now = self.clock()
            guard let pending = try transaction.passkeyChallenge(userId: principal.sub), now < pending.expiresAt else {
                return .failure(.noPasskeyChallenge)
            }
            guard pending.clientId == principal.clientId else { return .failure(.foreignPasskeyChallenge) }
            // One answer, right or wrong.
            try transaction.deletePasskeyChallenge(userId: principal.sub)
            let made: RegisteredPasskey
            do throws(WebAuthnRefusal) {
                made = try response.verify(challenge: pending.challenge, relyingParty: relyingParty)
            } catch {
                return .failure(CognitoError(refusing: error))
            }
            guard try transaction.passkeys(ofAccount: principal.sub).count < PasskeySettings.perAccount else {
                return .failure(.tooManyPasskeys)
            }
            let passkey = IdentityPasskey(made, of: principal.sub, relyingParty, createdAt: now)
            guard try transaction.insert(passkey) else { return .failure(.passkeyTaken) }
            try transaction.record(AuditAct(.passkeyRegistered, of: .user(principal.sub)), at: now)
            return .success(())
        }
        return [:]
    }

    /// For whom passkeys are made, or why none are.
    private func relyingParty() throws(CognitoError) -> RelyingParty {
        guard settings.passkeys.isEnabled else { throw .passkeysNotEnabled }
        guard let relyingParty = settings.passkeys.relyingParty else { throw .noRelyingParty }
        return relyingParty
    }

    /// What an authenticator keeps of the account: its id, which tells nothing of the person.
    static func passkeyHandle(of userId: String) -> [UInt8] { Array(userId.utf8) }
}

extension IdentityReader {
    /// All passkeys of an account.
    func passkeys(ofAccount userId: String) throws -> [IdentityPasskey] {
        try passkeys(userId: userId, after: "", limit: PasskeySettings.perAccount)
    }
}

extension IdentityPasskey {
    /// The text under which a credential is kept.
    static func id(of credentialId: [UInt8]) -> String { Base64.encode(credentialId, alphabet: .url) }

    /// The id as authenticators know it.
    var credentialId: [UInt8] { Base64.decode(id, alphabet: .url) ?? [] }

    init(_ made: RegisteredPasskey, of userId: String, _ relyingParty: RelyingParty, createdAt: Int64) {
        self.init(
            id: Self.id(of: made.id), userId: userId, relyingPartyId: relyingParty.id, publicKey: made.key,
            signatureCount: Int64(made.signatureCount), isBackupEligible: made.isBackupEligible,
            transports: made.transports, attachment: made.attachment, createdAt: createdAt)
    }
}
