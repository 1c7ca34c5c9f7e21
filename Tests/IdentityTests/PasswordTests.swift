import JSON
import Testing

@testable import Identity

@Suite struct PasswordTests {
    private static let better = "a better password"

    private func forgot(_ pool: Pool, _ name: String) async -> Answer {
        await pool.call("ForgotPassword", ["ClientId": .string(Pool.clientId), "Username": .string(name)])
    }

    private func reset(_ pool: Pool, _ name: String, _ code: String, _ password: String = better) async -> Answer {
        await pool.call(
            "ConfirmForgotPassword",
            [
                "ClientId": .string(Pool.clientId), "Username": .string(name), "ConfirmationCode": .string(code),
                "Password": .string(password),
            ])
    }

    private func change(_ pool: Pool, _ token: String, from previous: String, to proposed: String) async -> Answer {
        await pool.call(
            "ChangePassword",
            [
                "AccessToken": .string(token), "PreviousPassword": .string(previous),
                "ProposedPassword": .string(proposed),
            ])
    }

    @Test func `a password is replaced by who knows it, and other sign-ins end`() async throws {
        let pool = try await Pool()
        let (mine, another) = (await pool.signIn().accessToken, await pool.signIn().accessToken)
        #expect(await change(pool, mine, from: "wrong password", to: Self.better).error == "NotAuthorizedException")
        #expect(await change(pool, mine, from: Pool.password, to: "short").error == "InvalidPasswordException")
        #expect(await change(pool, mine, from: Pool.password, to: Self.better) == Answer(status: 200, body: [:]))
        #expect(await pool.call("GetUser", ["AccessToken": .string(mine)]).status == 200)
        #expect(await pool.call("GetUser", ["AccessToken": .string(another)]).error == "NotAuthorizedException")
        #expect(await pool.signIn().error == "NotAuthorizedException")
        #expect(await pool.signIn(Pool.administrator, Self.better).tokens != nil)
    }

    @Test func `guesses of the old password count with those at sign-in`() async throws {
        let pool = try await Pool()
        let token = await pool.signIn().accessToken
        for _ in 0..<3 { _ = await change(pool, token, from: "wrong password", to: Self.better) }
        for _ in 0..<2 { _ = await pool.signIn(Pool.administrator, "wrong password") }
        let locked = await change(pool, token, from: Pool.password, to: Self.better)
        #expect(locked.body["message"] == "Password attempts exceeded")
        pool.clock.advance(seconds: 1)
        #expect(await change(pool, token, from: Pool.password, to: Self.better).error == nil)
    }

    @Test func `who forgot a password sets another with the code, and every sign-in ends`() async throws {
        let pool = try await Pool()
        let token = await pool.signIn().accessToken
        for _ in 0..<5 { _ = await pool.signIn(Pool.administrator, "wrong password") }
        let answer = await forgot(pool, "ADMIN@example.com")
        #expect(answer.body["CodeDeliveryDetails"]?["Destination"] == "a***@e***")
        let message = try await pool.outbox.next()
        #expect(message.purpose == .passwordReset && message.destination == Pool.administrator)
        #expect(await reset(pool, Pool.administrator, message.code, "short").error == "InvalidPasswordException")
        #expect(await reset(pool, Pool.administrator, message.code) == Answer(status: 200, body: [:]))
        #expect(await reset(pool, Pool.administrator, message.code).error == "CodeMismatchException")
        #expect(await pool.call("GetUser", ["AccessToken": .string(token)]).error == "NotAuthorizedException")
        #expect(await pool.signIn(Pool.administrator, Self.better).tokens != nil)
    }

    @Test func `a new password does not do without the second factor`() async throws {
        let pool = try await Pool()
        _ = try await pool.enrol()
        _ = await forgot(pool, Pool.administrator)
        let code = try await pool.outbox.next().code
        #expect(await reset(pool, Pool.administrator, code).error == nil)
        #expect(await pool.signIn(Pool.administrator, Self.better).challenge == "SOFTWARE_TOKEN_MFA")
    }

    @Test func `a code for another purpose, another person's and a late one set no password`() async throws {
        let pool = try await Pool()
        try await pool.addPerson("ann@x.test")
        let signUp = try #require(pool.outbox.messages.last).code
        #expect(await reset(pool, "ann@x.test", signUp).error == "CodeMismatchException")
        _ = await forgot(pool, "ann@x.test")
        let code = try await pool.outbox.next(after: 1).code
        #expect(await reset(pool, Pool.administrator, code).error == "CodeMismatchException")
        pool.clock.advance(seconds: 3600)
        #expect(await reset(pool, "ann@x.test", code).error == "ExpiredCodeException")
    }

    @Test(arguments: ["ChangePassword", "AdminSetUserPassword", "AdminUpdateUserAttributes", "AdminDisableUser"])
    func `a code sets no password once there is another, or another address, or the account is shut`(
        operation: String
    ) async throws {
        let pool = try await Pool()
        let token = await pool.signIn().accessToken
        _ = await forgot(pool, Pool.administrator)
        let code = try await pool.outbox.next().code
        let input: JSONValue = [
            "UserPoolId": .string(Pool.id), "Username": .string(Pool.administrator), "Password": "another password",
            "Permanent": true,
            "UserAttributes": [
                ["Name": "email", "Value": "new@x.test"], ["Name": "email_verified", "Value": "true"],
            ],
        ]
        let done =
            operation == "ChangePassword"
            ? await change(pool, token, from: Pool.password, to: "another password")
            : await pool.signedCall(operation, input)
        #expect(done.error == nil)
        #expect(await reset(pool, Pool.administrator, code).error == "CodeMismatchException")
    }

    @Test func `a name nobody has, or that may have no code, is answered alike and gets none`() async throws {
        let pool = try await Pool()
        _ = await pool.call(
            "SignUp",
            ["ClientId": .string(Pool.clientId), "Username": "new@x.test", "Password": .string(Pool.password)])
        let known = await forgot(pool, "new@x.test")
        let unknown = await forgot(pool, "not@x.test")
        #expect(known == unknown && known.status == 200)
        #expect(await forgot(pool, "nobody") == (await forgot(pool, "nobody")))
        for name in ["new@x.test", "not@x.test"] {
            #expect(await reset(pool, name, "123456").error == "CodeMismatchException")
        }
        _ = try await pool.outbox.next()
        #expect(pool.outbox.messages.map(\.purpose) == [.signUp])
    }

    @Test(arguments: [Pool.administrator, "nobody@x.test"])
    func `codes are sent and guessed so often and no more, whoever it is`(name: String) async throws {
        let pool = try await Pool()
        for _ in 0..<5 { #expect(await forgot(pool, name).status == 200) }
        #expect(await forgot(pool, name).error == "LimitExceededException")
        for _ in 0..<5 { #expect(await reset(pool, name, "wrong").error == "CodeMismatchException") }
        #expect(await reset(pool, name, "wrong").error == "TooManyFailedAttemptsException")
        pool.clock.advance(seconds: 1)
        #expect(await forgot(pool, name).status == 200)
        #expect(await reset(pool, name, "wrong").error == "CodeMismatchException")
        #expect(await reset(pool, name, "wrong").error == "TooManyFailedAttemptsException")
    }
}
