internal import Crypto

/// The server's half of one SRP-6a exchange, the same for the same secret.
///
/// 2 is a square modulo the prime, so every `g^b` is one as well. If `B` were always `k·v + g^b`, whoever asks for a few
/// dozen of them could test any guess at the password by himself: `B − k·v` is a square each time for the right one and half
/// of the time for others. So the sign of `g^b` is drawn as well, which makes `B − k·v` anything. A client computes with what
/// it gets and arrives at `S` or at `−S`, depending on what the server does not know; the keys of both are good.
struct SRPExchange: Sendable {
    /// The length of `b`, twice the strength that the prime has.
    static let secretBytes = 32

    /// `B = k·v ± g^b`, never zero in practice.
    let publicValue: Natural
    private let verifier: Natural
    private let secret: Natural

    /// Takes one power.
    init(_ verifier: SRPVerifier, secret: Natural, isNegated: Bool) throws(CryptoError) {
        let prime = SRPGroup.prime
        let blinding = try prime.product(SRPGroup.multiplier, verifier.value)
        let power = try prime.power(SRPGroup.generator, secret)
        publicValue = try isNegated ? prime.difference(blinding, power) : prime.sum(blinding, power)
        self.verifier = verifier.value
        self.secret = secret
    }

    /// An exchange with a secret and a sign that nobody can guess.
    init(_ verifier: SRPVerifier) throws(CryptoError) {
        try self.init(
            verifier, secret: Natural(SecureRandom.bytes(Self.secretBytes)),
            isNegated: SecureRandom.bytes(1).contains { $0 & 1 == 1 })
    }

    /// `u = H(I(A) ‖ I(B))`.
    func scrambler(_ clientValue: Natural) -> Natural {
        Natural(Digest.sha256(clientValue.signedBytes + publicValue.signedBytes))
    }

    /// `S = (A·v^u)^b`; nil where `A` is a multiple of the prime or `u` is zero. Takes two powers.
    func sharedSecret(_ clientValue: Natural, scrambler: Natural) throws(CryptoError) -> Natural? {
        guard SRPGroup.contains(clientValue), !scrambler.isZero else { return nil }
        let prime = SRPGroup.prime
        let base = try prime.product(clientValue, prime.power(verifier, scrambler))
        return try prime.power(base, secret)
    }

    /// The keys of `S` and `−S`; nil where there is no `S`.
    func keys(_ clientValue: Natural) throws(CryptoError) -> [[UInt8]]? {
        let scrambler = scrambler(clientValue)
        guard let shared = try sharedSecret(clientValue, scrambler: scrambler) else { return nil }
        let negated = try SRPGroup.prime.difference(Natural([]), shared)
        return [shared, negated].map { SRPKey.derive($0, scrambler: scrambler) }
    }
}

/// The key that both sides arrive at, and what the client signs with it.
enum SRPKey {
    static let bytes = 16

    /// HKDF-SHA-256 (RFC 5869) of `S` with `u` as the salt; one block is enough.
    static func derive(_ shared: Natural, scrambler: Natural) -> [UInt8] {
        let pseudorandom = HMAC.sha256(key: scrambler.signedBytes, message: shared.signedBytes)
        return Array(HMAC.sha256(key: pseudorandom, message: Array("Caldera Derived Key".utf8) + [1]).prefix(bytes))
    }

    /// `PASSWORD_CLAIM_SIGNATURE`, over the timestamp letter by letter.
    static func signature(
        key: [UInt8], identity: SRPIdentity, secretBlock: [UInt8], timestamp: String
    ) -> [UInt8] {
        HMAC.sha256(key: key, message: identity.bytes + secretBlock + Array(timestamp.utf8))
    }
}
