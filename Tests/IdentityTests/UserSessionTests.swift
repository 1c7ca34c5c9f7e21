import Audit
import Catalog
import JSON
import Testing

@testable import Identity

@Suite struct UserSessionTests {
    private static let name = "ann@x.test"

    private func list(_ pool: Pool, _ token: String) async -> [JSONValue] {
        await pool.call("ListUserSessions", ["AccessToken": .string(token)]).body["Sessions"]?.array ?? []
    }

    private func id(_ pool: Pool, _ token: String) async throws -> String {
        let current = await list(pool, token).first { $0["IsCurrentSession"] == true }
        return try #require(current?["SessionId"]?.string)
    }

    private func revoke(_ pool: Pool, _ token: String, _ session: String, _ more: JSONObject = [:]) async -> Answer {
        var input: JSONObject = ["AccessToken": .string(token), "SessionId": .string(session)]
        for (name, value) in more.members { input[name] = value }
        return await pool.call("RevokeUserSession", .object(input))
    }

    @Test func `a person sees their sign-ins and ends another one`() async throws {
        let pool = try await Pool()
        try await pool.addPerson(Self.name)
        let first = await pool.signIn(Self.name).accessToken
        pool.clock.advance(seconds: 60)
        let second = await pool.signIn(Self.name).accessToken
        _ = await pool.signIn()
        let sessions = await list(pool, second)
        #expect(sessions.count == 2)
        for session in sessions {
            #expect(session["SessionType"] == "TOKEN" && session["ClientId"]?.string == Pool.clientId)
            #expect(session["LastIPAddress"] == "127.0.0.1")
        }
        let other = try await id(pool, first)
        #expect(other.wholeMatch(of: /(tkn|sso)[a-z0-9]{25}/) != nil)
        #expect(await revoke(pool, second, other) == Answer(status: 200, body: [:]))
        #expect(await pool.call("GetUser", ["AccessToken": .string(first)]).error == "NotAuthorizedException")
        #expect(await list(pool, second).count == 1)
        #expect(await revoke(pool, second, other).error == "ResourceNotFoundException")
    }

    @Test func `neither the current sign-in nor another person's is ended so`() async throws {
        let pool = try await Pool()
        try await pool.addPerson(Self.name)
        let (mine, foreign) = (await pool.signIn(Self.name).accessToken, await pool.signIn().accessToken)
        let current = try await id(pool, mine)
        #expect(await revoke(pool, mine, current).error == "InvalidParameterException")
        #expect(await revoke(pool, mine, try await id(pool, foreign)).error == "ResourceNotFoundException")
        for wrong in ["tkn", "tkn" + String(repeating: "z", count: 25), "sso" + current.dropFirst(3)] {
            #expect(await revoke(pool, mine, wrong).error == "InvalidParameterException")
        }
        let linked = await revoke(pool, foreign, current, ["RevokeAssociatedSessions": "LINKED"])
        #expect(linked.error == "InvalidParameterException")
        #expect(
            await pool.signedCall(
                "AdminRevokeUserSession",
                [
                    "UserPoolId": .string(Pool.id), "Username": .string(Pool.administrator),
                    "SessionId": .string(current),
                ]
            ).error == "ResourceNotFoundException")
        #expect(await list(pool, mine).count == 1)
    }

    @Test func `an administrator sees and ends them, and it is told`() async throws {
        let pool = try await Pool()
        try await pool.addPerson(Self.name)
        let token = await pool.signIn(Self.name).accessToken
        var input: JSONObject = ["UserPoolId": .string(Pool.id), "Username": .string(Self.name)]
        let listed = await pool.signedCall("AdminListUserSessions", .object(input)).body["Sessions"]?.array
        let session = try #require(listed?.first)
        #expect(listed?.count == 1 && session["IsCurrentSession"] == nil)
        input["SessionId"] = session["SessionId"]
        #expect(await pool.signedCall("AdminRevokeUserSession", .object(input)) == Answer(status: 200, body: [:]))
        #expect(await list(pool, token).isEmpty)
        let last = try #require(try await pool.catalog.read { try $0.auditLines(after: 0, limit: 1_000) }.last)
        #expect(last.text.contains(#""action":"token_revoked""#) && last.text.contains("AKIATEST"))
    }

    @Test func `renewing is noted after some minutes, and writes nothing itself`() async throws {
        let pool = try await Pool()
        try await pool.addPerson(Self.name)
        let tokens = await pool.signIn(Self.name)
        let client = TestClient(id: Pool.clientId, secret: nil)
        func renew() async throws -> Double {
            #expect(await pool.refresh(client, tokens.refreshToken ?? "").tokens != nil)
            return try #require(await list(pool, tokens.accessToken).first?["LastActiveDate"]?.number)
        }
        let begun = try await renew()
        pool.clock.advance(seconds: 299)
        #expect(try await renew() == begun)
        pool.clock.advance(seconds: 1)
        #expect(try await renew() == begun + 300)
    }

    @Test func `those that have ended are not listed, and many come in pages`() async throws {
        let pool = try await Pool()
        let owner = try #require(
            try await pool.store.read { try $0.user(poolId: Pool.id, usernameKey: Pool.administrator)?.id })
        let token = await pool.signIn().accessToken
        let now = pool.clock.milliseconds
        try await pool.store.write { transaction in
            for index in 0..<100 {
                try transaction.insert(
                    IdentityTokenFamily(
                        id: RandomName.uuid(), userId: owner, clientId: Pool.clientId,
                        refreshTokenHash: [UInt8(index)], authenticatedAt: now,
                        expiresAt: index < 70 ? now + 60_000 : now))
            }
        }
        var seen: [String] = []
        var input: JSONObject = ["AccessToken": .string(token)]
        repeat {
            let page = await pool.call("ListUserSessions", .object(input)).body
            seen += page["Sessions"]?.array?.compactMap { $0["SessionId"]?.string } ?? []
            input["NextToken"] = page["NextToken"]
        } while input["NextToken"] != nil
        #expect(seen.count == 71 && Set(seen).count == 71)
    }

    @Test func `a session's name says which sign-in it is, and nothing else is one`() {
        for id in ["00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", RandomName.uuid()] {
            let name = SessionName.name(ofSignIn: id)
            #expect(name?.utf8.count == 28 && name.flatMap(SessionName.signIn(named:)) == id)
        }
        // One more than the largest.
        #expect(SessionName.signIn(named: "tknf5lxx1zz5pnorynqglhzmsp34") == nil)
        #expect(SessionName.name(ofSignIn: "family") == nil)
        for name in ["tkn", "tknf5lxx1zz5pnorynqglhzmsp3", "tknF5lxx1zz5pnorynqglhzmsp33", "tk\u{e9}"] {
            #expect(SessionName.signIn(named: name) == nil)
        }
    }
}
