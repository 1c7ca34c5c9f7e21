import JSON
import Testing

@testable import Identity

@Suite struct AdministeredAccountTests {
    private static let name = "ann@x.test"

    private func administer(_ pool: Pool, _ operation: String, _ more: JSONObject = [:]) async -> Answer {
        var input: JSONObject = ["UserPoolId": .string(Pool.id), "Username": .string(Self.name)]
        for (key, value) in more.members { input[key] = value }
        return await pool.signedCall(operation, .object(input))
    }

    private func getUser(_ pool: Pool, _ token: String) async -> Answer {
        await pool.call("GetUser", ["AccessToken": .string(token)])
    }

    @Test func `who is disabled is out at once, and in again when enabled`() async throws {
        let pool = try await Pool()
        try await pool.addPerson(Self.name)
        let tokens = await pool.signIn(Self.name)
        #expect(await administer(pool, "AdminDisableUser") == Answer(status: 200, body: [:]))
        #expect(await getUser(pool, tokens.accessToken).error == "NotAuthorizedException")
        #expect(await pool.signIn(Self.name).body["message"] == "User is disabled.")
        #expect(await pool.signIn(Self.name, "wrong password").body["message"] == "Incorrect username or password.")
        #expect(await administer(pool, "AdminGetUser").body["Enabled"] == false)
        #expect(await administer(pool, "AdminEnableUser").status == 200)
        #expect(await pool.signIn(Self.name).tokens != nil)
        #expect(await getUser(pool, tokens.accessToken).error == "NotAuthorizedException")
    }

    @Test func `an account is signed out everywhere, and deleted`() async throws {
        let pool = try await Pool()
        try await pool.addPerson(Self.name)
        let token = await pool.signIn(Self.name).accessToken
        #expect(await administer(pool, "AdminUserGlobalSignOut").status == 200)
        #expect(await getUser(pool, token).error == "NotAuthorizedException")
        #expect(await administer(pool, "AdminDeleteUser").status == 200)
        #expect(await administer(pool, "AdminDeleteUser").error == "UserNotFoundException")
        #expect(await pool.signIn(Self.name).error == "NotAuthorizedException")
    }

    @Test func `an administrator may say that an address is proven, and a new one is not`() async throws {
        let pool = try await Pool()
        try await pool.addPerson(Self.name)
        func verified() async -> JSONValue? {
            await administer(pool, "AdminGetUser").body["UserAttributes"]?.array?
                .first { $0["Name"] == "email_verified" }?["Value"]
        }
        func set(_ attributes: JSONValue) async -> Answer {
            await administer(pool, "AdminUpdateUserAttributes", ["UserAttributes": attributes])
        }
        #expect(await verified() == "true")
        #expect(await set([["Name": "email", "Value": "b@x.test"]]).status == 200)
        #expect(await verified() == "false")
        #expect(
            await set([["Name": "email", "Value": "c@x.test"], ["Name": "email_verified", "Value": "true"]]).status
                == 200)
        #expect(await verified() == "true")
        #expect(await set([["Name": "sub", "Value": "1"]]).error == "NotAuthorizedException")
        #expect(await administer(pool, "AdminDeleteUserAttributes", ["UserAttributeNames": ["email"]]).status == 200)
        #expect(await verified() == nil)
    }

    @Test func `a lost authenticator is taken away, or only not asked for`() async throws {
        let pool = try await Pool()
        try await pool.addPerson(Self.name)
        _ = try await pool.enrol(Self.name)
        let silent: JSONObject = ["SoftwareTokenMfaSettings": ["Enabled": false]]
        #expect(await administer(pool, "AdminSetUserMFAPreference", silent).status == 200)
        #expect(await pool.signIn(Self.name).tokens != nil)
        let asked: JSONObject = ["SoftwareTokenMfaSettings": ["Enabled": true]]
        #expect(await administer(pool, "AdminSetUserMFAPreference", asked).status == 200)
        #expect(await pool.signIn(Self.name).challenge == "SOFTWARE_TOKEN_MFA")
        #expect(await administer(pool, "AdminDeleteSoftwareToken").status == 200)
        #expect(await pool.signIn(Self.name).tokens != nil)
        #expect(await administer(pool, "AdminSetUserMFAPreference", asked).error == "InvalidParameterException")
    }

    @Test func `an invitation is sent again with another password, until it is used`() async throws {
        let pool = try await Pool()
        #expect(await administer(pool, "AdminCreateUser").status == 200)
        let first = try #require(pool.outbox.messages.last).code
        #expect(await administer(pool, "AdminCreateUser").error == "UsernameExistsException")
        pool.clock.advance(seconds: 7 * 86400)
        let again = await administer(pool, "AdminCreateUser", ["MessageAction": "RESEND"])
        #expect(again.body["User"]?["UserStatus"] == "FORCE_CHANGE_PASSWORD")
        let second = try #require(pool.outbox.messages.last).code
        #expect(await pool.signIn(Self.name, first).error == "NotAuthorizedException")
        let answer = await pool.signIn(Self.name, second)
        #expect(answer.challenge == "NEW_PASSWORD_REQUIRED")
        _ = await pool.respond(
            "NEW_PASSWORD_REQUIRED", session: answer.session, username: Self.name, ["NEW_PASSWORD": "a better password"]
        )
        let late = await administer(pool, "AdminCreateUser", ["MessageAction": "RESEND"])
        #expect(late.error == "UnsupportedUserStateException")
    }
}
