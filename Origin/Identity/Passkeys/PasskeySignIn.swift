internal import Audit
internal import Bytes
internal import Catalog
internal import JSON
internal import Telemetry
internal import WebAuthn

extension IdentityService {
    /// Checks a passkey's answer to the challenge that `opened` holds.
    ///
    /// A challenge counts for one answer, right or wrong, and none while the name is locked. Which challenge was answered, failures
    /// and success are decided in one transaction, as with passwords, under a lock of passkeys' own: whoever guesses passwords does
    /// not keep the person's passkey out.
    func finishPasskey(
        _ client: IdentityClient, _ key: String, _ opened: OpenedSignIn, _ responses: CognitoInput
    ) async throws -> SignInStep {
        guard let relyingParty = settings.passkeys.usable else { throw CognitoError.passkeysNotEnabled }
        let answer = try Self.answer(in: responses)
        let subject = sealer.subject("passkey", key)
        let settings = settings
        return try await answerOnce(opened.challenge, until: opened.expiresAt, under: subject) {
            attempts, now, transaction in
            let user = try transaction.user(poolId: settings.userPoolId, usernameKey: key)
            var passkey = try transaction.passkey(id: IdentityPasskey.id(of: answer.credentialId))
            let outcome = passkey.map { $0.check(answer, challenge: opened.challenge, relyingParty) }
            guard case .success(let assertion) = outcome, let user, user.id == passkey?.userId else {
                let owner = user.map { AuditParty.user($0.id) } ?? .name(hashed: subject)
                let isCopy = outcome == .failure(.counterDidNotRise)
                if isCopy { self.logger.warning("a passkey may have been copied") }
                try transaction.countFailure(
                    attempts, of: owner, .signIn, outcome: isCopy ? "copied_passkey" : "wrong_passkey", now: now)
                return .failure(.incorrectPassword)
            }
            try transaction.save(IdentityAttempts(subject: subject))
            passkey?.signatureCount = Int64(assertion.signatureCount)
            if let passkey { try transaction.save(passkey) }
            let proof: SignInProof =
                assertion.isUserVerified && settings.passkeys.areBothFactors
                ? [.password, .secondFactor] : .password
            return try self.advance(user, client: client.id, proof: proof, now: now, transaction)
        }
    }

    private static func answer(in responses: CognitoInput) throws -> AuthenticationResponse {
        let text = try responses.text("CREDENTIAL", limit: 65_536)
        do {
            return try AuthenticationResponse(JSONValue.parse(text))
        } catch {
            throw CognitoError.invalidParameter("Value at 'CREDENTIAL' is not what a browser answers")
        }
    }
}

extension IdentityPasskey {
    /// What the answer proves, whoever it names.
    fileprivate func check(
        _ answer: AuthenticationResponse, challenge: [UInt8], _ relyingParty: RelyingParty
    ) -> Result<PasskeyAssertion, WebAuthnRefusal> {
        let stored = StoredPasskey(
            key: publicKey, signatureCount: UInt32(clamping: signatureCount), isBackupEligible: isBackupEligible,
            userHandle: IdentityService.passkeyHandle(of: userId))
        return Result { () throws(WebAuthnRefusal) in
            try answer.verify(challenge: challenge, relyingParty: relyingParty, passkey: stored)
        }
    }
}
