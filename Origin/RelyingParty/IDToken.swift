internal import Bytes
internal import Crypto
public import JSON

/// What a provider has said of a person, in a token that was checked (OpenID Connect Core 1.0 §3.1.3.7).
public struct IDToken: Sendable, Equatable {
    /// A token longer than this is refused unread, in bytes.
    public static let maximumBytes = 32_768
    /// How far clocks may differ, in seconds.
    public static let leewaySeconds: Int64 = 60

    /// What a token must say to be for this sign-in.
    public struct Expectation: Sendable {
        /// The provider, byte for byte.
        public let issuer: String
        /// Our id at the provider.
        public let clientId: String
        /// What the authorization request carried.
        public let nonce: String
        /// The access token that came along; nil for none.
        public let accessToken: String?
        /// Epoch seconds.
        public let now: Int64

        /// An expectation.
        public init(issuer: String, clientId: String, nonce: String, accessToken: String?, now: Int64) {
            self.issuer = issuer
            self.clientId = clientId
            self.nonce = nonce
            self.accessToken = accessToken
            self.now = now
        }
    }

    /// Why a token is refused.
    public enum Refusal: String, Error, Sendable {
        /// It is no signed token of three parts, or longer than one may be.
        case malformed
        /// It is signed otherwise than with RS256 or ES256, or not at all.
        case algorithm
        /// Its header brings or points to keys, demands extensions, or says that it is another kind of token.
        case header
        /// No key of the provider's, of the kind that the algorithm needs, has that id; a newer key set may have it.
        case unknownKey = "unknown key"
        /// The signature is not the key's.
        case signature
        /// Another issuer's.
        case issuer
        /// For another client, or for several of which another asked.
        case audience
        /// Its time is over, or it names none.
        case expired
        /// Its time has not come, or it does not say when it was made.
        case notYet = "not yet"
        /// Made for another sign-in.
        case nonce
        /// Another access token's.
        case accessTokenHash = "access token hash"
        /// It names nobody, or in a form that no subject has.
        case subject
    }

    /// Who it is, to this provider.
    public let subject: String
    /// Everything it says.
    public let claims: JSONObject

    /// Checks a token: signature first, then what it says.
    public init(_ token: String, keys: ProviderKeys, expecting: Expectation) throws(Refusal) {
        let claims = try Self.signed(token, keys)
        guard let issuer = claims["iss"]?.string, issuer.utf8.elementsEqual(expecting.issuer.utf8) else {
            throw .issuer
        }
        try Self.checkAudience(claims, expecting.clientId)
        try Self.checkTimes(claims, now: Double(expecting.now))
        guard let nonce = claims["nonce"]?.string, constantTimeEqual(nonce, expecting.nonce) else { throw .nonce }
        if let hash = claims["at_hash"], let accessToken = expecting.accessToken {
            // Both algorithms hash with SHA-256, of which the first half is meant (Core §3.1.3.6).
            let expected = Base64.encode(Digest.sha256(Array(accessToken.utf8)).prefix(16), alphabet: .url)
            guard hash.string == expected else { throw .accessTokenHash }
        }
        guard let subject = claims["sub"]?.string, (1...255).contains(subject.utf8.count),
            subject.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f })
        else { throw .subject }
        self.subject = subject
        self.claims = claims
    }

    private static func signed(_ token: String, _ keys: ProviderKeys) throws(Refusal) -> JSONObject {
        guard token.utf8.count <= maximumBytes else { throw .malformed }
        let parts = token.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, let header = object(parts[0]),
            let signature = Base64.decode(parts[2], alphabet: .url)
        else { throw .malformed }
        guard let algorithm = header["alg"]?.string.flatMap(SignatureAlgorithm.init(rawValue:)) else {
            throw .algorithm
        }
        guard ["crit", "jwk", "jku", "x5u", "x5c", "b64"].allSatisfy({ header[$0] == nil }),
            header["typ"] == nil || header["typ"]?.string?.uppercased() == "JWT",
            header["kid"] == nil || header["kid"]?.string != nil
        else { throw .header }
        guard let key = keys.key(id: header["kid"]?.string, for: algorithm) else { throw .unknownKey }
        let input = Array(parts[0]) + [UInt8(ascii: ".")] + Array(parts[1])
        let isGood =
            switch algorithm {
            case .rs256: key.verify(signature: signature, message: input, digest: .sha256)
            case .es256: key.verify(concatenatedSignature: signature, message: input)
            }
        guard isGood else { throw .signature }
        guard let claims = object(parts[1]) else { throw .malformed }
        return claims
    }

    private static func object(_ part: some Sequence<UInt8>) -> JSONObject? {
        guard let bytes = Base64.decode(part, alphabet: .url) else { return nil }
        return try? JSONValue.parse(bytes).object
    }

    private static func checkAudience(_ claims: JSONObject, _ clientId: String) throws(Refusal) {
        let audience = claims["aud"]?.string.map { [$0] } ?? claims["aud"]?.array?.compactMap(\.string) ?? []
        guard audience.contains(where: { $0.utf8.elementsEqual(clientId.utf8) }) else { throw .audience }
        guard let party = claims["azp"] else {
            guard audience.count == 1 else { throw .audience }
            return
        }
        guard party.string.map({ $0.utf8.elementsEqual(clientId.utf8) }) ?? false else { throw .audience }
    }

    private static func checkTimes(_ claims: JSONObject, now: Double) throws(Refusal) {
        let leeway = Double(leewaySeconds)
        guard let end = claims["exp"]?.number, now < end + leeway else { throw .expired }
        guard let made = claims["iat"]?.number, made <= now + leeway else { throw .notYet }
        guard let start = claims["nbf"] else { return }
        guard let begins = start.number, begins <= now + leeway else { throw .notYet }
    }
}
