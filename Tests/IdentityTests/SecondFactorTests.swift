import Bytes
import JSON
import Testing

@testable import Identity

@Suite struct SecondFactorTests {
    @Test func `whoever has enrolled is asked for a code and a code works once`() async throws {
        let pool = try await Pool()
        let secret = try await pool.enrol()
        let first = await pool.signIn()
        #expect(first.challenge == "SOFTWARE_TOKEN_MFA" && first.tokens == nil && first.session.utf8.count >= 20)
        let code = pool.code(secret)
        #expect(await pool.answerCode(pool.wrongCode(secret), session: first.session).error == "CodeMismatchException")
        #expect(await pool.answerCode(code, session: first.session).tokens != nil)
        #expect(await pool.answerCode(code, session: first.session).error == "NotAuthorizedException")

        let second = await pool.signIn()
        #expect(await pool.answerCode(code, session: second.session).error == "ExpiredCodeException")
        pool.clock.advance(seconds: 30)
        let fresh = pool.code(secret)
        let done = await pool.answerCode(fresh, session: second.session)
        let user = await pool.call("GetUser", ["AccessToken": .string(done.accessToken)])
        #expect(user.body["PreferredMfaSetting"] == "SOFTWARE_TOKEN_MFA")
        #expect(user.body["UserMFASettingList"] == ["SOFTWARE_TOKEN_MFA"])
    }

    @Test func `of twenty sign-ins with one code at the same time exactly one succeeds`() async throws {
        let pool = try await Pool()
        let secret = try await pool.enrol()
        let code = pool.code(secret)
        var sessions: [String] = []
        for _ in 0..<20 { sessions.append(await pool.signIn().session) }
        let answers = await withTaskGroup(of: Answer.self, returning: [Answer].self) { group in
            for session in sessions { group.addTask { await pool.answerCode(code, session: session) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.count { $0.tokens != nil } == 1)
        #expect(answers.count { $0.error == "ExpiredCodeException" } == 19)
    }

    @Test func `one session answered twice at the same time leads on once`() async throws {
        let pool = try await Pool()
        let secret = try await pool.enrol()
        let session = await pool.signIn().session
        let codes = [pool.code(secret), pool.code(secret, stepsFromNow: 1)]
        let answers = await withTaskGroup(of: Answer.self, returning: [Answer].self) { group in
            for code in codes { group.addTask { await pool.answerCode(code, session: session) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.count { $0.tokens != nil } == 1)
    }

    @Test func `a session takes five wrong codes, and failures count across sessions`() async throws {
        let pool = try await Pool()
        let secret = try await pool.enrol()
        let wrong = pool.wrongCode(secret)
        let first = await pool.signIn().session
        for _ in 0..<3 { #expect(await pool.answerCode(wrong, session: first).error == "CodeMismatchException") }
        let second = await pool.signIn().session
        for _ in 0..<2 { #expect(await pool.answerCode(wrong, session: second).error == "CodeMismatchException") }
        let locked = await pool.answerCode(pool.code(secret), session: second)
        #expect(locked.body["message"] == "Password attempts exceeded")
        pool.clock.advance(seconds: 1)
        #expect(await pool.answerCode(wrong, session: second).error == "CodeMismatchException")
        #expect(await pool.answerCode(wrong, session: second).body["message"] == "Password attempts exceeded")
        pool.clock.advance(seconds: 30)
        let used = await pool.answerCode(pool.code(secret), session: second)
        #expect(used.body["message"] == "Invalid session for the user.")
        #expect(await pool.answerCode(pool.code(secret), session: first).tokens != nil)
    }

    @Test func `a session is bound to its person, its challenge and its time`() async throws {
        let pool = try await Pool()
        try await pool.addPerson("eve@x.test")
        let victim = try await pool.enrol()
        let eve = try await pool.enrol("eve@x.test")
        let evesSession = await pool.signIn("eve@x.test").session
        let victimsSession = await pool.signIn().session
        // Eve's session in the victim's name, with either code.
        for code in [pool.code(eve), pool.code(victim)] {
            #expect(await pool.answerCode(code, session: evesSession).error == "NotAuthorizedException")
        }
        // The victim's session, with Eve's code.
        #expect(await pool.answerCode(pool.code(eve), session: victimsSession).error == "CodeMismatchException")
        // Another challenge than the one that was set.
        for (name, more) in [("MFA_SETUP", [:]), ("NEW_PASSWORD_REQUIRED", ["NEW_PASSWORD": "a new password"])]
            as [(String, JSONObject)]
        {
            #expect(await pool.respond(name, session: victimsSession, more).error == "NotAuthorizedException")
        }
        let associated = await pool.call("AssociateSoftwareToken", ["Session": .string(victimsSession)])
        #expect(associated.error == "NotAuthorizedException")
        let verified = await pool.call(
            "VerifySoftwareToken", ["Session": .string(victimsSession), "UserCode": .string(pool.code(victim))])
        #expect(verified.error == "NotAuthorizedException")
        pool.clock.advance(seconds: 180)
        #expect(await pool.answerCode(pool.code(victim), session: victimsSession).error == "NotAuthorizedException")
    }

    @Test func `enrolling again leaves the active secret alone until the new one is verified`() async throws {
        let pool = try await Pool()
        let old = try await pool.enrol()
        let token = await pool.answerCode(pool.code(old), session: await pool.signIn().session).accessToken
        let associated = await pool.call("AssociateSoftwareToken", ["AccessToken": .string(token)])
        let new = try #require(associated.body["SecretCode"]?.string.flatMap { Base32.decode($0) })
        #expect(new != old)
        pool.clock.advance(seconds: 30)
        #expect(await pool.answerCode(pool.code(old), session: await pool.signIn().session).tokens != nil)
        let wrong = await pool.call(
            "VerifySoftwareToken", ["AccessToken": .string(token), "UserCode": .string(pool.wrongCode(new))])
        #expect(wrong.error == "CodeMismatchException")
        let right = await pool.call(
            "VerifySoftwareToken", ["AccessToken": .string(token), "UserCode": .string(pool.code(new))])
        #expect(right.body == ["Status": "SUCCESS"])
        pool.clock.advance(seconds: 30)
        let session = await pool.signIn().session
        #expect(await pool.answerCode(pool.code(old), session: session).error == "CodeMismatchException")
        #expect(await pool.answerCode(pool.code(new), session: session).tokens != nil)
    }

    @Test func `a second factor cannot be enabled before it is verified`() async throws {
        let pool = try await Pool()
        let token = await pool.signIn().accessToken
        let preference: JSONValue = [
            "AccessToken": .string(token), "SoftwareTokenMfaSettings": ["Enabled": true, "PreferredMfa": true],
        ]
        #expect(await pool.call("SetUserMFAPreference", preference).error == "InvalidParameterException")
        let verified = await pool.call(
            "VerifySoftwareToken", ["AccessToken": .string(token), "UserCode": "123456"])
        #expect(verified.error == "SoftwareTokenMFANotFoundException")
        let text = await pool.call(
            "SetUserMFAPreference", ["AccessToken": .string(token), "SMSMfaSettings": ["Enabled": true]])
        #expect(text.error == "InvalidParameterException")
    }

    @Test func `where a second factor is required it is enrolled during sign-in`() async throws {
        let pool = try await Pool { $0.secondFactor = .required }
        let first = await pool.signIn()
        #expect(first.challenge == "MFA_SETUP" && first.tokens == nil)
        #expect(first.body["ChallengeParameters"]?["MFAS_CAN_SETUP"] == #"["SOFTWARE_TOKEN_MFA"]"#)
        #expect(await pool.respond("MFA_SETUP", session: first.session).error == "NotAuthorizedException")
        let associated = await pool.call("AssociateSoftwareToken", ["Session": .string(first.session)])
        let secret = try #require(associated.body["SecretCode"]?.string.flatMap { Base32.decode($0) })
        #expect(await pool.respond("MFA_SETUP", session: associated.session).error == "NotAuthorizedException")
        let verified = await pool.call(
            "VerifySoftwareToken",
            ["Session": .string(associated.session), "UserCode": .string(pool.code(secret))])
        #expect(verified.body["Status"] == "SUCCESS" && verified.session != associated.session)
        #expect(await pool.respond("MFA_SETUP", session: verified.session).tokens != nil)
        #expect(await pool.respond("MFA_SETUP", session: verified.session).error == "NotAuthorizedException")
        #expect(await pool.signIn().challenge == "SOFTWARE_TOKEN_MFA")
    }
}
