internal import Audit
internal import Catalog
internal import Crypto
internal import JSON

/// What administrators do with the authenticators of others.
///
/// Cognito cannot enrol somebody; these two operations are Weir's own. Who may call them could as well set a password and take
/// the authenticator away, so they give nobody more power, and both are told the audit log.
extension IdentityService {
    /// Hands out a secret to enrol for somebody; what is in use stays in use until the new one is verified.
    func adminAssociateSoftwareToken(_ input: CognitoInput) async throws -> JSONValue {
        let secret = SecureRandom.bytes(TimeBasedCode.secretBytes)
        let username = try await administer(input, .authenticatorPrepared) {
            (user, _, _) -> Result<String, CognitoError> in
            user.pendingSoftwareTokenSecret = try self.sealer.seal(secret, owner: user.id, field: .softwareToken)
            return .success(user.username)
        }
        let setup = AuthenticatorSetup(secret: secret, issuer: settings.authenticatorIssuer, account: username)
        return ["SecretCode": .string(setup.secretCode), "SetupURI": .string(setup.uri)]
    }

    /// Verifies what `adminAssociateSoftwareToken` handed out; from now on sign-in asks for its codes.
    func adminVerifySoftwareToken(_ input: CognitoInput) async throws -> JSONValue {
        let code = try input.text("UserCode", limit: 64)
        try await administer(input, .authenticatorEnrolled) {
            (user, now, transaction) -> Result<Void, CognitoError> in
            if let refusal = try self.activatePending(code, &user, now, transaction) { return .failure(refusal) }
            user.asksForSoftwareToken()
            return .success(())
        }
        return ["Status": "SUCCESS"]
    }

    /// Takes the authenticator and its recovery codes away, for a person who has lost it.
    func adminDeleteSoftwareToken(_ input: CognitoInput) async throws -> JSONValue {
        try await administer(input, .authenticatorRemoved) { (user, _, transaction) -> Result<Void, CognitoError> in
            user.softwareToken = nil
            user.pendingSoftwareTokenSecret = nil
            user.isSoftwareTokenEnabled = false
            user.isSoftwareTokenPreferred = false
            try transaction.forgetRecoveryCodes(unlessNeededBy: user)
            return .success(())
        }
        return [:]
    }
}

extension IdentityUser {
    /// Has sign-in ask for the authenticator's codes from now on.
    mutating func asksForSoftwareToken() {
        isSoftwareTokenEnabled = true
        isSoftwareTokenPreferred = true
    }
}
