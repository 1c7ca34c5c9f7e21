import HTTPWire
import JSON
import Testing

@testable import RelyingParty

@Suite struct ProviderMetadataTests {
    private func refusal(_ changes: JSONObject, issuer: String = Provider.issuer) -> String? {
        do {
            _ = try ProviderMetadata(Provider.document(changes), issuer: issuer)
            return nil
        } catch {
            return error.description
        }
    }

    @Test(arguments: [
        ("https://idp.test", "https://idp.test:443/.well-known/openid-configuration"),
        ("https://idp.test/realm", "https://idp.test:443/realm/.well-known/openid-configuration"),
        ("https://idp.test/realm/", "https://idp.test:443/realm/.well-known/openid-configuration"),
        ("http://127.0.0.1:9000/p_1", "http://127.0.0.1:9000/p_1/.well-known/openid-configuration"),
    ])
    func `the document is below the issuer`(issuer: String, address: String) throws {
        #expect(try ProviderMetadata.address(ofIssuer: issuer).text == address)
    }

    @Test(arguments: [
        "", "idp.test", "http://idp.test", "http://10.0.0.1/", "https://idp.test?a", "https://idp.test/#a",
        "https://a@idp.test", "file:///etc/passwd", "gopher://idp.test",
    ])
    func `an issuer that would be asked in clear, or is no address, is refused`(issuer: String) {
        #expect(throws: ProviderRefused.self) { try ProviderMetadata.address(ofIssuer: issuer) }
    }

    @Test func `what a provider says of itself is read`() throws {
        let metadata = try ProviderMetadata(
            Provider.document([
                "userinfo_endpoint": "https://idp.test/me", "authorization_response_iss_parameter_supported": true,
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
            ]), issuer: Provider.issuer)
        #expect(metadata.tokenEndpoint == HTTPURL("https://idp.test/token"))
        #expect(metadata.userInfoEndpoint == HTTPURL("https://idp.test/me"))
        #expect(metadata.namesItself)
        #expect(metadata.authentication == .post)
        let plain = try ProviderMetadata(Provider.document(), issuer: Provider.issuer)
        #expect(plain.authentication == .basic)
        #expect(!plain.namesItself)
        #expect(plain.userInfoEndpoint == nil)
    }

    @Test func `a document of another issuer is refused, be it by a byte`() {
        for issuer in ["https://idp.test/realm/", "https://IDP.test/realm", "https://evil.test"] {
            #expect(refusal(["issuer": .string(issuer)]) == "its discovery document is another issuer's")
        }
        #expect(refusal(["issuer": nil]) != nil)
        #expect(throws: ProviderRefused.self) { try ProviderMetadata([0xff], issuer: Provider.issuer) }
    }

    @Test(arguments: ["authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint"])
    func `addresses in clear, on this machine or of other schemes are refused`(name: String) {
        for text in [
            "http://idp.test/x", "https://127.0.0.1/x", "https://localhost:9000/x", "http://127.0.0.1/x",
            "http://169.254.169.254/latest", "file:///etc/passwd", "https://a@idp.test/", "/x", "",
        ] {
            #expect(refusal([name: .string(text)]) != nil, "\(text)")
        }
        #expect(refusal([name: 1]) != nil)
    }

    @Test func `a provider on this machine may be asked in clear there, and nowhere else`() throws {
        let issuer = "http://127.0.0.1:9000/p_1"
        let local: JSONObject = [
            "issuer": .string(issuer), "authorization_endpoint": "http://localhost:8080/a",
            "token_endpoint": "http://127.0.0.1:9000/t", "jwks_uri": "http://[::1]/k",
        ]
        #expect(refusal(local, issuer: issuer) == nil)
        var outside = local
        outside["token_endpoint"] = "http://idp.test/t"
        #expect(refusal(outside, issuer: issuer) != nil)
    }

    @Test func `what we cannot do is refused`() {
        #expect(refusal(["token_endpoint_auth_methods_supported": ["private_key_jwt"]]) != nil)
        #expect(refusal(["response_types_supported": ["id_token"]]) != nil)
        #expect(refusal(["id_token_signing_alg_values_supported": ["HS256", "none"]]) != nil)
    }

    @Test func `keys of other kinds and uses are passed over, and a set without any is refused`() throws {
        var encryption = try Provider.rsaKey("enc")
        encryption["use"] = "enc"
        var other = try Provider.rsaKey("ps")
        other["alg"] = "PS256"
        let rest: [JSONObject] = [
            encryption, other, ["kty": "oct", "k": "c2VjcmV0", "kid": "o"], ["kty": "RSA", "n": "!", "e": "AQAB"],
            ["kty": "EC", "crv": "P-384", "x": "AA", "y": "AA"], [:],
        ]
        let set = { (keys: [JSONObject]) in
            JSONValue.object(["keys": .array(keys.map { .object($0) })]).serialized()
        }
        let keys = try ProviderKeys(set(rest + [Provider.rsaKey("r1")]))
        #expect(keys.key(id: "r1", for: .rs256) != nil)
        #expect(keys.key(id: nil, for: .rs256) != nil)
        for id in ["enc", "ps", "o"] { #expect(keys.key(id: id, for: .rs256) == nil) }
        #expect(throws: ProviderRefused.self) { try ProviderKeys(set(rest)) }
        #expect(throws: ProviderRefused.self) { try ProviderKeys(set(Array(repeating: Provider.rsaKey(), count: 65))) }
        #expect(throws: ProviderRefused.self) { try ProviderKeys(Array("[]".utf8)) }
    }
}
