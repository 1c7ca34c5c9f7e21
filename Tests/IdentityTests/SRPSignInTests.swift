import Bytes
import Catalog
import Crypto
import JSON
import Testing

@testable import Identity

@Suite struct SRPSignInTests {
    private func message(_ answer: Answer) -> String { answer.body["message"]?.string ?? "" }

    @Test func `a password that never leaves the client signs in`() async throws {
        let pool = try await Pool.withSRP()
        let client = try SRPClient()
        let begun = await pool.beginSRP(client)
        #expect(begun.status == 200 && begun.challenge == "PASSWORD_VERIFIER" && begun.session.isEmpty)
        let parameters = try #require(begun.body["ChallengeParameters"]?.object)
        #expect(
            Set(parameters.members.map(\.key)) == ["SALT", "SRP_B", "SECRET_BLOCK", "USERNAME", "USER_ID_FOR_SRP"])
        let done = await pool.finishSRP(try pool.responses(to: begun, client))
        #expect(done.status == 200 && done.body["ChallengeParameters"] == [:])
        #expect(try await pool.service.tokenVerifier.verify(done.accessToken).username == Pool.administrator)
        #expect(try claims(done.accessToken)["auth_time"] == .integer(pool.clock.seconds))
        // However the name is spelt: the account is found as with a password.
        #expect(try await pool.signInWithSRP("ADMIN@Example.com").tokens != nil)
    }

    @Test func `a wrong password is refused in the same words as any other`() async throws {
        let pool = try await Pool.withSRP()
        let wrong = try await pool.signInWithSRP(Pool.administrator, "wrong password")
        #expect(await pool.signIn(Pool.administrator, "wrong password") == wrong)
        #expect(wrong.error == "NotAuthorizedException" && message(wrong) == "Incorrect username or password.")
        #expect(try await pool.passwordFailures() == 2)
        #expect(try await pool.signInWithSRP().tokens != nil)
        #expect(try await pool.passwordFailures() == 0)
    }

    @Test func `a public value that makes the key known is refused before anything else`() async throws {
        let pool = try await Pool.withSRP()
        let prime = SRPClient.text(SRPGroup.prime.value)
        let twice = SRPClient.text(SRPGroup.prime.value.doubled)
        for value in ["0", "00", prime, "00" + prime, twice, "", "-1", "xyz", String(repeating: "1", count: 1025)] {
            let answer = await pool.beginSRP(publicValue: value)
            #expect(answer.error == "InvalidParameterException" && answer.status == 400)
        }
        #expect(try await pool.passwordFailures() == 0)
    }

    @Test func `an answer is good once, also when it is sent twenty times at the same time`() async throws {
        let pool = try await Pool.withSRP()
        let client = try SRPClient()
        let first = try pool.responses(to: await pool.beginSRP(client), client)
        #expect(await pool.finishSRP(first).tokens != nil)
        let replayed = await pool.finishSRP(first)
        #expect(replayed.error == "NotAuthorizedException")
        #expect(try await pool.passwordFailures() == 0)

        let second = try pool.responses(to: await pool.beginSRP(client), client)
        let answers = await withTaskGroup(of: Answer.self, returning: [Answer].self) { group in
            for _ in 0..<20 { group.addTask { await pool.finishSRP(second) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.count { $0.tokens != nil } == 1)
        #expect(answers.count { $0 == replayed } == 19)
    }

    @Test func `a block takes one guess`() async throws {
        let pool = try await Pool.withSRP()
        let (right, wrong) = (try SRPClient(), try SRPClient(password: "wrong password"))
        let begun = await pool.beginSRP(right)
        var guess = try pool.responses(to: begun, right)
        guess["PASSWORD_CLAIM_SIGNATURE"] = try pool.responses(to: begun, wrong)["PASSWORD_CLAIM_SIGNATURE"]
        #expect(message(await pool.finishSRP(guess)) == "Incorrect username or password.")
        #expect(message(await pool.finishSRP(try pool.responses(to: begun, right))) == "Invalid session for the user.")
        #expect(try await pool.passwordFailures() == 1)
    }

    @Test func `the time is signed as it was sent, and has to be now`() async throws {
        let pool = try await Pool.withSRP()
        let client = try SRPClient()
        var edited = try pool.responses(to: await pool.beginSRP(client), client)
        edited["TIMESTAMP"] = .string(pool.timestamp(secondsFromNow: 1))
        #expect(message(await pool.finishSRP(edited)) == "Incorrect username or password.")
        for (seconds, isGood) in [(-300, true), (300, true), (-301, false), (301, false)] as [(Int64, Bool)] {
            let begun = await pool.beginSRP(client)
            let timestamp = pool.timestamp(secondsFromNow: seconds)
            let answer = await pool.finishSRP(try pool.responses(to: begun, client, timestamp: timestamp))
            #expect(isGood ? answer.tokens != nil : answer.error == "NotAuthorizedException", "\(seconds)")
        }
        for form in ["", "now", "Fri Jan 05 08:00:00 UTC 2027", pool.timestamp() + " "] {
            let begun = await pool.beginSRP(client)
            let answer = await pool.finishSRP(try pool.responses(to: begun, client, timestamp: form))
            #expect(answer.error == "InvalidParameterException", "\(form)")
        }
        #expect(try await pool.passwordFailures() == 0)
    }

    @Test func `a block is short-lived, and forgotten only after that`() async throws {
        let pool = try await Pool.withSRP()
        let client = try SRPClient()
        let (early, late) = (await pool.beginSRP(client), await pool.beginSRP(client))
        pool.clock.advance(seconds: 29)
        let used = try pool.responses(to: early, client)
        #expect(await pool.finishSRP(used).tokens != nil)
        #expect(await pool.finishSRP(used).error == "NotAuthorizedException")
        pool.clock.advance(seconds: 1)
        #expect(message(await pool.finishSRP(try pool.responses(to: late, client))) == "Invalid session for the user.")
        #expect(await pool.finishSRP(used).error == "NotAuthorizedException")
    }

    @Test func `a block is good for its name, its client and its pool's seal`() async throws {
        let pool = try await Pool.withSRP()
        try await pool.addPerson("ann@x.test")
        try await pool.setFlows(Pool.srpFlows, of: "other")
        let client = try SRPClient()
        let mine = try pool.responses(to: await pool.beginSRP(client, as: "ann@x.test"), client)
        func sent(_ change: (inout JSONObject) -> Void, clientId: String = Pool.clientId) async -> Answer {
            var responses = mine
            change(&responses)
            return await pool.finishSRP(responses, clientId: clientId)
        }
        let block = try #require(mine["PASSWORD_CLAIM_SECRET_BLOCK"]?.string.flatMap { Base64.decode($0) })
        let attempts = [
            await sent { $0["USERNAME"] = .string(Pool.administrator) },
            await sent({ _ in }, clientId: "other"),
            await sent { $0["PASSWORD_CLAIM_SECRET_BLOCK"] = .string(Base64.encode(block.map { $0 ^ 1 })) },
            await sent { $0["PASSWORD_CLAIM_SECRET_BLOCK"] = "AAAA" },
            await sent { $0["PASSWORD_CLAIM_SECRET_BLOCK"] = "not base 64" },
        ]
        for answer in attempts { #expect(message(answer) == "Invalid session for the user.") }
        for name in ["USERNAME", "TIMESTAMP", "PASSWORD_CLAIM_SECRET_BLOCK", "PASSWORD_CLAIM_SIGNATURE"] {
            #expect(await sent { $0[name] = nil }.error == "InvalidParameterException")
        }
        #expect(await pool.finishSRP(mine).tokens != nil)
    }

    @Test func `a name nobody has is answered like one that somebody has`() async throws {
        let pool = try await Pool.withSRP()
        let client = try SRPClient(password: "wrong password")
        var shapes: [[String: Int]] = []
        var salts: [String: Set<String>] = [:]
        for name in [Pool.administrator, "nobody@example.com", "other@example.com"] {
            for _ in 0..<4 {
                let begun = await pool.beginSRP(client, as: name.uppercased())
                let parameters = try #require(begun.body["ChallengeParameters"]?.object)
                #expect(parameters["USERNAME"] == .string(name) && parameters["USER_ID_FOR_SRP"] == .string(name))
                salts[name, default: []].insert(try #require(parameters["SALT"]?.string))
                // The leading zeros of numbers come and go.
                let fixed = parameters.members.filter {
                    !["SALT", "SRP_B"].contains($0.key) && !$0.key.hasPrefix("USER")
                }
                shapes.append(Dictionary(fixed.map { ($0.key, $0.value.string?.utf8.count ?? 0) }) { $1 })
            }
        }
        #expect(Set(shapes).count == 1)
        #expect(salts.values.allSatisfy { $0.count == 1 } && Set(salts.values).count == 3)

        // The salt is the same before there is an account, with it, and with another password.
        let before = salts["other@example.com"]
        try await pool.addPerson("other@example.com")
        let after = await pool.beginSRP(client, as: "other@example.com")
        #expect(after.body["ChallengeParameters"]?["SALT"]?.string == before?.first)

        var answers: [[Answer]] = []
        for name in [Pool.administrator, "nobody@example.com"] {
            var given: [Answer] = []
            for _ in 0..<6 { given.append(try await pool.signInWithSRP(name, "wrong password")) }
            answers.append(given)
        }
        #expect(answers[0] == answers[1])
        #expect(
            answers[0].map(message) == Array(repeating: "Incorrect username or password.", count: 5)
                + ["Password attempts exceeded"])
    }

    @Test func `failures with SRP and with passwords are one count and one lock`() async throws {
        let pool = try await Pool.withSRP()
        let client = try SRPClient()
        let begun = await pool.beginSRP(client)
        for _ in 0..<2 { _ = await pool.signIn(Pool.administrator, "wrong password") }
        for _ in 0..<3 { _ = try await pool.signInWithSRP(Pool.administrator, "wrong password") }
        #expect(try await pool.passwordFailures() == 5)
        #expect(message(await pool.signIn()) == "Password attempts exceeded")
        #expect(message(await pool.beginSRP(client)) == "Password attempts exceeded")
        // Not looked at while locked, and so not used up.
        let responses = try pool.responses(to: begun, client)
        #expect(message(await pool.finishSRP(responses)) == "Password attempts exceeded")
        #expect(try await pool.passwordFailures() == 5)
        pool.clock.advance(seconds: 1)
        #expect(await pool.finishSRP(responses).tokens != nil)
        #expect(try await pool.passwordFailures() == 0)
    }

    @Test func `fifty guesses at the same time are counted until the lock`() async throws {
        let pool = try await Pool.withSRP()
        let (right, wrong) = (try SRPClient(), try SRPClient(password: "wrong password"))
        var guesses: [JSONObject] = []
        for _ in 0..<50 { guesses.append(try pool.responses(to: await pool.beginSRP(wrong), wrong)) }
        let spare = try pool.responses(to: await pool.beginSRP(right), right)
        let answers = await withTaskGroup(of: Answer.self, returning: [Answer].self) { group in
            for guess in guesses { group.addTask { await pool.finishSRP(guess) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.count { message($0) == "Incorrect username or password." } == 5)
        #expect(answers.count { message($0) == "Password attempts exceeded" } == 45)
        #expect(try await pool.passwordFailures() == 5)
        #expect(message(await pool.finishSRP(spare)) == "Password attempts exceeded")
    }

    @Test func `a client that may not use SRP neither begins nor finishes with it`() async throws {
        let plain = try await Pool()
        let client = try SRPClient()
        #expect(await plain.beginSRP(client).error == "InvalidParameterException")
        let pool = try await Pool.withSRP()
        let responses = try pool.responses(to: await pool.beginSRP(client), client)
        try await pool.setFlows(IdentityClient.usualFlows)
        let answer = await pool.finishSRP(responses)
        #expect(answer.error == "InvalidParameterException")
        #expect(message(answer) == "USER_SRP_AUTH flow not enabled for this client")
    }

    @Test func `what comes after a password comes after SRP`() async throws {
        let pool = try await Pool.withSRP()
        let secret = try await pool.enrol()
        let asked = try await pool.signInWithSRP()
        #expect(asked.challenge == "SOFTWARE_TOKEN_MFA" && asked.tokens == nil)
        #expect(await pool.answerCode(pool.code(secret), session: asked.session).tokens != nil)

        let strict = try await Pool.withSRP { $0.secondFactor = .required }
        #expect(try await strict.signInWithSRP().challenge == "MFA_SETUP")

        let signedUp = await pool.call(
            "SignUp",
            ["ClientId": .string(Pool.clientId), "Username": "new@x.test", "Password": .string(Pool.password)])
        #expect(signedUp.status == 200)
        // Or whoever signs up with a name would learn whether it was free.
        let unconfirmed = try await pool.signInWithSRP("new@x.test")
        #expect(unconfirmed.error == "NotAuthorizedException")
        #expect(try await pool.signInWithSRP("new@x.test", "wrong password") == unconfirmed)
    }

    @Test func `a temporary password is replaced, and keys of the challenge before are ignored`() async throws {
        let pool = try await Pool.withSRP()
        let invited = await pool.signedCall(
            "AdminCreateUser",
            [
                "UserPoolId": .string(Pool.id), "Username": "Bob@x.test", "TemporaryPassword": "temporary 1",
                "MessageAction": "SUPPRESS",
            ])
        #expect(invited.status == 200)
        let client = try SRPClient(password: "temporary 1")
        let responses = try pool.responses(to: await pool.beginSRP(client, as: "Bob@x.test"), client)
        let asked = await pool.finishSRP(responses)
        #expect(asked.challenge == "NEW_PASSWORD_REQUIRED")
        var stale = responses
        stale["NEW_PASSWORD"] = "permanent 2"
        let done = await pool.respond("NEW_PASSWORD_REQUIRED", session: asked.session, username: "bob@x.test", stale)
        #expect(done.tokens != nil)
        #expect(try await pool.signInWithSRP("bob@x.test", "permanent 2").tokens != nil)
        #expect(try await pool.signInWithSRP("bob@x.test", "temporary 1").error == "NotAuthorizedException")
    }
}
