internal import Crypto

/// Whom an SRP sign-in is about, as it enters the hashes: the pool's name and `USER_ID_FOR_SRP`, without anything between.
struct SRPIdentity: Sendable {
    let bytes: [UInt8]

    /// Clients take what follows the underscore of the pool's id for its name.
    init(poolId: String, username: String) {
        let name = poolId.split(separator: "_", omittingEmptySubsequences: false).dropFirst().first ?? ""
        bytes = Array(name.utf8) + Array(username.utf8)
    }
}

/// What a server keeps of a password in order to check it with SRP.
///
/// Nobody signs in with it, but whoever has it tests guesses at a power each.
struct SRPVerifier: Sendable, Equatable {
    /// Sent to whoever asks.
    let salt: Natural
    /// `v = g^x`.
    let value: Natural

    init(salt: Natural, value: Natural) {
        self.salt = salt
        self.value = value
    }

    /// Computes the verifier of a password, which takes about a millisecond.
    init(password: String, identity: SRPIdentity, salt: Natural) throws(CryptoError) {
        let exponent = Self.exponent(password: password, identity: identity, salt: salt)
        self.init(salt: salt, value: try SRPGroup.prime.power(SRPGroup.generator, exponent))
    }

    /// `x = H(I(salt) ‖ H(identity ‖ ":" ‖ password))`.
    static func exponent(password: String, identity: SRPIdentity, salt: Natural) -> Natural {
        let secret = Digest.sha256(identity.bytes + [UInt8(ascii: ":")] + Array(password.utf8))
        return Natural(Digest.sha256(salt.signedBytes + secret))
    }
}
