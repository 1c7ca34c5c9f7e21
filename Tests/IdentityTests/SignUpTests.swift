import JSON
import Testing

@testable import Identity

@Suite struct SignUpTests {
    private func signUp(_ pool: Pool, _ name: String, _ password: String = Pool.password) async -> Answer {
        await pool.call(
            "SignUp",
            [
                "ClientId": .string(Pool.clientId), "Username": .string(name), "Password": .string(password),
                "UserAttributes": [["Name": "name", "Value": "Ann"]],
            ])
    }

    private func confirm(_ pool: Pool, _ name: String, _ code: String) async -> Answer {
        await pool.call(
            "ConfirmSignUp",
            ["ClientId": .string(Pool.clientId), "Username": .string(name), "ConfirmationCode": .string(code)])
    }

    @Test func `a person signs up, confirms with the delivered code and signs in`() async throws {
        let pool = try await Pool()
        let answer = await signUp(pool, "ann@example.com")
        #expect(answer.status == 200)
        #expect(answer.body["UserConfirmed"] == false)
        #expect(answer.body["CodeDeliveryDetails"]?["Destination"] == "a***@e***")
        let wrong = await pool.signIn("ann@example.com", "wrong password")
        #expect(wrong.error == "NotAuthorizedException")
        #expect(await pool.signIn("ann@example.com") == wrong)
        let legacy = try await pool.makeClient(["PreventUserExistenceErrors": "LEGACY"])
        #expect(await pool.signIn(legacy, "ann@example.com").error == "UserNotConfirmedException")

        let message = try await pool.outbox.next()
        #expect(message.purpose == .signUp && message.destination == "ann@example.com")
        #expect(await confirm(pool, "ANN@example.com", message.code) == Answer(status: 200, body: [:]))
        let tokens = await pool.signIn("Ann@Example.com")
        let user = await pool.call("GetUser", ["AccessToken": .string(tokens.accessToken)])
        #expect(user.body["Username"] == "ann@example.com")
        let attributes = try #require(user.body["UserAttributes"]?.array)
        #expect(attributes.contains(["Name": "email_verified", "Value": "true"]))
        #expect(attributes.contains(["Name": "name", "Value": "Ann"]))
    }

    @Test func `a confirmation code is refused when wrong, late, tried too often or another person's`() async throws {
        let pool = try await Pool()
        for name in ["a@x.test", "b@x.test", "c@x.test"] { #expect(await signUp(pool, name).status == 200) }
        var codes: [String] = []
        for name in ["a@x.test", "b@x.test", "c@x.test"] { codes.append(try await pool.outbox.message(to: name).code) }
        let foreign = codes[0] == codes[1] ? "none" : codes[1]
        #expect(await confirm(pool, "a@x.test", foreign).error == "CodeMismatchException")
        for _ in 0..<4 { #expect(await confirm(pool, "a@x.test", "wrong").error == "CodeMismatchException") }
        #expect(await confirm(pool, "a@x.test", codes[0]).error == "TooManyFailedAttemptsException")
        pool.clock.advance(seconds: 1)
        #expect(await confirm(pool, "a@x.test", codes[0]).error == "ExpiredCodeException")
        #expect(await confirm(pool, "nobody@x.test", "123456").error == "CodeMismatchException")

        let again = await pool.call(
            "ResendConfirmationCode", ["ClientId": .string(Pool.clientId), "Username": "a@x.test"])
        #expect(again.body["CodeDeliveryDetails"]?["DeliveryMedium"] == "EMAIL")
        let fresh = try await pool.outbox.next(after: 3)
        #expect(await confirm(pool, "a@x.test", fresh.code).error == nil)
        #expect(await confirm(pool, "a@x.test", fresh.code).error == "CodeMismatchException")

        pool.clock.advance(seconds: 86400)
        #expect(await confirm(pool, "c@x.test", codes[2]).error == "ExpiredCodeException")
    }

    @Test func `a code of a sign-up does not do without the password that an administrator wants replaced`()
        async throws
    {
        let pool = try await Pool()
        #expect(await signUp(pool, "a@x.test").status == 200)
        let code = try await pool.outbox.message(to: "a@x.test").code
        let set = await pool.signedCall(
            "AdminSetUserPassword",
            ["UserPoolId": .string(Pool.id), "Username": "a@x.test", "Password": "temporary password"])
        #expect(set.error == nil)
        #expect(await confirm(pool, "a@x.test", code).error == "CodeMismatchException")
        #expect(await pool.signIn("a@x.test", "temporary password").challenge == "NEW_PASSWORD_REQUIRED")
    }

    @Test func `resending to nobody looks like resending to somebody, and sends nothing`() async throws {
        let pool = try await Pool()
        let answer = await pool.call(
            "ResendConfirmationCode", ["ClientId": .string(Pool.clientId), "Username": "nobody@x.test"])
        #expect(answer.body == ["CodeDeliveryDetails": IdentityService.deliveryDetails("nobody@x.test")])
        #expect(pool.outbox.messages.isEmpty)
    }

    @Test func `short passwords and reserved attributes are refused`() async throws {
        let pool = try await Pool()
        #expect(await signUp(pool, "a@x.test", "seven77").error == "InvalidPasswordException")
        #expect(await signUp(pool, "a@x.test", String(repeating: "x", count: 257)).error == "InvalidPasswordException")
        #expect(await signUp(pool, "a b").error == "InvalidParameterException")
        for name in ["sub", "email_verified", "cognito:groups"] {
            let answer = await pool.call(
                "SignUp",
                [
                    "ClientId": .string(Pool.clientId), "Username": "a@x.test", "Password": .string(Pool.password),
                    "UserAttributes": [["Name": .string(name), "Value": "x"]],
                ])
            #expect(answer.error == "NotAuthorizedException")
        }
        #expect(pool.outbox.messages.isEmpty)
    }
}
