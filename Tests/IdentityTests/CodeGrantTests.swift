import Bytes
import Catalog
import Crypto
import HTTPWire
import JSON
import OAuth
import Testing

@testable import Identity

@Suite struct CodeGrantTests {
    @Test func `a code becomes tokens that say what was granted`() async throws {
        let pool = try await Pool()
        let client = try await pool.makeApplication()
        let cookie = try await pool.browserCookie()
        let signedInAt = pool.clock.seconds
        pool.clock.advance(seconds: 40)
        let code = try #require(
            await pool.authorize(client, cookie: cookie, [("scope", "openid email"), ("nonce", "n-0S6")])["code"])
        let reply = await pool.redeem(client, code)
        #expect(reply.status == 200 && reply.headers.first("Cache-Control") == "no-store")
        #expect(reply.headers.first("Content-Type") == "application/json")
        #expect(reply.json?["token_type"] == "Bearer" && reply.json?["expires_in"] == 3600)
        #expect(reply.json?["scope"] == "openid email")
        let access = try claims(reply[token: "access_token"])
        let identity = try claims(reply[token: "id_token"])
        #expect(access["scope"] == "openid email" && access["client_id"]?.string == client.id)
        #expect(access["auth_time"] == .integer(signedInAt) && access["origin_jti"] == identity["origin_jti"])
        #expect(identity["nonce"] == "n-0S6" && identity["aud"]?.string == client.id)
        let hash = Digest.sha256(Array(reply[token: "access_token"].utf8)).prefix(16)
        #expect(identity["at_hash"]?.string == Base64.encode(hash, alphabet: .url))
        #expect(identity["email"] == .string(Pool.administrator) && identity["email_verified"] == true)
        #expect(identity["cognito:username"] == nil && identity["cognito:groups"] == nil)
        #expect(
            await pool.redeem(client, try await pool.code(client)).json?["scope"]?.string?.contains("profile") == true)
    }

    @Test func `scopes decide what an application knows`() async throws {
        let pool = try await Pool()
        let client = try await pool.makeApplication()
        try await pool.store.write { transaction in
            var user = try #require(try transaction.user(poolId: Pool.id, usernameKey: Pool.administrator))
            user.attributes["phone_number"] = "+4912345"
            user.attributes["name"] = "Ann"
            user.attributes["nonce"] = "of one's own"
            user.attributes["token_use"] = "access"
            try transaction.save(user)
        }
        let all = ["email", "phone_number", "name", "cognito:username"]
        for (scope, known) in [
            ("openid", []), ("openid email", ["email"]), ("openid phone", ["phone_number"]),
            ("openid profile", ["name", "cognito:username"]), ("openid profile email phone", all),
        ] as [(String, [String])] {
            let reply = try await pool.tokens(client, scope: scope)
            let identity = try claims(reply[token: "id_token"])
            #expect(Set(all.filter { identity[$0] != nil }) == Set(known), "\(scope)")
            #expect(identity["nonce"] == nil && identity["token_use"] == "id")
            let info = try #require(await pool.userInfo(reply[token: "access_token"]).json?.object)
            let told = all.map { $0 == "cognito:username" ? "username" : $0 }.filter { info[$0] != nil }
            #expect(told.count == known.count && info["sub"] == identity["sub"], "\(scope)")
        }
        let without = try await pool.tokens(client, scope: "email")
        #expect(without.json?["id_token"] == nil && without.json?["access_token"] != nil)
        #expect(await pool.userInfo(without[token: "access_token"]).status == 403)
    }

    @Test func `an application acts for a person only where it was let`() async throws {
        let pool = try await Pool()
        let client = try await pool.makeApplication()
        let narrow = try await pool.tokens(client, scope: "openid profile email phone")
        let refused = await pool.call("GetUser", ["AccessToken": .string(narrow[token: "access_token"])])
        #expect(refused.message == "Access Token does not have required scopes")
        let principal = try await pool.service.tokenVerifier.verify(narrow[token: "access_token"])
        #expect(!principal.actsForPerson)
        // Renewing by the API gives no more than was granted either.
        let renewed = await pool.refresh(client, narrow[token: "refresh_token"])
        #expect(try claims(renewed.accessToken)["scope"] == "openid profile email phone")
        #expect(try claims(renewed.tokens?["IdToken"]?.string ?? "")["at_hash"] == nil)
        #expect(await pool.call("GetUser", ["AccessToken": .string(renewed.accessToken)]).error != nil)
        let plain = try await pool.tokens(client, scope: "email")
        #expect(await pool.refresh(client, plain[token: "refresh_token"]).tokens?["IdToken"] == nil)
        let wide = try await pool.tokens(client, scope: "aws.cognito.signin.user.admin")
        #expect(await pool.call("GetUser", ["AccessToken": .string(wide[token: "access_token"])]).error == nil)
    }

    @Test func `a code that comes again ends what it gave`() async throws {
        let pool = try await Pool()
        let client = try await pool.makeApplication()
        let other = try await pool.makeApplication()
        for thief in [client, other] {
            let code = try await pool.code(client)
            let tokens = await pool.redeem(client, code)
            #expect(await pool.userInfo(tokens[token: "access_token"]).status == 200)
            // Long after it has ended, and without its verifier.
            pool.clock.advance(seconds: 1000)
            #expect(
                await pool.redeem(thief, code, [("code_verifier", String(repeating: "x", count: 43))]).error
                    == "invalid_grant")
            #expect(await pool.userInfo(tokens[token: "access_token"]).status == 401)
            #expect(await pool.renewByForm(client, tokens[token: "refresh_token"]).error == "invalid_grant")
        }
        #expect(try await pool.kept() == (0, 0))
    }

    @Test func `of twenty that come with a code at once one gets tokens, and keeps none`() async throws {
        let pool = try await Pool()
        let client = try await pool.makeApplication()
        let code = try await pool.code(client)
        let replies = await withTaskGroup(of: Reply.self) { group in
            for _ in 0..<20 { group.addTask { await pool.redeem(client, code) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(replies.count { $0.status == 200 } == 1)
        #expect(replies.count { $0.error == "invalid_grant" } == 19)
        #expect(try await pool.kept() == (0, 0))
    }

    @Test func `a wrong verifier, another address and a late code give nothing, and the code is gone`() async throws {
        let pool = try await Pool()
        let client = try await pool.makeApplication(["CallbackURLs": [.string(Pool.callback), "myapp://done"]])
        for changes in [
            [("code_verifier", String(repeating: "w", count: 43))], [("code_verifier", Pool.challenge)],
            [("code_verifier", "short")], [("redirect_uri", "myapp://done")],
            [("redirect_uri", Pool.callback + "/")],
        ] {
            let code = try await pool.code(client)
            #expect(await pool.redeem(client, code, changes).error == "invalid_grant", "\(changes)")
            #expect(await pool.redeem(client, code).error == "invalid_grant", "\(changes)")
        }
        let late = try await pool.code(client)
        pool.clock.advance(seconds: 299)
        #expect(await pool.redeem(client, late).status == 200)
        let later = try await pool.code(client)
        pool.clock.advance(seconds: 300)
        #expect(await pool.redeem(client, later).error == "invalid_grant")
        #expect(try await pool.kept().codes == 0)
    }

    @Test func `what is left out is asked for, and a code of another client stays its own`() async throws {
        let pool = try await Pool()
        let client = try await pool.makeApplication()
        let other = try await pool.makeApplication()
        let code = try await pool.code(client)
        for name in ["code", "redirect_uri", "code_verifier", "grant_type"] {
            #expect(await pool.redeem(client, code, [(name, "")]).error == "invalid_request", "\(name)")
        }
        #expect(await pool.redeem(other, code).error == "invalid_grant")
        #expect(await pool.redeem(client, code).status == 200)
    }

    @Test func `a new password ends the browser's session, and the codes that it was given`() async throws {
        let pool = try await Pool()
        let client = try await pool.makeApplication()
        let code = try await pool.code(client)
        let answer = await pool.signedCall(
            "AdminSetUserPassword",
            [
                "UserPoolId": .string(Pool.id), "Username": .string(Pool.administrator),
                "Password": "another battery horse", "Permanent": true,
            ])
        #expect(answer.error == nil)
        #expect(await pool.redeem(client, code).error == "invalid_grant")
    }
}
