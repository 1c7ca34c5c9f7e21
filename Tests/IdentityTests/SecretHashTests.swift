import JSON
import Testing

@testable import Identity

@Suite struct SecretHashTests {
    private static let name = "Ann@x.test"

    /// Every operation that takes a hash over a name: missing, of another name, of another secret, and right.
    @Test func `a client with a secret does nothing without the right hash`() async throws {
        let pool = try await Pool()
        let client = try await pool.makeClient(["GenerateSecret": true])
        let stranger = TestClient(id: client.id, secret: "x" + (client.secret ?? ""))
        let missing = "Client \(client.id) is configured with secret but SECRET_HASH was not received"
        let wrong = "SecretHash does not match for the client: \(client.id)"
        let operations: [(String, JSONObject)] = [
            ("SignUp", ["Password": .string(Pool.password)]), ("ResendConfirmationCode", [:]),
            ("ConfirmSignUp", ["ConfirmationCode": "000000"]), ("ForgotPassword", [:]),
            ("ConfirmForgotPassword", ["ConfirmationCode": "000000", "Password": .string(Pool.password)]),
        ]
        for (operation, more) in operations {
            let bare = TestClient(id: client.id, secret: nil)
            let none = await pool.call(operation, bare, username: Self.name, more)
            #expect(none.error == "NotAuthorizedException" && none.message == missing, "\(operation)")
            for hash in [client.hash(over: "other"), stranger.hash(over: Self.name), "", "=", "ä"] {
                var input = more
                input["SecretHash"] = hash.map { JSONValue.string($0) }
                let refused = await pool.call(operation, bare, username: Self.name, input)
                let isEmpty = hash?.isEmpty == true
                #expect(refused.error == (isEmpty ? "InvalidParameterException" : "NotAuthorizedException"))
                #expect(isEmpty || refused.message == wrong, "\(operation)")
            }
            let right = await pool.call(operation, client, username: Self.name, more)
            #expect(right.error == nil || right.error == "CodeMismatchException", "\(operation)")
        }
    }

    @Test func `signing in and answering a challenge take the hash over the name they send`() async throws {
        let pool = try await Pool()
        let client = try await pool.makeClient(["GenerateSecret": true])
        let bare = TestClient(id: client.id, secret: nil)
        #expect(await pool.signIn(bare).message?.contains("was not received") == true)
        #expect(await pool.signIn(bare, hash: client.hash(over: "other")).message?.contains("does not match") == true)
        let flows = await pool.call("InitiateAuth", ["ClientId": .string(client.id), "AuthFlow": "USER_PASSWORD_AUTH"])
        #expect(flows.error == "NotAuthorizedException")

        let secret = try await pool.enrol()
        let first = await pool.signIn(client)
        #expect(first.challenge == "SOFTWARE_TOKEN_MFA")
        func answer(_ hash: String?) async -> Answer {
            var responses: JSONObject = [
                "USERNAME": .string(Pool.administrator), "SOFTWARE_TOKEN_MFA_CODE": .string(pool.code(secret)),
            ]
            responses["SECRET_HASH"] = hash.map { JSONValue.string($0) }
            return await pool.call(
                "RespondToAuthChallenge",
                [
                    "ClientId": .string(client.id), "ChallengeName": "SOFTWARE_TOKEN_MFA",
                    "Session": .string(first.session), "ChallengeResponses": .object(responses),
                ])
        }
        // More often than a session takes wrong answers: these are none.
        for _ in 0..<3 {
            #expect(await answer(nil).message?.contains("was not received") == true)
            #expect(await answer(client.hash(over: "other")).message?.contains("does not match") == true)
        }
        #expect(await answer(client.hash(over: Pool.administrator)).tokens != nil)
    }

    @Test func `renewing takes the hash over the account's name or id`() async throws {
        let pool = try await Pool()
        let client = try await pool.makeClient(["GenerateSecret": true])
        let signedIn = await pool.signIn(client)
        let token = try #require(signedIn.refreshToken)
        let sub = try #require(try claims(signedIn.accessToken)["sub"]?.string)
        #expect(await pool.refresh(client, token).message?.contains("was not received") == true)
        #expect(await pool.refresh(client, "unknown").message?.contains("was not received") == true)
        for name in ["other", ""] {
            #expect(
                await pool.refresh(client, token, hash: client.hash(over: name)).message?.contains("does not match")
                    == true)
        }
        for name in [Pool.administrator, sub] {
            #expect(await pool.refresh(client, token, hash: client.hash(over: name)).tokens != nil)
        }
    }

    @Test func `renewing and revoking take the secret itself`() async throws {
        let pool = try await Pool()
        let client = try await pool.makeClient(["GenerateSecret": true])
        let bare = TestClient(id: client.id, secret: nil)
        let token = try #require(await pool.signIn(client).refreshToken)
        func revoke(_ secret: String?) async -> Answer {
            var input: JSONObject = ["ClientId": .string(client.id), "Token": .string(token)]
            input["ClientSecret"] = secret.map { JSONValue.string($0) }
            return await pool.call("RevokeToken", .object(input))
        }
        #expect(await pool.renew(bare, token).error == "NotAuthorizedException")
        #expect(await pool.renew(bare, token, secret: "wrong").error == "NotAuthorizedException")
        #expect(await revoke(nil).error == "UnauthorizedException")
        #expect(await revoke("wrong").error == "UnauthorizedException")
        #expect(await pool.renew(client, token).tokens != nil)
        #expect(await revoke(client.secret) == Answer(status: 200, body: [:]))
        #expect(await pool.renew(client, token).error == "NotAuthorizedException")
    }

    @Test func `a client without a secret may send a hash, which proves nothing`() async throws {
        let pool = try await Pool()
        let client = TestClient(id: Pool.clientId, secret: "nobody's")
        #expect(await pool.signIn(client).tokens != nil)
    }
}
