import Crypto
import JSON
import Testing

@testable import Identity

/// Whether the work that a name makes, or the time it takes, tells that somebody has it.
///
/// `Scripts/bench identity timing` measures the same in release with full hashes.
@Suite(.serialized) struct EnumerationTests {
    /// What strangers may ask about a name.
    enum Question: String, CaseIterable {
        case password = "InitiateAuth USER_PASSWORD_AUTH"
        case srp = "InitiateAuth USER_SRP_AUTH"
        case verifier = "RespondToAuthChallenge PASSWORD_VERIFIER"
        case forgot = "ForgotPassword"
        case resend = "ResendConfirmationCode"
        case confirm = "ConfirmForgotPassword"
        case confirmSignUp = "ConfirmSignUp"
    }

    private static let people = (asked: "ann@example.com", control: "bob@example.com", nobody: "eve@example.com")

    /// A pool in which two have accounts, and addresses no limit.
    private func pool() async throws -> Pool {
        let pool = try await Pool.withSRP {
            $0.addressLimits.failedGuesses = 0
            $0.addressLimits.codesSent = 0
        }
        for name in [Self.people.asked, Self.people.control] {
            try await pool.addPerson(name)
            _ = await pool.signIn(name)
        }
        return pool
    }

    private func ask(_ question: Question, _ name: String, _ client: SRPClient, _ pool: Pool) async throws -> Answer {
        let about: JSONObject = [
            "ClientId": .string(Pool.clientId), "Username": .string(name), "ConfirmationCode": "none",
            "Password": .string(Pool.password),
        ]
        switch question {
        case .password: return await pool.signIn(name, "wrong password")
        case .srp: return await pool.beginSRP(client, as: name)
        case .verifier:
            let begun = await pool.beginSRP(client, as: name)
            var responses = try pool.responses(to: begun, client)
            responses["PASSWORD_CLAIM_SIGNATURE"] = "AAAA"
            return await pool.finishSRP(responses)
        case .forgot: return await pool.call("ForgotPassword", .object(about))
        case .resend: return await pool.call("ResendConfirmationCode", .object(about))
        case .confirm: return await pool.call("ConfirmForgotPassword", .object(about))
        case .confirmSignUp: return await pool.call("ConfirmSignUp", .object(about))
        }
    }

    /// Cannot be disturbed by what else the machine does, and sees what no clock does.
    @Test(arguments: Question.allCases)
    func `the database is asked the same, whether somebody has the name or not`(_ question: Question) async throws {
        let pool = try await pool()
        let client = try SRPClient()
        var asked: [[String]] = []
        for round in 0..<3 {
            for name in [Self.people.asked, Self.people.nobody] {
                pool.clock.advance(seconds: 2_000)
                _ = pool.statements.take()
                _ = try await ask(question, name, client, pool)
                if round > 0 { asked.append(pool.statements.take()) }
            }
        }
        #expect(!asked[0].isEmpty)
        #expect(Set(asked).count == 1, "\(asked.map { $0.count })")
    }

    /// Of three names asked about in turns, two are somebody's. How often nobody's takes longer than the first is compared with how
    /// often the second does: 4.9 standard deviations apart by chance once in a million runs.
    @Test(arguments: [Question.password, .srp, .forgot, .confirm])
    func `the time is the same, whether somebody has the name or not`(_ question: Question) async throws {
        let pool = try await pool()
        let client = try SRPClient()
        let names = [Self.people.asked, Self.people.control, Self.people.nobody]
        let clock = ContinuousClock()
        let rounds = 240
        var longer = (control: 0, nobody: 0)
        for round in 0..<rounds + 10 {
            // Nobody is locked, and everybody is first, second and third as often.
            pool.clock.advance(seconds: 2_000)
            var took = [Duration](repeating: .zero, count: 3)
            for turn in 0..<3 {
                let index = (round + turn) % 3
                let start = clock.now
                _ = try await ask(question, names[index], client, pool)
                took[index] = clock.now - start
            }
            guard round >= 10 else { continue }
            if took[1] > took[0] { longer.control += 1 }
            if took[2] > took[0] { longer.nobody += 1 }
        }
        let deviation = Double(longer.nobody - longer.control).magnitude / Double(rounds).squareRoot()
        #expect(deviation < 4.9 / 3.0.squareRoot(), "\(question.rawValue): of \(rounds) \(longer)")
    }

    @Test func `the salt and the challenge of a name tell nothing over time`() async throws {
        let pool = try await pool()
        let client = try SRPClient()
        var seen: [String: Set<String>] = [:]
        for _ in 0..<3 {
            for name in [Self.people.asked, Self.people.nobody] {
                let parameters = await pool.beginSRP(client, as: name).body["ChallengeParameters"]
                seen[name, default: []].insert(parameters?["SALT"]?.string ?? "")
            }
        }
        #expect(seen.values.allSatisfy { $0.count == 1 } && Set(seen.values.joined()).count == 2)
    }
}
