internal import Crypto

extension SecretSealer {
    /// Seals a verifier for its account: the length of the salt, the salt, the value.
    func seal(_ verifier: SRPVerifier, of userId: String) throws(CryptoError) -> [UInt8] {
        let salt = verifier.salt.bytes
        return try seal([UInt8(salt.count)] + salt + verifier.value.bytes, owner: userId, field: .srpVerifier)
    }

    /// Opens what was sealed for that account.
    func verifier(_ sealed: [UInt8], of userId: String) throws(CryptoError) -> SRPVerifier {
        let opened = try open(sealed, owner: userId, field: .srpVerifier)
        let (saltBytes, rest) = (Int(opened.first ?? 0), opened.dropFirst())
        return SRPVerifier(
            salt: Natural(Array(rest.prefix(saltBytes))), value: Natural(Array(rest.dropFirst(saltBytes))))
    }

    /// Seals the state of a sign-in for the client and the name it began with.
    func seal(_ block: SecretBlock, client: String, usernameKey: String) throws(CryptoError) -> [UInt8] {
        try seal(block.bytes, owner: signIn(client, usernameKey), field: .srpChallenge)
    }

    /// Opens what was sealed for that client and that name; nil for everything else.
    func secretBlock(_ sealed: [UInt8], client: String, usernameKey: String) -> SecretBlock? {
        let opened = try? open(sealed, owner: signIn(client, usernameKey), field: .srpChallenge)
        return opened.flatMap { SecretBlock($0) }
    }
}
