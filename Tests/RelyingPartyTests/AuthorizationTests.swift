import Bytes
import HTTPWire
import JSON
import Testing

@testable import RelyingParty

@Suite struct AuthorizationTests {
    private let secrets = RelyingParty.Secrets(
        state: "s1", nonce: "n1", verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")

    private func party(_ changes: JSONObject = [:], secret: String? = "s:e cret") throws -> RelyingParty {
        RelyingParty(
            clientId: "client", clientSecret: secret, redirectURI: "https://weir.test/oauth2/idpresponse",
            provider: try ProviderMetadata(Provider.document(changes), issuer: Provider.issuer))
    }

    private func answer(_ text: String) throws -> AuthorizationAnswer {
        try AuthorizationAnswer(#require(Query(text, plusIsSpace: true)))
    }

    @Test func `a person is sent with state, nonce and a challenge of S256`() throws {
        let text = try party().authorizationURL(scopes: ["email"], secrets)
        let url = try #require(HTTPURL(text))
        let queryText = try #require(url.target.split(separator: "?").last)
        let query = try #require(Query(String(queryText)))
        #expect(url.target.hasPrefix("/authorize?"))
        #expect(
            query.items.map { "\($0.name)=\($0.value ?? "")" } == [
                "response_type=code", "client_id=client", "redirect_uri=https://weir.test/oauth2/idpresponse",
                "scope=openid email", "state=s1", "nonce=n1",
                "code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "code_challenge_method=S256",
            ])
        let asking = try party().authorizationURL(scopes: [], secrets, mustAsk: true, maxAge: 60)
        #expect(asking.hasSuffix("&code_challenge_method=S256&prompt=login&max_age=60"))
        let withQuery = try party(["authorization_endpoint": "https://idp.test/authorize?tenant=1"])
        #expect(
            withQuery.authorizationURL(scopes: ["openid"], secrets)
                .hasPrefix("https://idp.test:443/authorize?tenant=1&response_type=code&"))
    }

    @Test func `a client proves itself as the provider wants it`() throws {
        let basic = try party().exchange(of: "c", verifier: "v")
        #expect(basic.authorization == "Basic " + Base64.encode(Array("client:s%3Ae%20cret".utf8)))
        #expect(!basic.form.contains("client_secret") && !basic.form.contains("client_id"))
        let post = try party(["token_endpoint_auth_methods_supported": ["client_secret_post"]])
            .exchange(of: "c", verifier: "v")
        #expect(post.authorization == nil)
        #expect(post.form.first("client_secret") == "s:e cret")
        let open = try party(secret: nil).exchange(of: "c", verifier: "v")
        #expect(open.authorization == nil && !open.form.contains("client_secret"))
        #expect(open.form.first("client_id") == "client")
        #expect(open.form.first("code_verifier") == "v")
        #expect(open.form.first("redirect_uri") == "https://weir.test/oauth2/idpresponse")
    }

    @Test func `an answer is a code or a refusal, each parameter once`() throws {
        #expect(try answer("state=s&code=a%2Bb").outcome == .code("a+b"))
        #expect(try answer("state=s&error=access_denied&error_description=x").outcome == .refused("access_denied"))
        for text in [
            "", "code=c", "state=s", "state=&code=c", "state=s&code=", "state=s&state=t&code=c",
            "state=s&code=c&code=d",
            "state=s&error=<b>", "state=s&error=", "state=s&code=c&iss=a&iss=b",
            "state=s&code=\(String(repeating: "c", count: 4097))",
        ] {
            #expect(throws: AuthorizationAnswer.Refusal.malformed, "\(text.prefix(40))") { try answer(text) }
        }
    }

    @Test func `an answer of another provider is refused, and one without a name where a name is promised`() throws {
        let silent = try party().provider
        let named = try party(["authorization_response_iss_parameter_supported": true]).provider
        let own = try answer("state=s&code=c&iss=https://idp.test/realm")
        try own.check(isFrom: silent)
        try own.check(isFrom: named)
        let foreign = try answer("state=s&code=c&iss=https://evil.test")
        #expect(throws: AuthorizationAnswer.Refusal.issuer) { try foreign.check(isFrom: silent) }
        let unnamed = try answer("state=s&code=c")
        try unnamed.check(isFrom: silent)
        #expect(throws: AuthorizationAnswer.Refusal.issuer) { try unnamed.check(isFrom: named) }
    }

    @Test func `a code gives an ID token or nothing`() throws {
        let body = { (object: JSONObject) in JSONValue.object(object).serialized() }
        let tokens = try ProviderTokens(status: 200, body(["id_token": "a.b.c", "access_token": "at"]))
        #expect(tokens.idToken == "a.b.c" && tokens.accessToken == "at")
        #expect(try ProviderTokens(status: 200, body(["id_token": "a.b.c"])).accessToken == nil)
        #expect(throws: ProviderRefused.self) { try ProviderTokens(status: 400, body(["id_token": "a.b.c"])) }
        #expect(throws: ProviderRefused.self) { try ProviderTokens(status: 200, body(["access_token": "at"])) }
        #expect(throws: ProviderRefused.self) { try ProviderTokens(status: 200, Array("<html>".utf8)) }
        #expect(throws: ProviderRefused.self) {
            try ProviderTokens(status: 200, body(["id_token": "a.b.c", "access_token": "a\r\nX: y"]))
        }
    }
}
