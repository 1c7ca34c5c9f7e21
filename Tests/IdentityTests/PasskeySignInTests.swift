import Audit
import Bytes
import Catalog
import Crypto
import JSON
import TestKit
import Testing
import WebAuthn

@testable import Identity

@Suite struct PasskeySignInTests {
    private func message(_ answer: Answer) -> String { answer.body["message"]?.string ?? "" }

    @Test func `a passkey signs in, straight or by choice`() async throws {
        let pool = try await Pool.withPasskeys()
        let authenticator = try await pool.register(await pool.signIn().accessToken)
        let done = try await pool.signInWithPasskey(authenticator)
        #expect(done.status == 200 && done.body["ChallengeParameters"] == [:])
        #expect(try await pool.service.tokenVerifier.verify(done.accessToken).username == Pool.administrator)
        #expect(try await pool.signInWithPasskey(authenticator, as: "ADMIN@Example.com").tokens != nil)

        let offered = await pool.choose()
        #expect(offered.challenge == "SELECT_CHALLENGE")
        #expect(offered.body["AvailableChallenges"] == ["PASSWORD", "WEB_AUTHN"])
        let chosen = await pool.respond(
            "SELECT_CHALLENGE", session: offered.session, ["ANSWER": "WEB_AUTHN"])
        #expect(chosen.challenge == "WEB_AUTHN")
        let credential = try authenticator.get(challenge: try Pool.challenge(of: chosen))
        #expect(await pool.finishPasskey(chosen.session, credential).tokens != nil)
        // Or all at once, with the challenge that came with the choice.
        let direct = try authenticator.get(challenge: try Pool.challenge(of: offered))
        let answer = await pool.respond(
            "SELECT_CHALLENGE", session: offered.session,
            ["ANSWER": "WEB_AUTHN", "CREDENTIAL": .string(direct.description)])
        #expect(answer.tokens != nil)
    }

    @Test func `a password signs in by choice, sent or proven`() async throws {
        let pool = try await Pool.withPasskeys()
        let password: JSONObject = ["PASSWORD": .string(Pool.password)]
        let straight = await pool.choose(Pool.administrator, more(password, "PREFERRED_CHALLENGE", "PASSWORD"))
        #expect(straight.tokens != nil)
        let asked = await pool.choose(Pool.administrator, ["PREFERRED_CHALLENGE": "PASSWORD"])
        #expect(asked.challenge == "PASSWORD" && asked.body["ChallengeParameters"]?.object?.count == 1)
        #expect(await pool.respond("PASSWORD", session: asked.session, password).tokens != nil)
        #expect(await pool.respond("PASSWORD", session: asked.session).error == "InvalidParameterException")
        let offered = await pool.choose(Pool.administrator, ["PREFERRED_CHALLENGE": "EMAIL_OTP"])
        #expect(offered.challenge == "SELECT_CHALLENGE")
        let session = offered.session
        #expect(
            await pool.respond("SELECT_CHALLENGE", session: session, more(password, "ANSWER", "PASSWORD")).tokens != nil
        )
        let wrong = await pool.respond(
            "SELECT_CHALLENGE", session: session, ["ANSWER": "PASSWORD", "PASSWORD": "wrong password"])
        #expect(message(wrong) == "Incorrect username or password.")
        #expect(try await pool.passwordFailures() == 1)
        for answer in ["PASSWORD_SRP", "EMAIL_OTP", "NONE"] {
            #expect(
                await pool.respond("SELECT_CHALLENGE", session: session, ["ANSWER": .string(answer)]).error
                    == "InvalidParameterException")
        }

        try await pool.setFlows(Pool.passkeyFlows.union([IdentityClient.srpFlow]))
        let client = try SRPClient()
        let proven = await pool.choose()
        #expect(proven.body["AvailableChallenges"] == ["PASSWORD", "PASSWORD_SRP", "WEB_AUTHN"])
        _ = await pool.signIn()
        let begun = await pool.respond(
            "SELECT_CHALLENGE", session: proven.session,
            ["ANSWER": "PASSWORD_SRP", "SRP_A": .string(SRPClient.text(client.publicValue))])
        #expect(begun.challenge == "PASSWORD_VERIFIER")
        #expect(await pool.finishSRP(try pool.responses(to: begun, client)).tokens != nil)
    }

    private func more(_ object: JSONObject, _ name: String, _ value: JSONValue) -> JSONObject {
        var object = object
        object[name] = value
        return object
    }

    @Test func `a challenge is good once, also when it is answered twenty times at the same time`() async throws {
        let pool = try await Pool.withPasskeys()
        let authenticator = try await pool.register(await pool.signIn().accessToken)
        let (challenge, session) = try await pool.beginPasskey()
        let credential = try authenticator.get(challenge: challenge)
        let answers = await withTaskGroup(of: Answer.self, returning: [Answer].self) { group in
            for _ in 0..<20 { group.addTask { await pool.finishPasskey(session, credential) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.count { $0.tokens != nil } == 1)
        #expect(answers.count { message($0) == "Invalid session for the user." } == 19)
        #expect(try await pool.passkeyFailures() == 0)

        // A wrong answer is an answer, too.
        let second = try await pool.beginPasskey()
        var stranger = authenticator
        stranger.key = try .p256()
        let wrong = await pool.finishPasskey(second.session, try stranger.get(challenge: second.challenge))
        #expect(message(wrong) == "Incorrect username or password.")
        let right = await pool.finishPasskey(second.session, try authenticator.get(challenge: second.challenge))
        #expect(message(right) == "Invalid session for the user.")
        #expect(try await pool.passkeyFailures() == 1)
    }

    @Test func `a session is short-lived, and good for its name, its client and this flow`() async throws {
        let pool = try await Pool.withPasskeys()
        try await pool.addPerson("ann@x.test")
        let authenticator = try await pool.register(await pool.signIn().accessToken)
        let (challenge, session) = try await pool.beginPasskey()
        let credential = try authenticator.get(challenge: challenge)
        try await pool.setFlows(Pool.passkeyFlows, of: "other")
        func answer(
            _ session: String, as username: String = Pool.administrator, clientId: String = Pool.clientId
        ) async -> String {
            message(
                await pool.call(
                    "RespondToAuthChallenge",
                    [
                        "ClientId": .string(clientId), "ChallengeName": "WEB_AUTHN", "Session": .string(session),
                        "ChallengeResponses": [
                            "USERNAME": .string(username), "CREDENTIAL": .string(credential.description),
                        ],
                    ]))
        }
        let invalid = "Invalid session for the user."
        #expect(await answer(session, as: "ann@x.test") == invalid)
        #expect(await answer(session, clientId: "other") == invalid)
        #expect(await answer((session.hasPrefix("A") ? "B" : "A") + session.dropFirst()) == invalid)
        #expect(await answer("not base 64") == invalid)
        try await pool.setFlows(IdentityClient.usualFlows)
        #expect(await answer(session) == "USER_AUTH flow not enabled for this client")
        #expect(await pool.choose().error == "InvalidParameterException")
        try await pool.setFlows(Pool.passkeyFlows)
        pool.clock.advance(seconds: 180)
        #expect(await answer(session) == invalid)
        let malformed = try await pool.beginPasskey()
        for text in ["", "{}", "[]", "nonsense"] {
            let answer = await pool.respond("WEB_AUTHN", session: malformed.session, ["CREDENTIAL": .string(text)])
            #expect(answer.error == "InvalidParameterException")
        }
        #expect(try await pool.passkeyFailures() == 0)
    }

    @Test func `whatever is wrong with a passkey, the answer is one, and counted`() async throws {
        let pool = try await Pool.withPasskeys()
        try await pool.addPerson("ann@x.test")
        let own = try await pool.register(await pool.signIn().accessToken)
        let anns = try await pool.register(await pool.signIn("ann@x.test").accessToken)
        let changes: [@Sendable (inout SoftwareAuthenticator) -> Void] = [
            { $0 = anns }, { $0.id = SecureRandom.bytes(32) }, { $0.id = anns.id }, { $0.key = anns.key },
            { $0.origin = "http://localhost:9999" }, { $0.relyingPartyId = "example.com" },
            { $0.type = "webauthn.create" }, { $0.flags = SoftwareAuthenticator.userVerified },
            { $0.userHandle = [1] }, { $0.clientDataMembers = ["crossOrigin": true] },
        ]
        for (number, change) in changes.enumerated() {
            var authenticator = own
            change(&authenticator)
            #expect(
                message(try await pool.signInWithPasskey(authenticator)) == "Incorrect username or password.",
                "\(number)")
            #expect(try await pool.passkeyFailures() == 1)
            #expect(try await pool.signInWithPasskey(own).tokens != nil)
            #expect(try await pool.passkeyFailures() == 0)
        }
        let (_, session) = try await pool.beginPasskey()
        let stale = try own.get(challenge: try await pool.beginPasskey().challenge)
        #expect(message(await pool.finishPasskey(session, stale)) == "Incorrect username or password.")
        // Right in all, but for whom it is sent.
        #expect(message(try await pool.signInWithPasskey(own, as: "ann@x.test")) == "Incorrect username or password.")
    }

    @Test func `a count that does not rise is refused and told of, for there may be a copy`() async throws {
        let pool = try await Pool.withPasskeys()
        var authenticator = try await pool.register(await pool.signIn().accessToken) { $0.signatureCount = 5 }
        #expect(message(try await pool.signInWithPasskey(authenticator)) == "Incorrect username or password.")
        authenticator.signatureCount = 7
        #expect(try await pool.signInWithPasskey(authenticator).tokens != nil)
        authenticator.signatureCount = 6
        #expect(message(try await pool.signInWithPasskey(authenticator)) == "Incorrect username or password.")
        authenticator.signatureCount = 8
        #expect(try await pool.signInWithPasskey(authenticator).tokens != nil)
        let lines = try await pool.catalog.read { try $0.auditLines(after: 0, limit: 1000) }.map(\.document)
        let outcomes = lines.filter { $0["action"] == "sign_in" }.compactMap { $0["outcome"]?.string }
        #expect(outcomes == ["success", "copied_passkey", "success", "copied_passkey", "success"])
        #expect(lines.contains { $0["action"] == "passkey_registered" })
    }

    @Test func `a name nobody has, and one without passkeys, are answered like any`() async throws {
        let pool = try await Pool.withPasskeys()
        try await pool.addPerson("ann@x.test")
        let authenticator = try await pool.register(await pool.signIn().accessToken)
        var stranger = authenticator
        stranger.key = try .p256()
        // Members, lengths and choices of what begins a sign-in.
        var shapes: Set<[String]> = []
        var answers: [[Answer]] = []
        for name in [Pool.administrator, "anna@x.test", "ann@x.test"] {
            for preferred: JSONObject in [[:], ["PREFERRED_CHALLENGE": "WEB_AUTHN"]] {
                let begun = await pool.choose(name, preferred)
                let options = begun.body["ChallengeParameters"]?["CREDENTIAL_REQUEST_OPTIONS"]?.string ?? ""
                #expect(try JSONValue.parse(options)["allowCredentials"] == [])
                let members = begun.body.object?.keys ?? []
                let lengths = [options.utf8.count, begun.session.utf8.count].map { "\($0)" }
                shapes.insert(members + lengths + [begun.body["AvailableChallenges"]?.description ?? ""])
            }
            var given: [Answer] = []
            for _ in 0..<6 { given.append(try await pool.signInWithPasskey(stranger, as: name)) }
            answers.append(given)
        }
        #expect(shapes.count == 1)
        #expect(answers[0] == answers[1] && answers[0] == answers[2])
        #expect(
            answers[0].map(message) == Array(repeating: "Incorrect username or password.", count: 5)
                + ["Password attempts exceeded"])
        // A lock of passkeys leaves passwords alone, and the other way about.
        #expect(await pool.signIn().tokens != nil)
        #expect(message(try await pool.signInWithPasskey(authenticator)) == "Password attempts exceeded")
        pool.clock.advance(seconds: 1)
        for _ in 0..<5 { _ = await pool.signIn(Pool.administrator, "wrong password") }
        #expect(message(await pool.signIn()) == "Password attempts exceeded")
        #expect(try await pool.signInWithPasskey(authenticator).tokens != nil)
    }

    @Test func `a passkey that made sure whom it served is both factors, any other is one`() async throws {
        for (bothFactors, flags, isDone) in [
            (true, SoftwareAuthenticator.userPresent | SoftwareAuthenticator.userVerified, true),
            (true, SoftwareAuthenticator.userPresent, false),
            (false, SoftwareAuthenticator.userPresent | SoftwareAuthenticator.userVerified, false),
        ] {
            let pool = try await Pool.withPasskeys { $0.passkeys.verifiedIsBothFactors = bothFactors }
            let token = await pool.signIn().accessToken
            var authenticator = try await pool.register(token)
            authenticator.flags = flags
            let secret = try await pool.enrol()
            let answer = try await pool.signInWithPasskey(authenticator)
            #expect((answer.tokens != nil) == isDone)
            if !isDone {
                #expect(answer.challenge == "SOFTWARE_TOKEN_MFA")
                #expect(await pool.answerCode(pool.code(secret), session: answer.session).tokens != nil)
            }
            let preference = await pool.call(
                "SetUserMFAPreference", ["AccessToken": .string(token), "WebAuthnMfaSettings": ["Enabled": true]])
            #expect(preference.error == (bothFactors ? nil : "InvalidParameterException"))
        }
    }

    @Test func `a disabled account is not let in by its passkey`() async throws {
        let pool = try await Pool.withPasskeys()
        try await pool.addPerson("ann@x.test")
        let authenticator = try await pool.register(await pool.signIn("ann@x.test").accessToken)
        let disabled = await pool.signedCall(
            "AdminDisableUser", ["UserPoolId": .string(Pool.id), "Username": "ann@x.test"])
        #expect(disabled.status == 200)
        let answer = try await pool.signInWithPasskey(authenticator, as: "ann@x.test")
        #expect(message(answer) == "User is disabled.")
    }
}
