import Catalog
import JSON
import Testing

@testable import Identity

@Suite struct RefreshTests {
    private static let rotating: JSONObject = [
        "RefreshTokenRotation": ["Feature": "ENABLED", "RetryGracePeriodSeconds": 30]
    ]

    private func isAlive(_ pool: Pool, _ accessToken: String) async -> Bool {
        await pool.call("GetUser", ["AccessToken": .string(accessToken)]).error == nil
    }

    @Test func `a used token is good within the grace, for the same next one, and then ends its family`() {
        var family = IdentityTokenFamily(
            id: "f", userId: "u", clientId: "c", refreshTokenHash: [1], authenticatedAt: 0, expiresAt: 1_000_000)
        func use(_ number: Int64, at now: Int64, grace: Int64 = 30) -> RefreshRotation {
            RefreshRotation(using: number, of: family, graceSeconds: grace, now: now)
        }
        var next = family
        next.rotation = 1
        next.rotatedAt = 5000
        #expect(use(0, at: 5000) == .replaced(next))
        family = next
        #expect(use(0, at: 5000) == .repeated)
        #expect(use(0, at: 34_999) == .repeated)
        #expect(use(0, at: 35_000) == .reused)
        #expect(use(0, at: 5000, grace: 0) == .reused)
        next.rotation = 2
        next.rotatedAt = 6000
        #expect(use(1, at: 6000) == .replaced(next))
        family = next
        #expect(use(0, at: 6000) == .reused)
        #expect(use(1, at: 6000) == .repeated)
        #expect(use(3, at: 6000) == .reused)
    }

    @Test func `every use gives the next token, for the same sign-in and no longer`() async throws {
        let pool = try await Pool()
        let client = try await pool.makeClient(Self.rotating)
        let signedIn = await pool.signIn(client)
        let origin = try claims(signedIn.accessToken)["origin_jti"]
        var tokens = [try #require(signedIn.refreshToken)]
        for _ in 0..<5 {
            pool.clock.advance(seconds: 3600)
            let renewed = await pool.renew(client, tokens.last ?? "")
            #expect(renewed.status == 200 && renewed.body["ChallengeParameters"] == nil)
            #expect(renewed.tokens?["IdToken"]?.string != nil)
            #expect(try claims(renewed.accessToken)["origin_jti"] == origin)
            #expect(await isAlive(pool, renewed.accessToken))
            tokens.append(try #require(renewed.refreshToken))
        }
        #expect(Set(tokens).count == 6)
        #expect(
            tokens.allSatisfy { $0.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_=.".contains($0)) } })
        pool.clock.advance(seconds: 30 * 86_400 - 5 * 3600)
        #expect(await pool.renew(client, tokens.last ?? "").message == "Refresh Token has expired")
    }

    @Test func `a client whose tokens are replaced has no other flow for it`() async throws {
        let pool = try await Pool()
        let client = try await pool.makeClient(Self.rotating)
        let token = try #require(await pool.signIn(client).refreshToken)
        #expect(await pool.refresh(client, token).error == "InvalidParameterException")
        #expect(await pool.renew(client, token).tokens != nil)
    }

    @Test func `without replacement the token stays, and nothing is written`() async throws {
        let pool = try await Pool()
        let client = try await pool.makeClient()
        let token = try #require(await pool.signIn(client).refreshToken)
        for _ in 0..<3 {
            let renewed = await pool.renew(client, token)
            #expect(renewed.tokens?["AccessToken"] != nil && renewed.refreshToken == nil)
        }
        let hash = RandomName.hash(token)
        #expect(try await pool.store.read { try $0.tokenFamily(refreshTokenHash: hash)?.rotation } == 0)
    }

    @Test func `two that come at once within the grace get the same next token`() async throws {
        let pool = try await Pool()
        let client = try await pool.makeClient(Self.rotating)
        for _ in 0..<20 {
            let token = try #require(await pool.signIn(client).refreshToken)
            async let first = pool.renew(client, token)
            async let second = pool.renew(client, token)
            let answers = await [first, second]
            #expect(answers.allSatisfy { $0.status == 200 })
            #expect(Set(answers.map(\.refreshToken)).count == 1)
            #expect(await pool.renew(client, answers[0].refreshToken ?? "").tokens != nil)
        }
    }

    @Test func `of two that come at once without a grace one ends the sign-in`() async throws {
        let pool = try await Pool()
        let client = try await pool.makeClient(["RefreshTokenRotation": ["Feature": "ENABLED"]])
        for _ in 0..<20 {
            let signedIn = await pool.signIn(client)
            let token = try #require(signedIn.refreshToken)
            async let first = pool.renew(client, token)
            async let second = pool.renew(client, token)
            let answers = await [first, second]
            #expect(answers.filter { $0.status == 200 }.count == 1)
            #expect(answers.compactMap(\.error) == ["RefreshTokenReuseException"])
            #expect(await isAlive(pool, signedIn.accessToken) == false)
        }
    }

    @Test func `a token used after the grace ends the family with its access tokens, and no other`() async throws {
        let pool = try await Pool()
        let client = try await pool.makeClient(Self.rotating)
        let stolen = await pool.signIn(client)
        let other = await pool.signIn(client)
        let renewed = await pool.renew(client, stolen.refreshToken ?? "")
        pool.clock.advance(seconds: 29)
        let late = await pool.renew(client, stolen.refreshToken ?? "")
        #expect(late.refreshToken == renewed.refreshToken)
        pool.clock.advance(seconds: 1)
        let reused = await pool.renew(client, stolen.refreshToken ?? "")
        #expect(reused.status == 400 && reused.error == "RefreshTokenReuseException")
        for token in [stolen, renewed, late].map(\.accessToken) { #expect(await isAlive(pool, token) == false) }
        #expect(await pool.renew(client, renewed.refreshToken ?? "").error == "NotAuthorizedException")
        #expect(await pool.renew(client, stolen.refreshToken ?? "").error == "NotAuthorizedException")
        #expect(await isAlive(pool, other.accessToken))
        #expect(await pool.renew(client, other.refreshToken ?? "").tokens != nil)
    }

    @Test func `a token of long ago is known as one`() async throws {
        let pool = try await Pool()
        let client = try await pool.makeClient(Self.rotating)
        var tokens = [try #require(await pool.signIn(client).refreshToken)]
        for _ in 0..<4 { tokens.append(try #require(await pool.renew(client, tokens.last ?? "").refreshToken)) }
        #expect(await pool.renew(client, tokens[1]).error == "RefreshTokenReuseException")
        #expect(await pool.renew(client, tokens[4]).error == "NotAuthorizedException")
    }

    @Test func `a token that was made up ends nothing`() async throws {
        let pool = try await Pool()
        let client = try await pool.makeClient(Self.rotating)
        let first = await pool.signIn(client)
        let token = try #require(await pool.renew(client, first.refreshToken ?? "").refreshToken)
        let parts = token.split(separator: "=")
        let madeUp = [
            "\(parts[0])=0=\(parts[2])", "\(parts[0])=2=\(parts[2])", "\(parts[0])=-1=\(parts[2])", "\(parts[0])=1=",
            "\(parts[0])=1=\(String(repeating: "A", count: 43))", "x=1=\(parts[2])", token + "=", "=" + token, "=",
            "==",
            String(token.dropLast()), token + "A", "\(parts[0])=9223372036854775808=\(parts[2])",
        ]
        for text in madeUp { #expect(await pool.renew(client, text).error == "NotAuthorizedException", "\(text)") }
        #expect(await pool.renew(client, token).tokens != nil)
    }

    @Test func `another client can neither use nor end a token`() async throws {
        let pool = try await Pool()
        let client = try await pool.makeClient(Self.rotating)
        let other = try await pool.makeClient(Self.rotating)
        let first = try #require(await pool.signIn(client).refreshToken)
        let second = try #require(await pool.renew(client, first).refreshToken)
        pool.clock.advance(seconds: 60)
        for token in [first, second] {
            #expect(await pool.renew(other, token).error == "NotAuthorizedException")
            let revoked = await pool.call("RevokeToken", ["Token": .string(token), "ClientId": .string(other.id)])
            #expect(revoked.error == "UnauthorizedException")
        }
        #expect(await pool.renew(client, second).tokens != nil)
    }

    @Test func `revoking any token of a family ends it`() async throws {
        let pool = try await Pool()
        let client = try await pool.makeClient(Self.rotating)
        let signedIn = await pool.signIn(client)
        let second = try #require(await pool.renew(client, signedIn.refreshToken ?? "").refreshToken)
        let revoked = await pool.call("RevokeToken", ["Token": .string(second), "ClientId": .string(client.id)])
        #expect(revoked == Answer(status: 200, body: [:]))
        #expect(await isAlive(pool, signedIn.accessToken) == false)
        #expect(await pool.renew(client, second).error == "NotAuthorizedException")
    }

    @Test func `a disabled account and a new password end what was replaced too`() async throws {
        let pool = try await Pool()
        let client = try await pool.makeClient(Self.rotating)
        try await pool.addPerson("ann@x.test")
        let token = try #require(
            await pool.renew(client, await pool.signIn(client, "ann@x.test").refreshToken ?? "").refreshToken)
        func enable(_ isEnabled: Bool) async throws {
            try await pool.store.write { transaction in
                guard var user = try transaction.user(poolId: Pool.id, usernameKey: "ann@x.test") else { return }
                user.isEnabled = isEnabled
                try transaction.save(user)
            }
        }
        try await enable(false)
        #expect(await pool.renew(client, token).error == "NotAuthorizedException")
        try await enable(true)
        #expect(await pool.renew(client, token).tokens != nil)
        let changed = await pool.signedCall(
            "AdminSetUserPassword",
            [
                "UserPoolId": .string(Pool.id), "Username": "ann@x.test", "Password": "another password",
                "Permanent": true,
            ])
        #expect(changed.error == nil)
        #expect(await pool.renew(client, token).error == "NotAuthorizedException")
    }

    @Test func `replacement can be begun and ended for sign-ins that last`() async throws {
        let pool = try await Pool()
        let client = try await pool.makeClient()
        let first = try #require(await pool.signIn(client).refreshToken)
        var begin = Self.rotating
        begin["ClientId"] = .string(client.id)
        #expect(await pool.onClients("UpdateUserPoolClient", begin).status == 200)
        let second = try #require(await pool.renew(client, first).refreshToken)
        #expect(await pool.onClients("UpdateUserPoolClient", ["ClientId": .string(client.id)]).status == 200)
        #expect(await pool.refresh(client, second).tokens != nil)
        #expect(await pool.refresh(client, first).error == "NotAuthorizedException")
        #expect(await pool.refresh(client, second).tokens != nil)
    }
}
