import Bytes
import Crypto
import JSON

@testable import RelyingParty

/// A provider with one RSA and one P-256 key, which signs what a test wants.
struct Provider {
    static let issuer = "https://idp.test/realm"
    static let rsa = Result { try PrivateKey.generateRSA() }
    static let p256 = Result { try PrivateKey.generateP256() }
    static let now: Int64 = 1_800_000_000

    static func part(_ value: JSONValue) -> String { part(value.serialized()) }
    static func part(_ bytes: [UInt8]) -> String { Base64.encode(bytes, alphabet: .url) }

    static func rsaKey(_ id: String? = "r1", of key: PrivateKey? = nil) throws -> JSONObject {
        let (modulus, exponent) = try (key ?? rsa.get()).publicKey.rsaParameters!
        var object: JSONObject = ["kty": "RSA", "n": .string(part(modulus)), "e": .string(part(exponent))]
        if let id { object["kid"] = .string(id) }
        return object
    }

    static func p256Key(_ id: String = "e1") throws -> JSONObject {
        let point = try Array(p256.get().publicKey.der.suffix(64))
        return [
            "kty": "EC", "crv": "P-256", "kid": .string(id), "x": .string(part(Array(point[..<32]))),
            "y": .string(part(Array(point[32...]))),
        ]
    }

    static func keys(_ keys: JSONObject...) throws -> ProviderKeys {
        try ProviderKeys(JSONValue.object(["keys": .array(keys.map { .object($0) })]).serialized())
    }

    static func usualKeys() throws -> ProviderKeys { try keys(rsaKey(), p256Key()) }

    static let claims: JSONObject = [
        "iss": .string(issuer), "aud": "client", "sub": "subject-1", "nonce": "nonce-1", "iat": .integer(now),
        "exp": .integer(now + 300), "email": "ann@example.com",
    ]

    static func claims(with changes: JSONObject) -> JSONObject {
        var claims = Self.claims
        for (name, value) in changes.members { claims[name] = value.isNull ? JSONValue?.none : value }
        return claims
    }

    static func token(
        _ claims: JSONObject = claims, header: JSONObject = ["alg": "RS256", "kid": "r1"],
        signed sign: ([UInt8]) throws -> [UInt8] = { try rsa.get().sign($0, .sha256) }
    ) throws -> String {
        let input = part(.object(header)) + "." + part(.object(claims))
        return input + "." + part(try sign(Array(input.utf8)))
    }

    /// The two numbers of 32 bytes that JSON Web Signatures have.
    static func p256Signature(_ input: [UInt8]) throws -> [UInt8] {
        let der = try p256.get().sign(input, .sha256)
        let rLength = Int(der[3])
        return [der[4..<(4 + rLength)], der[(6 + rLength)...]].flatMap { number in
            let digits = Array(number.drop { $0 == 0 })
            return [UInt8](repeating: 0, count: 32 - digits.count) + digits
        }
    }

    static func read(
        _ token: String, keys: ProviderKeys? = nil, accessToken: String? = nil, now: Int64 = now
    ) throws -> IDToken {
        try IDToken(
            token, keys: keys ?? usualKeys(),
            expecting: .init(
                issuer: issuer, clientId: "client", nonce: "nonce-1", accessToken: accessToken, now: now))
    }

    static func refusal(
        _ token: String, keys: ProviderKeys? = nil, accessToken: String? = nil, now: Int64 = now
    ) throws -> IDToken.Refusal? {
        do {
            _ = try read(token, keys: keys, accessToken: accessToken, now: now)
            return nil
        } catch let refusal as IDToken.Refusal {
            return refusal
        }
    }

    static func document(_ changes: JSONObject = [:]) -> [UInt8] {
        var document: JSONObject = [
            "issuer": .string(issuer), "authorization_endpoint": "https://idp.test/authorize",
            "token_endpoint": "https://idp.test/token", "jwks_uri": "https://keys.idp.test/jwks",
            "response_types_supported": ["code"], "id_token_signing_alg_values_supported": ["RS256"],
        ]
        for (name, value) in changes.members { document[name] = value.isNull ? JSONValue?.none : value }
        return JSONValue.object(document).serialized()
    }
}
