import Catalog
import JSON
import Testing

@testable import Identity

@Suite struct SignInTests {
    @Test func `a password gives three tokens with the claims clients look for`() async throws {
        let pool = try await Pool()
        let answer = await pool.signIn()
        #expect(answer.status == 200 && answer.body["ChallengeParameters"] == [:])
        let tokens = try #require(answer.tokens)
        #expect(tokens["TokenType"] == "Bearer" && tokens["ExpiresIn"] == 3600)
        let access = try claims(answer.accessToken)
        let identity = try claims(try #require(tokens["IdToken"]?.string))
        for token in [access, identity] {
            #expect(token["iss"]?.string == Pool.issuer)
            #expect(token["iat"] == .integer(pool.clock.seconds))
            #expect(token["exp"] == .integer(pool.clock.seconds + 3600))
            #expect(token["auth_time"] == .integer(pool.clock.seconds))
            #expect(token["cognito:groups"] == ["admin"])
            for name in ["sub", "jti", "origin_jti", "event_id"] { #expect(token[name]?.string != nil) }
            #expect(token["at_hash"] == nil)
        }
        #expect(access["token_use"] == "access" && access["client_id"] == .string(Pool.clientId))
        #expect(access["username"] == .string(Pool.administrator) && access["aud"] == nil)
        #expect(access["scope"] == "aws.cognito.signin.user.admin")
        #expect(identity["token_use"] == "id" && identity["aud"] == .string(Pool.clientId))
        #expect(identity["email"] == .string(Pool.administrator) && identity["email_verified"] == true)
        #expect(identity["cognito:username"] == .string(Pool.administrator))
        #expect(access["sub"] == identity["sub"] && access["jti"] != identity["jti"])
    }

    @Test func `a wrong password and a name nobody has get the same answer, also when locked`() async throws {
        let pool = try await Pool()
        var answers: [[Answer]] = []
        for name in [Pool.administrator, "nobody@example.com"] {
            var given: [Answer] = []
            for _ in 0..<6 { given.append(await pool.signIn(name, "wrong password")) }
            answers.append(given)
        }
        #expect(answers[0] == answers[1])
        #expect(
            answers[0].map { $0.body["message"]?.string } == Array(
                repeating: "Incorrect username or password.", count: 5) + ["Password attempts exceeded"])
        #expect(answers[0].allSatisfy { $0.status == 400 && $0.error == "NotAuthorizedException" })
    }

    @Test func `while locked even the right password is refused, and afterwards it works`() async throws {
        let pool = try await Pool()
        for _ in 0..<5 { _ = await pool.signIn(Pool.administrator, "wrong password") }
        #expect(await pool.signIn().error == "NotAuthorizedException")
        pool.clock.advance(seconds: 1)
        #expect(await pool.signIn().tokens != nil)
        for _ in 0..<4 { #expect(await pool.signIn(Pool.administrator, "wrong password").error != nil) }
        #expect(await pool.signIn().tokens != nil)
    }

    @Test func `guesses sent in parallel are all counted`() async throws {
        let pool = try await Pool()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<30 { group.addTask { _ = await pool.signIn(Pool.administrator, "wrong password") } }
        }
        let subject = pool.service.sealer.subject("password", Pool.administrator)
        let attempts = try await pool.store.read { try $0.attempts(subject: subject) }
        #expect(attempts.failures >= 5)
        #expect(attempts.lockedUntil > pool.clock.milliseconds)
        #expect(await pool.signIn().error == "NotAuthorizedException")
    }

    @Test func `a refresh token renews the others, for its client, until it ends or is revoked`() async throws {
        let pool = try await Pool()
        let signedIn = await pool.signIn()
        let refreshToken = try #require(signedIn.tokens?["RefreshToken"]?.string)
        func refresh(_ client: String = Pool.clientId) async -> Answer {
            await pool.call(
                "InitiateAuth",
                [
                    "ClientId": .string(client), "AuthFlow": "REFRESH_TOKEN_AUTH",
                    "AuthParameters": ["REFRESH_TOKEN": .string(refreshToken)],
                ])
        }
        pool.clock.advance(seconds: 4000)
        let renewed = await refresh()
        #expect(renewed.tokens?["RefreshToken"] == nil)
        let before = try claims(signedIn.accessToken)
        let after = try claims(renewed.accessToken)
        #expect(after["origin_jti"] == before["origin_jti"] && after["auth_time"] == before["auth_time"])
        #expect(try await pool.service.tokenVerifier.verify(renewed.accessToken).username == Pool.administrator)

        try await pool.store.write {
            try $0.save(IdentityClient(id: "other", poolId: Pool.id, name: "o", flows: ["ALLOW_REFRESH_TOKEN_AUTH"]))
        }
        #expect(await refresh("other").error == "NotAuthorizedException")
        let foreign = await pool.call("RevokeToken", ["Token": .string(refreshToken), "ClientId": "other"])
        #expect(foreign.error == "UnauthorizedException")
        #expect(await refresh().tokens != nil)
        for _ in 0..<2 {
            let revoked = await pool.call(
                "RevokeToken", ["Token": .string(refreshToken), "ClientId": .string(Pool.clientId)])
            #expect(revoked == Answer(status: 200, body: [:]))
        }
        #expect(await refresh().error == "NotAuthorizedException")
        await #expect(throws: AccessTokenRefusal.revoked) {
            try await pool.service.tokenVerifier.verify(renewed.accessToken)
        }
        let other = await pool.signIn()
        let token = try #require(other.tokens?["RefreshToken"]?.string)
        pool.clock.advance(seconds: 30 * 86400)
        let late = await pool.call(
            "InitiateAuth",
            [
                "ClientId": .string(Pool.clientId), "AuthFlow": "REFRESH_TOKEN_AUTH",
                "AuthParameters": ["REFRESH_TOKEN": .string(token)],
            ])
        #expect(late.error == "NotAuthorizedException")
    }

    @Test func `signing out everywhere ends all sessions of that person and nobody else's`() async throws {
        let pool = try await Pool()
        try await pool.addPerson("ann@x.test")
        let first = await pool.signIn().accessToken
        let second = await pool.signIn().accessToken
        let other = await pool.signIn("ann@x.test").accessToken
        #expect(await pool.call("GlobalSignOut", ["AccessToken": .string(first)]) == Answer(status: 200, body: [:]))
        for token in [first, second] {
            #expect(await pool.call("GetUser", ["AccessToken": .string(token)]).error == "NotAuthorizedException")
        }
        #expect(await pool.call("GetUser", ["AccessToken": .string(other)]).error == nil)
    }

    @Test func `flows and clients that are not there are refused by name`() async throws {
        let pool = try await Pool()
        func start(_ flow: String, client: String = Pool.clientId) async -> Answer {
            await pool.call(
                "InitiateAuth",
                ["ClientId": .string(client), "AuthFlow": .string(flow), "AuthParameters": ["USERNAME": "a"]])
        }
        #expect(await start("USER_SRP_AUTH").error == "InvalidParameterException")
        #expect(await start("ADMIN_NO_SRP_AUTH").error == "InvalidParameterException")
        #expect(await start("USER_PASSWORD_AUTH").error == "InvalidParameterException")
        #expect(await start("USER_PASSWORD_AUTH", client: "unknown").error == "ResourceNotFoundException")
    }
}
