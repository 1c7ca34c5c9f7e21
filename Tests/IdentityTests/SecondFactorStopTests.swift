import Audit
import JSON
import SQLiteDatabase
import Testing

@testable import Catalog
@testable import Identity

@Suite struct SecondFactorStopTests {
    private let stopped = "Too many wrong codes; sign in with your password again."

    private func message(_ answer: Answer) -> String { answer.body["message"]?.string ?? "" }

    private func failures(_ pool: Pool) async throws -> [JSONValue] {
        try await pool.catalog.read { try $0.auditLines(after: 0, limit: 10_000) }
            .map(\.document).filter { $0["action"] == "second_factor_stopped" }.compactMap {
                $0["details"]?["failures"]
            }
    }

    @Test func `twenty wrong codes in a row, however slowly, end every sign-in, and the owner is told`() async throws {
        let pool = try await Pool()
        let secret = try await pool.enrol()
        var other = ""
        for number in 1...20 {
            // Longer than the lock remembers.
            pool.clock.advance(seconds: 2_000)
            other = await pool.signIn().session
            let answer = await pool.answerCode(pool.wrongCode(secret), session: await pool.signIn().session)
            #expect(message(answer) == (number < 20 ? "Invalid code received for user" : stopped), "\(number)")
        }
        #expect(message(await pool.answerCode(pool.code(secret), session: other)) == "Invalid session for the user.")
        let notice = try await pool.outbox.next()
        #expect(notice.purpose == .secondFactorGuessed && notice.destination == Pool.administrator && notice.code == "")
        #expect(try await failures(pool) == [20])

        // From now on each wrong code ends all of them.
        pool.clock.advance(seconds: 2_000)
        let sessions = [await pool.signIn().session, await pool.signIn().session]
        #expect(await pool.answerCode(pool.wrongCode(secret), session: sessions[0]).error == "CodeMismatchException")
        #expect(
            message(await pool.answerCode(pool.code(secret), session: sessions[1])) == "Invalid session for the user.")

        // A right one begins anew.
        pool.clock.advance(seconds: 2_000)
        #expect(await pool.answerCode(pool.code(secret), session: await pool.signIn().session).tokens != nil)
        pool.clock.advance(seconds: 2_000)
        let session = await pool.signIn().session
        for _ in 0..<2 {
            #expect(
                await pool.answerCode(pool.wrongCode(secret), session: session).error == "CodeMismatchException")
        }
        #expect(await pool.answerCode(pool.code(secret), session: session).tokens != nil)
        #expect(pool.outbox.messages.count == 1)
    }

    @Test func `fifty guesses at the same time, each with a session of its own, are one count`() async throws {
        let pool = try await Pool()
        let secret = try await pool.enrol()
        var asked = 0
        for round in 1...5 {
            pool.clock.advance(seconds: 2_000)
            let wrong = pool.wrongCode(secret)
            var sessions: [String] = []
            for _ in 0..<50 { sessions.append(await pool.signIn().session) }
            let answers = await withTaskGroup(of: Answer.self, returning: [Answer].self) { group in
                for session in sessions { group.addTask { await pool.answerCode(wrong, session: session) } }
                return await group.reduce(into: []) { $0.append($1) }
            }
            // Five are looked at before the lock; from the twentieth on, one, for it ends the others.
            let looked = answers.count { [stopped, "Invalid code received for user"].contains(message($0)) }
            #expect(looked == (round < 5 ? 5 : 1), "round \(round)")
            asked += looked
        }
        let counted = try await pool.catalog.database.read {
            try $0.first("SELECT failures FROM identity_second_factor_failures") { try $0.int(0) }
        }
        #expect(asked == 21 && counted == 21)
        #expect(try await failures(pool) == [20])
    }

    @Test func `a sign-in under way ends with the password it began with`() async throws {
        let pool = try await Pool()
        _ = await pool.signedCall(
            "AdminCreateUser",
            [
                "UserPoolId": .string(Pool.id), "Username": "bob@x.test", "TemporaryPassword": "temporary 1",
                "MessageAction": "SUPPRESS",
            ])
        let thief = await pool.signIn("bob@x.test", "temporary 1").session
        let replaced = await pool.signedCall(
            "AdminSetUserPassword",
            ["UserPoolId": .string(Pool.id), "Username": "bob@x.test", "Password": "temporary 2", "Permanent": false])
        #expect(replaced.status == 200)
        let answer = await pool.respond(
            "NEW_PASSWORD_REQUIRED", session: thief, username: "bob@x.test", ["NEW_PASSWORD": "the thief's own"])
        #expect(message(answer) == "Invalid session for the user.")
        let owner = await pool.signIn("bob@x.test", "temporary 2").session
        let done = await pool.respond(
            "NEW_PASSWORD_REQUIRED", session: owner, username: "bob@x.test", ["NEW_PASSWORD": "the owner's own"])
        #expect(done.tokens != nil)
    }
}
