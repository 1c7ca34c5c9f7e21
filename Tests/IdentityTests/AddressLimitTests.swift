import Audit
import Catalog
import EventLoop
import HTTPServer
import HTTPWire
import JSON
import Telemetry
import Testing

@testable import Identity

@Suite struct AddressLimitTests {
    private let spray = "Summer2026!"

    /// A pool whose addresses may fail, sign up and have codes sent so often in an hour.
    private func pool(guesses: Int64 = 20, signUps: Int64 = 5, codes: Int64 = 5) async throws -> Pool {
        try await Pool {
            $0.addressLimits.failedGuesses = guesses
            $0.addressLimits.signUps = signUps
            $0.addressLimits.codesSent = codes
        }
    }

    private func signUp(_ pool: Pool, _ name: String, from address: String) async -> Answer {
        await pool.call(
            "SignUp",
            ["ClientId": .string(Pool.clientId), "Username": .string(name), "Password": .string(Pool.password)],
            from: address)
    }

    private func forgot(_ pool: Pool, _ name: String, from address: String) async -> Answer {
        await pool.call(
            "ForgotPassword", ["ClientId": .string(Pool.clientId), "Username": .string(name)], from: address)
    }

    private func refusals(_ pool: Pool, _ limit: AddressLimit) -> Int {
        Int(pool.metrics.counter(IdentityMetricTable.refusals, limit.rawValue).value)
    }

    private func told(_ pool: Pool) async throws -> [JSONValue] {
        try await pool.catalog.read { try $0.auditLines(after: 0, limit: 10_000) }
            .map(\.document).filter { $0["action"] == "address_limited" }
    }

    @Test func `one password tried with ten thousand names stops, and nobody else notices`() async throws {
        let pool = try await pool(guesses: 300)
        var answers: [Answer] = []
        for number in 0..<10_000 {
            answers.append(await pool.signIn("name-\(number)@x.test", spray, from: "203.0.113.9"))
        }
        #expect(answers.prefix(300).allSatisfy { $0.error == "NotAuthorizedException" })
        #expect(answers.dropFirst(300).allSatisfy { $0.status == 429 && $0.error == "TooManyRequestsException" })
        #expect(refusals(pool, .failedGuesses) == 9_700)
        #expect(await pool.signIn(from: "203.0.113.10").tokens != nil)
        #expect(await pool.signIn(from: "203.0.113.9").status == 429)
        // One more every twelve seconds.
        pool.clock.advance(seconds: 12)
        #expect(await pool.signIn(from: "203.0.113.9").tokens != nil)
    }

    @Test func `an office behind one address signs in`() async throws {
        let pool = try await pool()
        for _ in 0..<500 { #expect(await pool.signIn(from: "198.51.100.1").tokens != nil) }
        // Nor does it matter whose refresh tokens have ended.
        let usual = TestClient(id: Pool.clientId, secret: nil)
        for _ in 0..<50 { #expect(await pool.refresh(usual, "ended").error == "NotAuthorizedException") }
        #expect(await pool.signIn(from: "127.0.0.1").tokens != nil)
    }

    @Test func `an account of one's own buys no guesses at others`() async throws {
        let pool = try await pool(guesses: 10)
        var looked = 0
        for number in 0..<30 {
            if await pool.signIn("name-\(number)@x.test", spray, from: "203.0.113.9").status == 400 { looked += 1 }
            _ = await pool.signIn(from: "203.0.113.9")
        }
        #expect(looked == 10)
    }

    @Test func `guesses sent at the same time are all counted`() async throws {
        let pool = try await pool(guesses: 10)
        let spray = spray
        let answers = await withTaskGroup(of: Answer.self, returning: [Answer].self) { group in
            for number in 0..<50 {
                group.addTask { await pool.signIn("name-\(number)@x.test", spray, from: "203.0.113.9") }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.count { $0.status == 400 } == 10 && answers.count { $0.status == 429 } == 40)
    }

    @Test func `one customer's addresses of IPv6 are one`() async throws {
        let pool = try await pool(guesses: 10)
        var statuses: [Int] = []
        for number in 0..<12 {
            statuses.append(
                await pool.signIn("name-\(number)@x.test", spray, from: "2001:db8:0:1::\(number + 1)").status)
        }
        #expect(statuses == Array(repeating: 400, count: 10) + [429, 429])
        #expect(await pool.signIn("a@x.test", spray, from: "2001:db8:0:2::1").status == 400)
    }

    @Test func `second factors and codes count with passwords`() async throws {
        let pool = try await pool(guesses: 6)
        let secret = try await pool.enrol()
        for _ in 0..<3 {
            let session = await pool.signIn(from: "203.0.113.9").session
            #expect(await pool.answerCode(pool.wrongCode(secret), session: session).error == "CodeMismatchException")
        }
        for _ in 0..<3 {
            let answer = await pool.call(
                "ConfirmSignUp",
                ["ClientId": .string(Pool.clientId), "Username": "ann@x.test", "ConfirmationCode": "000000"])
            #expect(answer.error == "CodeMismatchException")
        }
        #expect(await pool.signIn().status == 429)
        #expect(await pool.signIn(from: "203.0.113.9").challenge == "SOFTWARE_TOKEN_MFA")
    }

    @Test func `a password that new recovery codes are asked for with counts too`() async throws {
        let pool = try await pool(guesses: 3)
        _ = try await pool.enrol()
        let user = try await pool.user().id
        await AuditContext.serving(client: "203.0.113.9", requestId: nil) {
            for _ in 0..<3 {
                await #expect(throws: RecoveryCodeRefusal.wrongPassword) {
                    try await pool.service.newRecoveryCodes(ofUser: user, password: spray)
                }
            }
            await #expect(throws: RecoveryCodeRefusal.locked) {
                try await pool.service.newRecoveryCodes(ofUser: user, password: Pool.password)
            }
        }
        #expect(try await pool.service.newRecoveryCodes(ofUser: user, password: Pool.password).count == 10)
    }

    @Test func `sign-ups and codes are counted whatever comes of them`() async throws {
        let pool = try await pool()
        for _ in 0..<5 { _ = await signUp(pool, Pool.administrator, from: "203.0.113.9") }
        #expect(await signUp(pool, "new@x.test", from: "203.0.113.9").status == 429)
        #expect(await signUp(pool, "new@x.test", from: "203.0.113.10").status == 200)
        for number in 0..<5 { #expect(await forgot(pool, "name-\(number)@x.test", from: "203.0.113.9").status == 200) }
        #expect(await forgot(pool, "name@x.test", from: "203.0.113.9").status == 429)
        #expect(refusals(pool, .signUps) == 1 && refusals(pool, .codesSent) == 1)
        // What was not understood made nothing and sent nothing.
        for _ in 0..<10 { _ = await signUp(pool, "a name", from: "203.0.113.11") }
        #expect(await signUp(pool, "another@x.test", from: "203.0.113.11").status == 200)
    }

    @Test func `a refusal says when to come again, and the log is told once an hour`() async throws {
        let pool = try await pool(guesses: 10)
        for number in 0..<30 { _ = await pool.signIn("name-\(number)@x.test", spray, from: "203.0.113.9") }
        var request = pool.request(
            "InitiateAuth",
            JSONValue.object([
                "ClientId": .string(Pool.clientId), "AuthFlow": "USER_PASSWORD_AUTH",
                "AuthParameters": ["USERNAME": "a@x.test", "PASSWORD": .string(spray)],
            ]).serialized())
        request.peer = try #require(.init(ip: "203.0.113.9", port: 1))
        let response = await pool.respond(to: request)
        #expect(response.status.code == 429 && response.headers.first("Retry-After") == "360")
        let entries = try await told(pool)
        #expect(entries.count == 1)
        #expect(entries.first?["client"] == "203.0.113.9" && entries.first?["outcome"] == "refused")
        #expect(entries.first?["details"] == ["limit": "failedGuesses"])
        pool.clock.advance(seconds: 3_601)
        for number in 0..<30 { _ = await pool.signIn("name-\(number)@x.test", spray, from: "203.0.113.9") }
        #expect(try await told(pool).count == 2)
    }

    @Test func `zero is no limit, and administrators have none`() async throws {
        let pool = try await pool(guesses: 0, signUps: 1)
        for number in 0..<100 { #expect(await pool.signIn("name-\(number)@x.test", spray).status == 400) }
        for number in 0..<3 {
            let made = await pool.signedCall(
                "AdminCreateUser",
                ["UserPoolId": .string(Pool.id), "Username": .string("n\(number)@x.test"), "MessageAction": "SUPPRESS"])
            #expect(made.status == 200)
        }
    }
}
