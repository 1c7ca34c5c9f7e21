internal import Catalog
internal import Crypto

/// What is kept of a password.
struct PasswordSecrets: Sendable {
    /// Argon2id, in PHC form.
    let hash: String
    /// Nil where no client of the pool signs in with SRP: guesses at a hash cost tens of milliseconds and its memory, guesses
    /// at a verifier a thirtieth and none.
    let verifier: SRPVerifier?

    /// Slow; `usernameKey` is the name that a sign-in with SRP is for.
    init(
        _ password: String, of usernameKey: String, usingSRP: Bool, settings: IdentitySettings, sealer: SecretSealer
    ) throws(CryptoError) {
        hash = try Argon2id.hash(Array(password.utf8), parameters: settings.passwordHash)
        verifier =
            try usingSRP
            ? SRPVerifier(password, of: usernameKey, poolId: settings.userPoolId, sealer: sealer) : nil
    }
}

extension SRPVerifier {
    /// The verifier of an account's password.
    init(_ password: String, of usernameKey: String, poolId: String, sealer: SecretSealer) throws(CryptoError) {
        try self.init(
            password: password, identity: SRPIdentity(poolId: poolId, username: usernameKey),
            salt: sealer.salt(of: usernameKey))
    }
}

extension IdentityUser {
    /// Gives the account a password; nothing is left of the one before.
    mutating func setPassword(_ secrets: PasswordSecrets, _ sealer: SecretSealer) throws(CryptoError) {
        passwordHash = secrets.hash
        if let verifier = secrets.verifier { sealedVerifier = try sealer.seal(verifier, of: id) }
    }
}

extension IdentityService {
    /// What is kept of a new password of the account of that name, which need not exist yet; refuses one that is too short for
    /// the pool.
    func secrets(of password: String, for usernameKey: String) async throws -> PasswordSecrets {
        let options = try await store.read { try self.pool(in: $0).options }
        guard password.unicodeScalars.count >= minimumPasswordLength(of: options) else {
            throw CognitoError.invalidPassword("Password did not conform with policy: Password not long enough")
        }
        return try await secretsAnew(of: password, for: usernameKey)
    }

    private func secretsAnew(of password: String, for usernameKey: String) async throws -> PasswordSecrets {
        let (settings, sealer) = (settings, sealer)
        let usingSRP = try await store.read { try $0.usesSRP(poolId: settings.userPoolId) }
        return try await passwords.run {
            try PasswordSecrets(password, of: usernameKey, usingSRP: usingSRP, settings: settings, sealer: sealer)
        }
    }

    /// What is to be kept from now on of an account's password, which the caller has just been told; nil where nothing is
    /// missing and nothing is out of date.
    func renewedSecrets(
        of password: String, for user: IdentityUser, usingSRP: Bool
    ) async throws -> PasswordSecrets? {
        guard user.passwordHash.map(passwords.needsRehash) ?? false || usingSRP && user.sealedVerifier == nil else {
            return nil
        }
        return try await secretsAnew(of: password, for: user.usernameKey)
    }
}
