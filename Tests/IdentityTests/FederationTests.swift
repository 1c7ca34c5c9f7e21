import Audit
import Catalog
import HTTPServer
import HTTPWire
import JSON
import TestKit
import Testing

@testable import Identity

@Suite struct FederationTests {
    private let outside = OutsideProvider()

    private func say(_ claims: JSONObject?) { outside.set { $0.claims = claims } }

    private func person(_ pool: Pool, _ username: String) async throws -> IdentityUser? {
        try await pool.store.read {
            try $0.user(poolId: Pool.id, usernameKey: IdentityService.usernameKey(username))
        }
    }

    /// Gives somebody an address that an administrator vouches for, or does not.
    private func address(_ pool: Pool, _ name: String, _ email: String, isProven: Bool) async {
        _ = await pool.signedCall(
            "AdminUpdateUserAttributes",
            [
                "UserPoolId": .string(Pool.id), "Username": .string(name),
                "UserAttributes": [
                    ["Name": "email", "Value": .string(email)],
                    ["Name": "email_verified", "Value": isProven ? "true" : "false"],
                ],
            ])
    }

    @Test func `somebody new comes in, to the application, and finds the same account again`() async throws {
        let pool = try await Pool(web: outside)
        var browser = try await Traveller(pool)
        say(["sub": "s1", "email": "new@x.test", "email_verified": true])
        let next = try #require(try await browser.travel())
        #expect(next.hasPrefix("/oauth2/authorize?client_id="))
        #expect(try await browser.user() == "Outside_s1")
        let back = await browser.get(next)
        #expect(back.headers.first("location")?.hasPrefix("https://app.test/back?code=") == true)
        let made = try #require(try await person(pool, "outside_s1"))
        #expect(made.status == .externalProvider && made.passwordHash == nil)
        #expect(made.attributes == ["email": "new@x.test", "email_verified": "true"])

        say(["sub": "s1", "email": "newer@x.test", "email_verified": false])
        var other = try await Traveller(pool)
        #expect(try await other.travel() != nil)
        #expect(try await other.user() == "Outside_s1")
        #expect(
            try await person(pool, "outside_s1")?.attributes == ["email": "newer@x.test", "email_verified": "false"])
    }

    @Test func `an address proven on both sides links, and its owner is told`() async throws {
        let pool = try await Pool(web: outside)
        var browser = try await Traveller(pool)
        say(["sub": "s1", "email": .string(Pool.administrator), "email_verified": "true"])
        let sent = pool.outbox.messages.count
        #expect(try await browser.travel() != nil)
        #expect(try await browser.user() == Pool.administrator)
        let notice = try await pool.outbox.next(after: sent)
        #expect(notice.purpose == .providerLinked && notice.destination == Pool.administrator)
        say(["sub": "s1"])
        #expect(try await browser.travel() != nil, "the link stands without the address")
        #expect(try await browser.user() == Pool.administrator)
        #expect(pool.outbox.messages.count == sent + 1)
    }

    @Test func `an address that one side has not proven links nothing and stands in nobody's way`() async throws {
        let pool = try await Pool(web: outside)
        try await pool.addPerson("squatter")
        await address(pool, "squatter", "ann@x.test", isProven: false)
        _ = await pool.call(
            "SignUp",
            [
                "ClientId": .string(Pool.clientId), "Username": "unconfirmed", "Password": .string(Pool.password),
                "UserAttributes": [["Name": "email", "Value": "ann@x.test"]],
            ])
        await address(pool, "unconfirmed", "ann@x.test", isProven: true)
        var browser = try await Traveller(pool)
        say(["sub": "ann", "email": "ann@x.test", "email_verified": true])
        #expect(try await browser.travel() != nil)
        #expect(try await browser.user() == "Outside_ann")

        for (subject, proven) in [("e1", false), ("e2", nil), ("e3", "yes"), ("e4", 1)] as [(String, JSONValue)] {
            say(["sub": .string(subject), "email": .string(Pool.administrator), "email_verified": proven])
            #expect(try await browser.travel() != nil)
            #expect(try await browser.user() == "Outside_\(subject)")
        }
    }

    @Test func `whoever is shut out does not come in by another door`() async throws {
        let pool = try await Pool(web: outside)
        try await pool.addPerson("ann")
        await address(pool, "ann", "ann@x.test", isProven: true)
        let ann: JSONValue = ["UserPoolId": .string(Pool.id), "Username": "ann"]
        _ = await pool.signedCall("AdminDisableUser", ann)
        var browser = try await Traveller(pool)
        say(["sub": "s1", "email": "ann@x.test", "email_verified": true])
        #expect(try await browser.travel() == nil)
        #expect(try await browser.user() == nil)
        #expect(try await person(pool, "outside_s1") == nil)
        _ = await pool.signedCall("AdminEnableUser", ann)
        #expect(try await browser.travel() != nil)
        #expect(try await browser.user() == "ann")
        _ = await pool.signedCall(
            "AdminDisableProviderForUser", ["UserPoolId": .string(Pool.id), "User": Pool.outside("s1")])
        var again = try await Traveller(pool)
        #expect(try await again.travel() == nil)
        #expect(try await again.user() == nil)
    }

    @Test func `whoever has an authenticator is asked for its code`() async throws {
        let pool = try await Pool(web: outside)
        _ = try await pool.enrol()
        var browser = try await Traveller(pool)
        say(["sub": "s1", "email": .string(Pool.administrator), "email_verified": true])
        #expect(try await browser.travel()?.hasPrefix("/login/challenge?client_id=") == true)
        #expect(try await browser.user() == nil)
    }

    @Test func `an answer is good once, in the browser that was sent, and for ten minutes`() async throws {
        let pool = try await Pool(web: outside)
        var browser = try await Traveller(pool)
        say(["sub": "s1"])
        let asked = try await browser.depart()
        var stranger = try await Traveller(pool)
        #expect(await stranger.comeBack(asked).status.code == 400)
        #expect(try await stranger.user() == nil)
        let cookies = browser.cookies
        #expect(await browser.comeBack(asked).status.code == 303)
        browser.cookies = cookies
        #expect(await browser.comeBack(asked).status.code == 400)

        let mine = try await browser.depart()
        _ = try await stranger.depart()
        #expect(await stranger.comeBack(mine).status.code == 400, "another journey's cookie")
        #expect(await browser.comeBack(mine).status.code == 400, "and it is used up by that")

        let late = try await browser.depart()
        pool.clock.advance(seconds: 600)
        outside.set { $0.now += 600 }
        #expect(await browser.comeBack(late).status.code == 400)
        for target in ["/oauth2/idpresponse", "/oauth2/idpresponse?state=x&code=y&state=z"] {
            #expect(await browser.get(target).status.code == 400)
        }
        #expect(outside.asked.filter { $0 == "/token" }.count == 1, "nothing else was exchanged")
    }

    @Test func `another provider's answer, a refusal and a token for another sign-in are refused`() async throws {
        let pool = try await Pool(web: outside)
        var browser = try await Traveller(pool)
        for iss in ["https://evil.test", nil] {
            let asked = try await browser.depart()
            #expect(await browser.comeBack(asked, iss: iss).status.code == 400)
        }
        #expect(!outside.asked.contains("/token"))
        let asked = try await browser.depart()
        let refused = await browser.get(
            "/oauth2/idpresponse?state=\(asked.first("state") ?? "")&error=access_denied&iss=https://idp.test")
        #expect(refused.status.code == 400)
        let other = try await browser.depart()
        #expect(await browser.comeBack(other, nonce: "another").status.code == 400)
        for claims in [["sub": "s1", "aud": "other"], ["sub": "s1", "iss": "https://evil.test"], nil] as [JSONObject?] {
            say(claims)
            #expect(try await browser.travel() == nil)
        }
        #expect(try await browser.user() == nil)
    }

    @Test func `a key that is new is fetched, and an unknown one asked for once a minute`() async throws {
        let pool = try await Pool(web: outside)
        var browser = try await Traveller(pool)
        pool.clock.advance(seconds: 60)
        outside.set { state in
            state.keyIds = ["k1", "k2"]
            state.now += 60
            state.claims = ["sub": "s1"]
        }
        #expect(try await browser.travel() != nil)
        let asked = outside.asked.filter { $0 == "/jwks" }.count
        outside.set { $0.keyIds = ["k1", "k2", "k3"] }
        for _ in 0..<3 { #expect(try await browser.travel() == nil) }
        #expect(outside.asked.filter { $0 == "/jwks" }.count == asked)
    }

    @Test func `what the token lacks is asked of the user info endpoint, about the same person`() async throws {
        let pool = try await Pool(web: outside)
        var browser = try await Traveller(pool)
        say(["sub": "s1", "email": "liar@x.test"])
        outside.set { $0.userInfo = ["sub": "s1", "email": "ann@x.test", "email_verified": true] }
        #expect(try await browser.travel() != nil)
        #expect(try await person(pool, "outside_s1")?.attributes["email"] == "ann@x.test")
        outside.set { $0.userInfo = ["sub": "s2", "email": "ann@x.test", "email_verified": true] }
        #expect(try await browser.travel() == nil)
    }

    @Test func `an account of a provider has no password here and gets none`() async throws {
        let pool = try await Pool(web: outside)
        var browser = try await Traveller(pool)
        say(["sub": "s1", "email": "new@x.test", "email_verified": true])
        #expect(try await browser.travel() != nil)
        #expect(await pool.signIn("Outside_s1").error == "NotAuthorizedException")
        let sent = pool.outbox.messages.count
        _ = await pool.call("ForgotPassword", ["ClientId": .string(Pool.clientId), "Username": "Outside_s1"])
        #expect(pool.outbox.messages.count == sent)
        let set = await pool.signedCall(
            "AdminSetUserPassword",
            [
                "UserPoolId": .string(Pool.id), "Username": "Outside_s1", "Password": .string(Pool.password),
                "Permanent": true,
            ])
        #expect(set.error == "InvalidParameterException")
    }

    @Test func `a name that somebody has taken is not taken for the person`() async throws {
        let pool = try await Pool(web: outside)
        try await pool.addPerson("Outside_s1")
        var browser = try await Traveller(pool)
        say(["sub": "s1"])
        #expect(try await browser.travel() != nil)
        let name = try #require(try await browser.user())
        #expect(name.hasPrefix("Outside_") && name != "Outside_s1")
    }

    @Test func `a client sends people to its own providers, and to none when they must not be asked`() async throws {
        let pool = try await Pool(web: outside)
        var browser = try await Traveller(pool)
        for query in [
            browser.query.replacingSuffix("identity_provider=Outside", with: "identity_provider=Other"),
            browser.query + "&prompt=none",
        ] {
            let response = await browser.get("/oauth2/authorize?\(query)")
            #expect(response.headers.first("location")?.hasPrefix("https://app.test/back?error=") == true)
        }
        pool.clock.advance(seconds: 3600)
        outside.set { $0.status = 500 }
        #expect(await browser.get("/oauth2/authorize?\(browser.query)").status.code == 502)
    }
}

extension String {
    fileprivate func replacingSuffix(_ suffix: String, with other: String) -> String {
        hasSuffix(suffix) ? dropLast(suffix.count) + other : self
    }
}
