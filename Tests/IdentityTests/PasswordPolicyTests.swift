import Catalog
import JSON
import Testing

@testable import Identity

/// Every way to set a password refuses the same ones.
@Suite struct PasswordPolicyTests {
    private static let named: JSONObject = ["UserPoolId": .string(Pool.id), "Username": .string(Pool.administrator)]
    /// With a name and an address that differ.
    private static let person = "ann-of-films"

    private static func refusal(_ answer: Answer) -> String? {
        answer.error == "InvalidPasswordException" ? answer.body["message"]?.string : nil
    }

    private static func with(_ more: JSONObject, _ less: JSONObject) -> JSONValue {
        var all = less
        for (name, value) in more.members { all[name] = value }
        return .object(all)
    }

    @Test(arguments: ["short", "TrustNo1", "iloveyou", "Admin@Example.com", String(repeating: "a", count: 257)])
    func `no operation sets it`(_ password: String) async throws {
        let pool = try await Pool()
        let token = await pool.signIn().accessToken
        _ = await pool.call(
            "ForgotPassword", ["ClientId": .string(Pool.clientId), "Username": .string(Pool.administrator)])
        let code = try await pool.outbox.next().code
        let signUp: JSONObject = [
            "ClientId": .string(Pool.clientId), "Password": .string(password),
            "Username": .string(Pool.administrator),
        ]
        #expect(Self.refusal(await pool.call("SignUp", .object(signUp))) != nil)
        let byCode = Self.with(["ConfirmationCode": .string(code)], signUp)
        #expect(Self.refusal(await pool.call("ConfirmForgotPassword", byCode)) != nil)
        let change: JSONValue = [
            "AccessToken": .string(token), "PreviousPassword": .string(Pool.password),
            "ProposedPassword": .string(password),
        ]
        #expect(Self.refusal(await pool.call("ChangePassword", change)) != nil)
        let set = Self.with(["Password": .string(password), "Permanent": true], Self.named)
        #expect(Self.refusal(await pool.signedCall("AdminSetUserPassword", set)) != nil)
        let temporary = Self.with(["TemporaryPassword": .string(password)], Self.named)
        #expect(Self.refusal(await pool.signedCall("AdminCreateUser", temporary)) != nil)
        let again = Self.with(["TemporaryPassword": .string(password), "MessageAction": "RESEND"], Self.named)
        #expect(Self.refusal(await pool.signedCall("AdminCreateUser", again)) != nil)

        let temporarily = Self.with(["Password": "a temporary password"], Self.named)
        #expect(await pool.signedCall("AdminSetUserPassword", temporarily).status == 200)
        let session = await pool.signIn(Pool.administrator, "a temporary password").session
        let answer = await pool.respond(
            "NEW_PASSWORD_REQUIRED", session: session, ["NEW_PASSWORD": .string(password)])
        #expect(Self.refusal(answer) != nil)
    }

    @Test func `an address that is not the name is refused by who knows it, and the code stays good`() async throws {
        let pool = try await Pool()
        let made = await pool.signedCall(
            "AdminCreateUser",
            [
                "UserPoolId": .string(Pool.id), "Username": .string(Self.person), "MessageAction": "SUPPRESS",
                "UserAttributes": [
                    ["Name": "email", "Value": "wonderful.ann@example.com"],
                    ["Name": "email_verified", "Value": "true"],
                ],
            ])
        #expect(made.status == 200)
        let set: JSONObject = [
            "UserPoolId": .string(Pool.id), "Username": .string(Self.person), "Permanent": true,
        ]
        for password in [Self.person, "Wonderful.Ann@example.com", "wonderful.ann"] {
            let answer = await pool.signedCall(
                "AdminSetUserPassword", Self.with(["Password": .string(password)], set))
            #expect(
                Self.refusal(answer)
                    == "Password did not conform with policy: Password is the name of the account")
        }
        let right = await pool.signedCall(
            "AdminSetUserPassword", Self.with(["Password": .string(Pool.password)], set))
        #expect(right.status == 200)

        let client: JSONObject = ["ClientId": .string(Pool.clientId), "Username": .string(Self.person)]
        _ = await pool.call("ForgotPassword", .object(client))
        let code = try await pool.outbox.next().code
        for (password, refused) in [("wonderful.ann", true), ("a better password", false)] {
            let more: JSONObject = ["ConfirmationCode": .string(code), "Password": .string(password)]
            let answer = await pool.call("ConfirmForgotPassword", Self.with(more, client))
            #expect((Self.refusal(answer) != nil) == refused)
        }
        #expect(await pool.signIn(Self.person, "a better password").tokens != nil)
    }

    @Test func `the most common are refused in so many words`() async throws {
        let pool = try await Pool()
        let answer = await pool.call(
            "SignUp", ["ClientId": .string(Pool.clientId), "Username": "ann", "Password": "Password"])
        #expect(
            Self.refusal(answer) == "Password did not conform with policy: Password is one of the most common")
    }

    @Test func `the first administrator has none of them either`() async throws {
        let pool = try await Pool()
        let bootstrap = IdentityBootstrap(store: pool.store, settings: pool.service.settings)
        await #expect(throws: CognitoError.self) {
            try await bootstrap.run(
                clientId: Pool.clientId, administrator: .init(email: "bob@x.test", password: "iloveyou"))
        }
    }
}
