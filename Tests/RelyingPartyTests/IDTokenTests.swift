import Bytes
import Crypto
import JSON
import Testing

@testable import RelyingParty

@Suite struct IDTokenTests {
    @Test func `a token of the provider for this sign-in is taken, by RSA and by P-256`() throws {
        let token = try Provider.read(Provider.token())
        #expect(token.subject == "subject-1")
        #expect(token.claims["email"] == "ann@example.com")
        let es256 = try Provider.token(header: ["alg": "ES256", "kid": "e1", "typ": "JWT"]) {
            try Provider.p256Signature($0)
        }
        #expect(try Provider.read(es256).subject == "subject-1")
    }

    @Test(arguments: ["none", "None", "NONE", "", "HS256", "HS384", "RS384", "PS256", "ES384", "rs256", "EdDSA"])
    func `another algorithm is refused, whatever the signature`(algorithm: String) throws {
        let header: JSONObject = ["alg": .string(algorithm), "kid": "r1"]
        #expect(try Provider.refusal(Provider.token(header: header)) == .algorithm)
        #expect(try Provider.refusal(Provider.token(header: header) { _ in [] }) == .algorithm)
    }

    @Test func `the public key is no secret to sign with`() throws {
        let publicKey = try Provider.rsa.get().publicKey
        let jwk = JSONValue.object(try Provider.rsaKey()).serialized()
        for secret in [Array(publicKey.pem.utf8), publicKey.der, jwk] {
            for algorithm in ["HS256", "RS256"] {
                let token = try Provider.token(header: ["alg": .string(algorithm), "kid": "r1"]) {
                    HMAC.sha256(key: secret, message: $0)
                }
                #expect(try Provider.refusal(token) == (algorithm == "HS256" ? .algorithm : .signature))
            }
        }
    }

    @Test func `a key is only used with its own algorithm`() throws {
        let rsaAsES = try Provider.token(header: ["alg": "ES256", "kid": "r1"])
        let esAsRSA = try Provider.token(header: ["alg": "RS256", "kid": "e1"]) { try Provider.p256Signature($0) }
        #expect(try Provider.refusal(rsaAsES) == .unknownKey)
        #expect(try Provider.refusal(esAsRSA) == .unknownKey)
        var bound = try Provider.rsaKey()
        bound["alg"] = "RS256"
        #expect(try Provider.refusal(Provider.token(), keys: Provider.keys(bound)) == nil)
    }

    @Test(arguments: ["../../dev/null", "' OR 1=1 --", "r2", "", "R1", "r1\u{0}"])
    func `an unknown key id is refused`(id: String) throws {
        #expect(try Provider.refusal(Provider.token(header: ["alg": "RS256", "kid": .string(id)])) == .unknownKey)
    }

    @Test func `a token without a key id is for the only key of its kind`() throws {
        let token = try Provider.token(header: ["alg": "RS256"])
        #expect(try Provider.refusal(token) == nil)
        let two = try Provider.keys(Provider.rsaKey("r1"), Provider.rsaKey("r2"))
        #expect(try Provider.refusal(token, keys: two) == .unknownKey)
        #expect(try Provider.refusal(Provider.token(header: ["alg": "RS256", "kid": 1])) == .header)
    }

    @Test func `keys in the header, extensions and other kinds of token are refused`() throws {
        let headers: [JSONObject] = [
            ["jwk": .object(try Provider.rsaKey())], ["jku": "https://evil.test/jwks"], ["x5u": "https://evil.test/"],
            ["x5c": ["MII"]], ["crit": ["b64"]], ["b64": false], ["typ": "at+jwt"],
        ]
        for extra in headers {
            var header: JSONObject = ["alg": "RS256", "kid": "r1"]
            for (name, value) in extra.members { header[name] = value }
            #expect(try Provider.refusal(Provider.token(header: header)) == .header, "\(extra.keys)")
        }
    }

    @Test func `another provider's key under the same id is refused`() throws {
        let stranger = try PrivateKey.generateRSA()
        let token = try Provider.token { try stranger.sign($0, .sha256) }
        #expect(try Provider.refusal(token) == .signature)
    }

    @Test func `what was changed after it was signed is refused`() throws {
        let parts = try Provider.token().split(separator: ".").map(String.init)
        let forged = Provider.part(.object(Provider.claims(with: ["sub": "admin"])))
        #expect(try Provider.refusal([parts[0], forged, parts[2]].joined(separator: ".")) == .signature)
        for text in ["", "a.b", "\(parts[0]).\(parts[1]).", "\(parts[0]).\(parts[1]).\(parts[2]).x", "..", "a.b.c"] {
            #expect(try Provider.refusal(text) != nil)
        }
        let long = String(repeating: "a", count: IDToken.maximumBytes)
        #expect(try Provider.refusal(Provider.token() + long) == .malformed)
    }

    @Test func `claims for another issuer, client, sign-in or time are refused`() throws {
        let now = Provider.now
        let cases: [(JSONObject, IDToken.Refusal)] = [
            (["iss": "https://idp.test/realm/"], .issuer), (["iss": "https://IDP.test/realm"], .issuer),
            (["iss": nil], .issuer), (["iss": ["https://idp.test/realm"]], .issuer),
            (["aud": "other"], .audience), (["aud": []], .audience), (["aud": nil], .audience),
            (["aud": ["client", "other"]], .audience), (["aud": ["client", "other"], "azp": "other"], .audience),
            (["azp": "other"], .audience), (["azp": 1], .audience),
            (["nonce": "nonce-2"], .nonce), (["nonce": nil], .nonce), (["nonce": ""], .nonce),
            (["exp": .integer(now - 60)], .expired), (["exp": nil], .expired), (["exp": "4000000000"], .expired),
            (["iat": .integer(now + 61)], .notYet), (["iat": nil], .notYet), (["nbf": .integer(now + 61)], .notYet),
            (["nbf": "0"], .notYet),
            (["sub": nil], .subject), (["sub": ""], .subject), (["sub": "a b"], .subject), (["sub": "ä"], .subject),
            (["sub": .string(String(repeating: "a", count: 256))], .subject), (["sub": 1], .subject),
        ]
        for (changes, refusal) in cases {
            #expect(
                try Provider.refusal(Provider.token(Provider.claims(with: changes))) == refusal,
                "\(JSONValue.object(changes))")
        }
    }

    @Test func `clocks may differ by a minute, and several audiences are good for the one that asked`() throws {
        let now = Provider.now
        for changes: JSONObject in [
            ["exp": .integer(now - 59)], ["iat": .integer(now + 60)], ["nbf": .integer(now + 60)],
            ["aud": ["client", "other"], "azp": "client"], ["aud": ["client"]],
        ] {
            #expect(try Provider.refusal(Provider.token(Provider.claims(with: changes))) == nil)
        }
    }

    @Test func `a hash of an access token is that of the one that came along`() throws {
        let hash = Base64.encode(Digest.sha256(Array("access".utf8)).prefix(16), alphabet: .url)
        let token = try Provider.token(Provider.claims(with: ["at_hash": .string(hash)]))
        #expect(try Provider.refusal(token, accessToken: "access") == nil)
        #expect(try Provider.refusal(token, accessToken: "other") == .accessTokenHash)
    }
}
