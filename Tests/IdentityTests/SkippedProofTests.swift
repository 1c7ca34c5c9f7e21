import Bytes
import Crypto
import JSON
import Testing

@testable import Identity

/// Ways around a proof that are none.
@Suite struct SkippedProofTests {
    private func message(_ answer: Answer) -> String { answer.body["message"]?.string ?? "" }

    /// A token with the pool's own signature and these claims in the place of those it was given.
    private func token(_ pool: Pool, like given: String, _ changes: JSONObject) throws -> String {
        var claims = try claims(given)
        for (name, value) in changes.members { claims[name] = value }
        let key = pool.service.keys.signing(at: pool.clock.milliseconds)
        let header: JSONValue = ["kid": .string(key.id), "alg": "RS256"]
        let input = [header, .object(claims)].map { Base64.encode($0.serialized(), alphabet: .url) }
            .joined(separator: ".")
        let signature = try key.privateKey.sign(Array(input.utf8), .sha256)
        return input + "." + Base64.encode(signature, alphabet: .url)
    }

    @Test func `a token of another scope changes no account`() async throws {
        let pool = try await Pool()
        let given = await pool.signIn().accessToken
        for scope in ["openid", "openid email", "aws.cognito.signin.user.administrator", ""] {
            let narrow = try token(pool, like: given, ["scope": .string(scope)])
            for operation in ["GetUser", "AssociateSoftwareToken", "GlobalSignOut", "DeleteUser"] {
                let answer = await pool.call(operation, ["AccessToken": .string(narrow)])
                #expect(message(answer) == "Access Token does not have required scopes", "\(operation) \(scope)")
            }
        }
        #expect(await pool.call("GetUser", ["AccessToken": .string(given)]).error == nil)
    }

    @Test func `a token that no key of the pool has signed is refused before anything is asked`() async throws {
        let pool = try await Pool()
        let given = await pool.signIn().accessToken
        let parts = given.split(separator: ".").map(String.init)
        _ = pool.statements.take()
        for header in [
            #"{"alg":"none"}"#, #"{"alg":"RS256","kid":"../../dev/null"}"#, #"{"alg":"RS256","kid":"' OR 1=1 --"}"#,
            #"{"alg":"RS256","kid":"key1","jku":"http://127.0.0.1:1/jwks.json"}"#,
            #"{"alg":"RS256","kid":"key1","x5u":"file:///dev/null"}"#,
        ] {
            let forged = [Base64.encode(Array(header.utf8), alphabet: .url), parts[1], parts[2]].joined(separator: ".")
            let answer = await pool.call("GetUser", ["AccessToken": .string(forged)])
            #expect(message(answer) == "Invalid Access Token")
        }
        #expect(pool.statements.take().isEmpty)
    }

    @Test func `a sign-in that began before an authenticator was enrolled does not enrol another`() async throws {
        let pool = try await Pool { $0.secondFactor = .required }
        // Two begin with the same password, the thief first.
        let thief = await pool.signIn().session
        let begun = await pool.call("AssociateSoftwareToken", ["Session": .string(thief)])
        let late = await pool.signIn().session
        let owner = await pool.signIn().session
        let associated = await pool.call("AssociateSoftwareToken", ["Session": .string(owner)])
        let secret = try #require(associated.body["SecretCode"]?.string.flatMap { Base32.decode($0) })
        let verified = await pool.call(
            "VerifySoftwareToken",
            ["Session": .string(associated.session), "UserCode": .string(pool.code(secret))])
        #expect(await pool.respond("MFA_SETUP", session: verified.session).tokens != nil)

        let own = try #require(begun.body["SecretCode"]?.string.flatMap { Base32.decode($0) })
        let attempts = [
            await pool.call(
                "VerifySoftwareToken",
                ["Session": .string(begun.session), "UserCode": .string(pool.code(own))]),
            await pool.call("AssociateSoftwareToken", ["Session": .string(late)]),
            await pool.respond("MFA_SETUP", session: late), await pool.respond("MFA_SETUP", session: begun.session),
        ]
        #expect(attempts.allSatisfy { $0.error != nil && $0.tokens == nil })
        #expect(await pool.signIn().challenge == "SOFTWARE_TOKEN_MFA")
    }

    @Test func `fifty guesses at a code by mail at the same time are counted until the lock`() async throws {
        let pool = try await Pool()
        _ = await pool.call(
            "ForgotPassword", ["ClientId": .string(Pool.clientId), "Username": .string(Pool.administrator)])
        let right = try await pool.outbox.next().code
        let guesses = (0..<50).map { "00000\($0)" }.filter { $0 != right }
        let answers = await withTaskGroup(of: Answer.self, returning: [Answer].self) { group in
            for guess in guesses {
                group.addTask {
                    await pool.call(
                        "ConfirmForgotPassword",
                        [
                            "ClientId": .string(Pool.clientId), "Username": .string(Pool.administrator),
                            "ConfirmationCode": .string(guess), "Password": "another password",
                        ])
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.count { $0.error == "CodeMismatchException" } == 5)
        #expect(answers.count { $0.error == "TooManyFailedAttemptsException" } == guesses.count - 5)
        #expect(await pool.signIn().tokens != nil)
    }

    @Test func `a code that was made for nobody sets nobody's password`() async throws {
        let pool = try await Pool()
        for operation in ["ForgotPassword", "ResendConfirmationCode"] {
            _ = await pool.call(operation, ["ClientId": .string(Pool.clientId), "Username": "nobody@x.test"])
        }
        #expect(pool.outbox.messages.isEmpty)
        let listed = await pool.signedCall("ListUsers", ["UserPoolId": .string(Pool.id)])
        #expect(listed.body["Users"]?.array?.count == 1)
        for name in ["decoy", "decoy@example.invalid"] {
            #expect(await pool.signIn(name).error == "NotAuthorizedException")
            let found = await pool.signedCall(
                "AdminGetUser", ["UserPoolId": .string(Pool.id), "Username": .string(name)])
            #expect(found.error == "UserNotFoundException")
        }
    }
}
