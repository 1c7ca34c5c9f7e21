import Catalog
import JSON
import Testing

@testable import Identity

@Suite struct TakenNameTests {
    private static let stranger = "a stranger's password"

    private func signUp(
        _ pool: Pool, _ name: String, client: String = Pool.clientId, password: String = Self.stranger
    ) async -> Answer {
        await pool.call(
            "SignUp", ["ClientId": .string(client), "Username": .string(name), "Password": .string(password)])
    }

    /// What somebody sees who signs up with a name twice and then tries to come in.
    private func experience(_ pool: Pool, _ name: String) async -> [Answer] {
        let answers = [
            await signUp(pool, name), await signUp(pool, name), await pool.signIn(name, Self.stranger),
            await pool.call(
                "ConfirmSignUp",
                ["ClientId": .string(Pool.clientId), "Username": .string(name), "ConfirmationCode": "000000x"]),
            await pool.call("ForgotPassword", ["ClientId": .string(Pool.clientId), "Username": .string(name)]),
        ]
        // Which id it is says nothing, but it has to look like one and stay.
        let ids = answers.prefix(2).compactMap { $0.body["UserSub"]?.string }
        #expect(ids.count == 2 && ids[0] == ids[1] && ids[0].split(separator: "-").map(\.count) == [8, 4, 4, 4, 12])
        return answers.map { answer in
            var body = answer.body.object ?? [:]
            if body["UserSub"] != nil { body["UserSub"] = "an id" }
            return Answer(status: answer.status, body: .object(body))
        }
    }

    @Test func `a name that is taken, by whomever, is answered like a free one`() async throws {
        let pool = try await Pool()
        try await pool.addPerson("ann@x.test")
        _ = await signUp(pool, "abe@x.test")
        _ = await pool.signedCall("AdminCreateUser", ["UserPoolId": .string(Pool.id), "Username": "ada@x.test"])
        pool.clock.advance(seconds: 3600)
        let free = await experience(pool, "amy@x.test")
        #expect(free.map(\.status) == [200, 200, 400, 400, 200])
        for taken in ["ann@x.test", "abe@x.test", "ada@x.test"] {
            let seen = await experience(pool, taken)
            #expect(seen.prefix(4) == free.prefix(4), "\(taken)")
            #expect(seen.last?.status == 200)
        }
        // Nothing of it has reached the account.
        #expect(await pool.signIn("ann@x.test").tokens != nil)
    }

    @Test func `the id that a free name is answered with is that of its account`() async throws {
        let pool = try await Pool()
        let id = await signUp(pool, "ann@x.test", password: Pool.password).body["UserSub"]?.string
        let user = await pool.signedCall("AdminGetUser", ["UserPoolId": .string(Pool.id), "Username": "ann@x.test"])
        #expect(user.body["UserAttributes"]?.array?.first?["Value"]?.string == id)
        let taken = await signUp(pool, Pool.administrator).body["UserSub"]?.string
        let owner = try #require(
            try await pool.store.read { try $0.user(poolId: Pool.id, usernameKey: Pool.administrator)?.id })
        #expect(taken != nil && taken != owner)
        #expect(await signUp(pool, Pool.administrator.uppercased()).body["UserSub"]?.string == taken)
    }

    @Test(arguments: ["AdminDeleteUser", "DeleteUser"])
    func `whoever takes a name that became free gets another id`(operation: String) async throws {
        let pool = try await Pool()
        var ids: Set<String> = []
        for _ in 0..<3 {
            try await pool.addPerson("ann@x.test")
            let token = await pool.signIn("ann@x.test").accessToken
            ids.insert(try #require(try claims(token)["sub"]?.string))
            let input: JSONValue = [
                "UserPoolId": .string(Pool.id), "Username": "ann@x.test", "AccessToken": .string(token),
            ]
            let deleted =
                operation == "DeleteUser"
                ? await pool.call(operation, input) : await pool.signedCall(operation, input)
            #expect(deleted.status == 200)
        }
        #expect(ids.count == 3)
    }

    @Test func `the owner is told once a day, and gets the code again as long as it is awaited`() async throws {
        let pool = try await Pool()
        for _ in 0..<2 { #expect(await signUp(pool, Pool.administrator).status == 200) }
        let notice = try await pool.outbox.next()
        #expect((notice.purpose, notice.username, notice.code) == (.nameTaken, Pool.administrator, ""))
        #expect(await signUp(pool, "new@x.test").status == 200)
        let first = try await pool.outbox.message(to: "new@x.test")
        #expect(pool.outbox.messages.count == 2)
        #expect(await signUp(pool, "new@x.test").status == 200)
        let second = try await pool.outbox.next(after: 2)
        #expect(first.purpose == .signUp && second.purpose == .signUp && first.code != second.code)
        pool.clock.advance(seconds: 86_400)
        #expect(await signUp(pool, Pool.administrator).status == 200)
        #expect(try await pool.outbox.next(after: 3).purpose == .nameTaken)
    }

    @Test(arguments: [Pool.administrator, "free@x.test"])
    func `signing up with a name without end is limited alike`(name: String) async throws {
        let pool = try await Pool()
        for _ in 0..<5 { #expect(await signUp(pool, name).status == 200) }
        #expect(await signUp(pool, name).error == "LimitExceededException")
        pool.clock.advance(seconds: 1)
        #expect(await signUp(pool, name).status == 200)
    }

    @Test func `a client that asks for it is told`() async throws {
        let pool = try await Pool()
        let legacy = try await pool.makeClient(["PreventUserExistenceErrors": "LEGACY"])
        let refused = await signUp(pool, "ADMIN@example.com", client: legacy.id)
        #expect(refused.error == "UsernameExistsException")
        #expect(await signUp(pool, "new@x.test", client: legacy.id).status == 200)
        #expect(pool.outbox.messages.map(\.username) == ["new@x.test"])
        #expect(await pool.signIn(legacy, "new@x.test").error == "NotAuthorizedException")
    }
}
