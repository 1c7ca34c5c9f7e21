import HTTPServer
import HTTPWire
import JSON
import Testing

@testable import Identity

@Suite struct AdministrationTests {
    private func input(_ name: String, _ more: JSONObject = [:]) -> JSONValue {
        var object: JSONObject = ["UserPoolId": .string(Pool.id), "Username": .string(name)]
        for (key, value) in more.members { object[key] = value }
        return .object(object)
    }

    @Test func `an invited person must replace the temporary password`() async throws {
        let pool = try await Pool()
        let created = await pool.signedCall(
            "AdminCreateUser",
            input("new@x.test", ["UserAttributes": [["Name": "email_verified", "Value": "true"]]]))
        #expect(created.body["User"]?["UserStatus"] == "FORCE_CHANGE_PASSWORD")
        #expect(created.body["User"]?["UserCreateDate"]?.number == Double(pool.clock.seconds))
        let invitation = try #require(pool.outbox.messages.last)
        #expect(invitation.purpose == .invitation && invitation.username == "new@x.test")
        let first = await pool.signIn("new@x.test", invitation.code)
        #expect(first.challenge == "NEW_PASSWORD_REQUIRED")
        #expect(first.body["ChallengeParameters"]?["requiredAttributes"] == "[]")
        func answer(_ password: String) async -> Answer {
            await pool.respond(
                "NEW_PASSWORD_REQUIRED", session: first.session, username: "new@x.test",
                ["NEW_PASSWORD": .string(password), "TIMESTAMP": "ignored"])
        }
        #expect(await answer("short").error == "InvalidPasswordException")
        #expect(await answer("a better password").tokens != nil)
        #expect(await answer("a better password").error == "NotAuthorizedException")
        #expect(await pool.signIn("new@x.test", invitation.code).error == "NotAuthorizedException")
        #expect(await pool.signIn("new@x.test", "a better password").tokens != nil)
    }

    @Test func `a temporary password ends after a week`() async throws {
        let pool = try await Pool()
        let created = await pool.signedCall(
            "AdminCreateUser",
            input("new@x.test", ["TemporaryPassword": "temporary password", "MessageAction": "SUPPRESS"]))
        #expect(created.status == 200 && pool.outbox.messages.isEmpty)
        pool.clock.advance(seconds: 7 * 86400)
        #expect(await pool.signIn("new@x.test", "temporary password").error == "NotAuthorizedException")
    }

    @Test func `setting a password ends every session of the account`() async throws {
        let pool = try await Pool()
        let token = await pool.signIn().accessToken
        let set = await pool.signedCall(
            "AdminSetUserPassword",
            input(Pool.administrator, ["Password": "another password", "Permanent": true]))
        #expect(set == Answer(status: 200, body: [:]))
        #expect(await pool.call("GetUser", ["AccessToken": .string(token)]).error == "NotAuthorizedException")
        #expect(await pool.signIn().error == "NotAuthorizedException")
        #expect(await pool.signIn(Pool.administrator, "another password").tokens != nil)
    }

    @Test func `an administrator confirms and describes accounts`() async throws {
        let pool = try await Pool()
        _ = await pool.call(
            "SignUp",
            ["ClientId": .string(Pool.clientId), "Username": "ann", "Password": .string(Pool.password)])
        #expect(await pool.signedCall("AdminGetUser", input("ann")).body["UserStatus"] == "UNCONFIRMED")
        #expect(await pool.signedCall("AdminConfirmSignUp", input("ann")) == Answer(status: 200, body: [:]))
        #expect(await pool.signedCall("AdminConfirmSignUp", input("ann")).error == "NotAuthorizedException")
        let user = await pool.signedCall("AdminGetUser", input("ann")).body
        #expect(user["UserStatus"] == "CONFIRMED" && user["Enabled"] == true && user["Attributes"] == nil)
        #expect(user["UserAttributes"]?[0]?["Name"] == "sub")
        #expect(await pool.signedCall("AdminGetUser", input("nobody")).error == "UserNotFoundException")
        let otherPool: JSONValue = ["UserPoolId": "eu-central-1_Other", "Username": "ann"]
        #expect(await pool.signedCall("AdminGetUser", otherPool).error == "ResourceNotFoundException")
    }

    @Test func `administrators' operations need a signature over this very body`() async throws {
        let pool = try await Pool()
        let operations = CognitoOperation.allCases.filter(\.needsSignature)
        #expect(operations.contains(.adminGetUser) && operations.contains(.listUsers))
        for operation in operations {
            #expect(
                await pool.call(operation.rawValue, input(Pool.administrator)).error
                    == "MissingAuthenticationTokenException")
            #expect(
                await pool.signedCall(operation.rawValue, input(Pool.administrator), secret: "guess").error
                    == "InvalidSignatureException")
            #expect(
                await pool.signedCall(operation.rawValue, input(Pool.administrator), key: "AKIAEDGE").error
                    == "UnrecognizedClientException")
        }
    }

    @Test func `errors are said in the body and in the headers, and a page may read them`() async throws {
        let pool = try await Pool()
        let response = await pool.respond(to: pool.request("SignUp", Array("{}".utf8), path: "/identity"))
        #expect(response.status == .badRequest)
        #expect(response.headers.first("x-amzn-errortype") == "InvalidParameterException:")
        #expect(response.headers.first("x-amzn-errormessage") == "Missing required parameter ClientId")
        #expect(response.headers.first("x-amzn-requestid") == "r1")
        #expect(response.headers.first("access-control-allow-origin") == "*")
        #expect(response.headers.first("content-type") == "application/x-amz-json-1.1")
        var preflight = pool.request("", [])
        preflight.method = .options
        let allowed = await pool.respond(to: preflight)
        #expect(allowed.status == .noContent)
        #expect(allowed.headers.first("access-control-allow-headers")?.contains("x-amz-target") == true)
    }

    @Test func `unknown operations and bodies that are no objects are refused`() async throws {
        let pool = try await Pool()
        #expect(await pool.call("CreateUserImportJob", [:]).error == "UnknownOperationException")
        for body in ["", "[]", "{", "{\"a\":1,\"a\":2}", "\u{0}"] {
            #expect(await pool.answer(pool.request("SignUp", Array(body.utf8))).error == "SerializationException")
        }
        let large = [UInt8](repeating: UInt8(ascii: " "), count: IdentityService.maximumBodyBytes + 1)
        #expect(await pool.answer(pool.request("SignUp", large)).status == 413)
        let typed: JSONValue = ["ClientId": 7, "Username": ["x"], "Password": nil]
        #expect(await pool.call("SignUp", typed).error == "InvalidParameterException")
    }
}
