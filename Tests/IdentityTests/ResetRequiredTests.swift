import JSON
import Testing

@testable import Identity

@Suite struct ResetRequiredTests {
    private static let name = "ann@x.test"

    private func take(_ pool: Pool, _ name: String = Self.name) async -> Answer {
        await pool.signedCall(
            "AdminResetUserPassword", ["UserPoolId": .string(Pool.id), "Username": .string(name)])
    }

    private func reset(_ pool: Pool, _ code: String) async -> Answer {
        await pool.call(
            "ConfirmForgotPassword",
            [
                "ClientId": .string(Pool.clientId), "Username": .string(Self.name), "ConfirmationCode": .string(code),
                "Password": "another password",
            ])
    }

    private func status(_ pool: Pool) async -> String? {
        await pool.signedCall("AdminGetUser", ["UserPoolId": .string(Pool.id), "Username": .string(Self.name)])
            .body["UserStatus"]?.string
    }

    @Test func `a password that was taken away ends all sign-ins, and the code by mail sets another`() async throws {
        let pool = try await Pool()
        try await pool.addPerson(Self.name)
        let token = await pool.signIn(Self.name).accessToken
        #expect(await take(pool) == Answer(status: 200, body: [:]))
        #expect(await status(pool) == "RESET_REQUIRED")
        #expect(await pool.call("GetUser", ["AccessToken": .string(token)]).error == "NotAuthorizedException")
        #expect(await pool.signIn(Self.name).error == "PasswordResetRequiredException")
        // Only who knows the old password is told.
        #expect(await pool.signIn(Self.name, "wrong password").error == "NotAuthorizedException")
        let message = try #require(pool.outbox.messages.last)
        #expect(message.purpose == .passwordTaken)
        #expect(await reset(pool, message.code).status == 200)
        #expect(await status(pool) == "CONFIRMED")
        #expect(await pool.signIn(Self.name, "another password").tokens != nil)
    }

    @Test func `whoever has lost the code asks for another`() async throws {
        let pool = try await Pool()
        try await pool.addPerson(Self.name)
        let secret = try await pool.enrol(Self.name)
        #expect(await take(pool).status == 200)
        #expect(await take(pool).status == 200)
        let sent = pool.outbox.messages.count
        _ = await pool.call("ForgotPassword", ["ClientId": .string(Pool.clientId), "Username": .string(Self.name)])
        #expect(await reset(pool, try await pool.outbox.next(after: sent).code).status == 200)
        let asked = await pool.signIn(Self.name, "another password")
        #expect(asked.challenge == "SOFTWARE_TOKEN_MFA")
        #expect(await pool.answerCode(pool.code(secret), session: asked.session, username: Self.name).tokens != nil)
    }

    @Test func `a sign-in that had begun does not get around it`() async throws {
        let pool = try await Pool()
        try await pool.addPerson(Self.name)
        let secret = try await pool.enrol(Self.name)
        let begun = await pool.signIn(Self.name)
        #expect(await take(pool).status == 200)
        let answer = await pool.answerCode(pool.code(secret), session: begun.session, username: Self.name)
        #expect(answer.error == "NotAuthorizedException" && answer.tokens == nil)
    }

    @Test func `nor does a temporary password that somebody else has replaced`() async throws {
        let pool = try await Pool()
        let input: JSONValue = [
            "UserPoolId": .string(Pool.id), "Username": .string(Self.name), "TemporaryPassword": "temporary password",
            "UserAttributes": [
                ["Name": "email", "Value": .string(Self.name)], ["Name": "email_verified", "Value": "true"],
            ],
        ]
        #expect(await pool.signedCall("AdminCreateUser", input).status == 200)
        #expect(await take(pool).error == "InvalidParameterException")
        let sessions = [
            await pool.signIn(Self.name, "temporary password").session,
            await pool.signIn(Self.name, "temporary password").session,
        ]
        func replace(_ session: String) async -> Answer {
            await pool.respond(
                "NEW_PASSWORD_REQUIRED", session: session, username: Self.name, ["NEW_PASSWORD": "my own password"])
        }
        #expect(await replace(sessions[0]).tokens != nil)
        #expect(await take(pool).status == 200)
        #expect(await replace(sessions[1]).error == "NotAuthorizedException")
        #expect(await status(pool) == "RESET_REQUIRED")
    }

    @Test func `nothing is taken from whom no code can reach`() async throws {
        let pool = try await Pool()
        #expect(await take(pool, "nobody@x.test").error == "UserNotFoundException")
        _ = await pool.call(
            "SignUp",
            ["ClientId": .string(Pool.clientId), "Username": .string(Self.name), "Password": .string(Pool.password)])
        #expect(await take(pool).error == "InvalidParameterException")
        #expect(await status(pool) == "UNCONFIRMED")
    }
}
