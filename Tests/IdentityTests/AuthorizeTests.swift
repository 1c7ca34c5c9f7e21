import Catalog
import HTTPWire
import JSON
import Testing

@testable import Identity

@Suite struct AuthorizeTests {
    @Test func `who is signed in goes back with a code, the state and who answers`() async throws {
        let pool = try await Pool()
        let client = try await pool.makeApplication()
        let cookie = try await pool.browserCookie()
        let reply = await pool.authorize(client, cookie: cookie, [("state", "a&b=c é")])
        let location = try #require(reply.location)
        #expect(reply.status == 303 && location.hasPrefix("\(Pool.callback)?code="))
        #expect(reply["state"] == "a&b=c é" && reply["iss"] == Pool.issuer && reply["error"] == nil)
        #expect(reply.headers.first("Cache-Control") == "no-store")
        let code = try #require(reply["code"])
        #expect(code.utf8.count == 43)
        let kept = try #require(try await pool.store.read { try $0.authorizationCode(hash: RandomName.hash(code)) })
        #expect(kept.clientId == client.id && kept.codeChallenge == Pool.challenge)
        #expect(await pool.authorize(client, cookie: cookie)["code"] != code)
    }

    @Test func `nobody is asked to sign in with the same request, unless the client forbids to ask`() async throws {
        let pool = try await Pool()
        let client = try await pool.makeApplication()
        for cookie in [nil, "\(pool.service.browserCookie.name)=none"] {
            let asked = await pool.authorize(client, cookie: cookie, [("nonce", "n")])
            #expect(asked.location == "/login?\(Pool.request(client, [("nonce", "n")]))")
            let refused = await pool.authorize(client, cookie: cookie, [("prompt", "none")])
            #expect(refused.location?.hasPrefix("\(Pool.callback)?error=login_required&") == true)
            #expect(refused["state"] == "s" && refused["iss"] == Pool.issuer)
        }
        #expect(try await pool.kept().codes == 0)
    }

    @Test func `who must be asked is asked once, and only a sign-in after that counts`() async throws {
        let pool = try await Pool()
        let client = try await pool.makeApplication()
        for changes in [[("prompt", "login")], [("max_age", "0")]] {
            let old = try await pool.browserCookie()
            pool.clock.advance(seconds: 5)
            let asked = try #require(await pool.authorize(client, cookie: old, changes).location)
            #expect(asked.hasPrefix("/login?") && asked.contains("weir_asked="))
            let back = "/oauth2/authorize?" + asked.dropFirst("/login?".count)
            // The page was left, and the address opened.
            #expect(await pool.open(back, cookie: old).location?.hasPrefix("/login?") == true)
            pool.clock.advance(seconds: 20)
            let new = try await pool.browserCookie()
            #expect(await pool.open(back, cookie: new)["code"] != nil)
            // Another request has another challenge, for which nobody was asked.
            let other = back.replacing(Pool.challenge, with: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
            pool.clock.advance(seconds: 5)
            #expect(await pool.open(other, cookie: new).location?.hasPrefix("/login?") == true)
            let forged = "/oauth2/authorize?\(Pool.request(client, changes + [("weir_asked", "1.x")]))"
            #expect(await pool.open(forged, cookie: new).location?.hasPrefix("/login?") == true)
        }
        let recent = try await pool.browserCookie()
        pool.clock.advance(seconds: 60)
        #expect(await pool.authorize(client, cookie: recent, [("max_age", "60")])["code"] != nil)
        pool.clock.advance(seconds: 1)
        #expect(await pool.authorize(client, cookie: recent, [("max_age", "60")])["code"] == nil)
        let silent = await pool.authorize(client, cookie: recent, [("max_age", "60"), ("prompt", "none")])
        #expect(silent["error"] == "login_required")
    }

    @Test(arguments: [
        "https://app.example.com/callback/", "https://app.example.com/callback?a=b", "https://app.example.com/call",
        "https://app.example.com.evil.test/callback", "https://app.example.com@evil.test/callback", "//evil.test/",
        "/\\evil.test", "https://evil.test", "https://app.example.com:443/callback",
        "https://APP.example.com/callback", "http://app.example.com/callback", "https://app.example.com/%63allback",
        "https://app.example.com/callback#", "https://app.example.com/callback\r\nX-Evil: 1", "javascript:alert(1)",
        "https://app.example.com/callback/../../evil",
    ]) func `nobody is sent to an address that is not the client's, and no code is made`(address: String) async throws {
        let pool = try await Pool()
        let client = try await pool.makeApplication()
        let cookie = try await pool.browserCookie()
        for changes in [[("redirect_uri", address)], [("redirect_uri", address), ("prompt", "none")]] {
            let reply = await pool.authorize(client, cookie: cookie, changes)
            #expect(reply.status == 400 && reply.location == nil && !reply.text.contains("evil"))
            #expect(reply.headers.first("Content-Type")?.hasPrefix("text/html") == true)
        }
        #expect(try await pool.kept().codes == 0)
    }

    @Test func `a request without PKCE, or with a weaker one, gets no code`() async throws {
        let pool = try await Pool()
        let client = try await pool.makeApplication(["GenerateSecret": true])
        let cookie = try await pool.browserCookie()
        for changes in [
            [("code_challenge", "")], [("code_challenge_method", "")], [("code_challenge_method", "plain")],
            [("code_challenge", ""), ("code_challenge_method", "")], [("code_challenge", Pool.verifier)],
        ] {
            let reply = await pool.authorize(client, cookie: cookie, changes)
            #expect(reply["error"] == "invalid_request" && reply["code"] == nil, "\(changes)")
        }
        #expect(try await pool.kept().codes == 0)
    }

    @Test func `scripts, images and forms of other sites get no code`() async throws {
        let pool = try await Pool()
        let client = try await pool.makeApplication()
        let cookie = try await pool.browserCookie()
        for mode in ["no-cors", "cors", "websocket"] {
            for path in ["/oauth2/authorize?\(Pool.request(client))", "/logout?\(Pool.request(client))"] {
                let reply = await pool.open(path, cookie: cookie, [("Sec-Fetch-Mode", mode)])
                #expect(reply.status == 400 && reply.location == nil)
            }
        }
        #expect(try await pool.kept().codes == 0)
        // A form that another site sends shows no cookie; if one did, it would be asked for once more, without the form.
        let sent = await pool.post("/oauth2/authorize", Array(Pool.request(client).utf8), [("Cookie", cookie)])
        #expect(sent.status == 303 && sent.location == "/oauth2/authorize?\(Pool.request(client))")
        #expect(try await pool.kept().codes == 0)
        #expect(await pool.open(try #require(sent.location), cookie: cookie)["code"] != nil)
    }

    @Test func `whatever is sent is answered, and never as an error of ours`() async throws {
        let pool = try await Pool()
        let client = try await pool.makeApplication()
        let cookie = try await pool.browserCookie()
        let good = Pool.request(client)
        for query in [
            "", "?", "?&&&", "?%", "?%zz=1", "?a=%ff", "?client_id=%00",
            "?client_id=none&redirect_uri=\(Pool.callback)",
            "?\(good)&redirect_uri=\(Pool.callback)", "?\(good)&client_id=x",
            "?\(good)&x=" + String(repeating: "a", count: 9000), "?client_id=" + String(repeating: "é", count: 100),
        ] {
            for path in ["/oauth2/authorize", "/logout"] {
                let reply = await pool.open(path + query, cookie: cookie)
                #expect(reply.status == 400 && reply.location == nil, "\(path)\(query.prefix(60))")
            }
            let sent = await pool.post("/oauth2/authorize", Array(query.dropFirst().utf8), [("Cookie", cookie)])
            #expect(sent.status == 400 && sent.location == nil, "\(query.prefix(60))")
        }
        #expect(await pool.open("/oauth2/authorize?\(good)&state=t", cookie: cookie)["error"] == "invalid_request")
        #expect(await pool.post("/oauth2/authorize", Array(good.utf8), type: "text/plain").status == 400)
        #expect(try await pool.kept().codes == 0)
    }

    @Test func `a client without OAuth, and one that is gone, sign nobody in`() async throws {
        let pool = try await Pool()
        let client = try await pool.makeClient()
        let cookie = try await pool.browserCookie()
        #expect(await pool.authorize(client, cookie: cookie).status == 400)
        let gone = try await pool.makeApplication()
        _ = await pool.onClients("DeleteUserPoolClient", ["ClientId": .string(gone.id)])
        #expect(await pool.authorize(gone, cookie: cookie).status == 400)
        #expect(await pool.authorize(TestClient(id: Pool.clientId, secret: nil), cookie: cookie).status == 400)
    }

    @Test func `a disabled account gets no code, and what it was given is worth nothing`() async throws {
        let pool = try await Pool()
        let client = try await pool.makeApplication()
        let cookie = try await pool.browserCookie()
        let code = try #require(await pool.authorize(client, cookie: cookie)["code"])
        let account: JSONValue = ["UserPoolId": .string(Pool.id), "Username": .string(Pool.administrator)]
        #expect(await pool.signedCall("AdminDisableUser", account).error == nil)
        #expect(await pool.authorize(client, cookie: cookie)["code"] == nil)
        #expect(await pool.redeem(client, code).error == "invalid_grant")
    }
}
