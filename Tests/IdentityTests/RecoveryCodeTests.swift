import Audit
import Catalog
import JSON
import Testing

@testable import Identity

@Suite struct RecoveryCodeTests {
    /// A pool whose administrator has an authenticator, and their ten codes.
    private static func enrolled() async throws -> (pool: Pool, userId: String, codes: [String]) {
        let pool = try await Pool()
        _ = try await pool.enrol()
        let userId = try await id(in: pool)
        return (pool, userId, try await pool.service.newRecoveryCodes(ofUser: userId, password: Pool.password))
    }

    private static func id(in pool: Pool) async throws -> String {
        let key = Pool.administrator
        return try #require(try await pool.store.read { try $0.user(poolId: Pool.id, usernameKey: key) }).id
    }

    private static func left(_ pool: Pool, _ userId: String) async throws -> Int {
        try await pool.service.recoveryCodesLeft(ofUser: userId)
    }

    @Test func `ten codes are made, all different and told apart by what they begin with`() {
        let codes = RecoveryCode.drawn()
        #expect(codes.count == 10 && Set(codes.map(\.lookup)).count == 10 && Set(codes.map(\.text)).count == 10)
        for code in codes {
            #expect(code.written.wholeMatch(of: /[0-9a-hjkmnp-tv-z]{4}(-[0-9a-hjkmnp-tv-z]{4}){2}/) != nil)
            #expect(RecoveryCode(code.written) == code)
        }
    }

    @Test(arguments: ["ABCD-EFGH-JK01", "abcdefghjk01", " abcd efgh jkOl", "abcd-efgh-jkoI", "a-b-c-d-efghjk0L"])
    func `a code is read however it is typed`(_ typed: String) {
        #expect(RecoveryCode(typed)?.written == "abcd-efgh-jk01")
    }

    @Test(arguments: [
        "", "123456", "abcd-efgh-jk0", "abcd-efgh-jk011", "abcd-efgh-jk0u", "abcd_efgh_jk01", "äbcd-efgh-jk01",
    ])
    func `anything else is none`(_ typed: String) {
        #expect(RecoveryCode(typed) == nil)
    }

    @Test func `a code stands in for the authenticator once, and people are told`() async throws {
        let (pool, userId, codes) = try await Self.enrolled()
        #expect(try await pool.outbox.next().purpose == .recoveryCodesMade)
        let done = await pool.answerCode(codes[0].uppercased(), session: await pool.signIn().session)
        #expect(done.tokens != nil)
        #expect(try await Self.left(pool, userId) == 9)
        let notice = try await pool.outbox.next(after: 1)
        #expect(notice.purpose == .recoveryCodeUsed && notice.destination == Pool.administrator && notice.code.isEmpty)

        let session = await pool.signIn().session
        #expect(await pool.answerCode(codes[0], session: session).error == "CodeMismatchException")
        #expect(await pool.answerCode(codes[1], session: session).tokens != nil)

        let entries = try await pool.catalog.read { try $0.auditLines(after: 0, limit: 100) }.map(\.document)
        let told = entries.filter { $0["action"]?.string?.hasPrefix("recovery_") == true }
        #expect(
            told.map { $0["action"]?.string } == ["recovery_codes_made", "recovery_code_used", "recovery_code_used"])
        #expect(told.map { $0["details"]?["left"] } == [nil, 9, 8])
        for code in codes { #expect(!entries.contains { $0.description.contains(code) }) }
    }

    @Test func `of twenty uses of one code at the same time exactly one succeeds`() async throws {
        let (pool, userId, codes) = try await Self.enrolled()
        var sessions: [String] = []
        // One less than what locks.
        for _ in 0..<4 { sessions.append(await pool.signIn().session) }
        let answers = await withTaskGroup(of: Answer.self, returning: [Answer].self) { group in
            for session in sessions { group.addTask { await pool.answerCode(codes[0], session: session) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.count { $0.tokens != nil } == 1)
        #expect(answers.count { $0.error == "CodeMismatchException" } == 3)
        #expect(try await Self.left(pool, userId) == 9)
    }

    @Test func `guesses count with those of the authenticator, and none is looked at while it is locked`() async throws
    {
        let (pool, userId, codes) = try await Self.enrolled()
        let wrong = "0000-0000-0000"
        for _ in 0..<3 {
            _ = await pool.answerCode(wrong, session: await pool.signIn().session)
        }
        for _ in 0..<2 {
            let answer = await pool.answerCode("12345", session: await pool.signIn().session)
            #expect(answer.error == "CodeMismatchException")
        }
        let session = await pool.signIn().session
        let locked = await pool.answerCode(codes[0], session: session)
        #expect(locked.body["message"] == "Password attempts exceeded")
        #expect(try await Self.left(pool, userId) == 10)
        pool.clock.advance(seconds: 1)
        #expect(await pool.answerCode(codes[0], session: session).tokens != nil)
    }

    @Test func `nobody's code is good for another account`() async throws {
        let (pool, _, codes) = try await Self.enrolled()
        try await pool.addPerson("eve@x.test")
        _ = try await pool.enrol("eve@x.test")
        let session = await pool.signIn("eve@x.test").session
        let answer = await pool.answerCode(codes[0], session: session, username: "eve@x.test")
        #expect(answer.error == "CodeMismatchException")
    }

    @Test func `new codes end those of before`() async throws {
        let (pool, userId, old) = try await Self.enrolled()
        let new = try await pool.service.newRecoveryCodes(ofUser: userId, password: Pool.password)
        let session = await pool.signIn().session
        #expect(await pool.answerCode(old[0], session: session).error == "CodeMismatchException")
        #expect(await pool.answerCode(new[0], session: session).tokens != nil)
        #expect(try await Self.left(pool, userId) == 9)
    }

    @Test func `the password is asked for, and wrong ones count as at sign-in`() async throws {
        let (pool, userId, _) = try await Self.enrolled()
        for _ in 0..<5 {
            await #expect(throws: RecoveryCodeRefusal.wrongPassword) {
                try await pool.service.newRecoveryCodes(ofUser: userId, password: "wrong password")
            }
        }
        await #expect(throws: RecoveryCodeRefusal.locked) {
            try await pool.service.newRecoveryCodes(ofUser: userId, password: Pool.password)
        }
        #expect(await pool.signIn().body["message"] == "Password attempts exceeded")
    }

    @Test func `whoever is asked for no authenticator has no codes`() async throws {
        let pool = try await Pool()
        let userId = try await Self.id(in: pool)
        await #expect(throws: RecoveryCodeRefusal.noAuthenticator) {
            try await pool.service.newRecoveryCodes(ofUser: userId, password: Pool.password)
        }
    }

    @Test(arguments: ["AdminDeleteSoftwareToken", "AdminSetUserMFAPreference"])
    func `codes go with the authenticator`(_ operation: String) async throws {
        let (pool, userId, _) = try await Self.enrolled()
        var input: JSONObject = ["UserPoolId": .string(Pool.id), "Username": .string(Pool.administrator)]
        if operation == "AdminSetUserMFAPreference" { input["SoftwareTokenMfaSettings"] = ["Enabled": false] }
        #expect(await pool.signedCall(operation, .object(input)).status == 200)
        #expect(try await Self.left(pool, userId) == 0)
    }

    @Test func `codes go when their owner does without the authenticator`() async throws {
        let (pool, userId, codes) = try await Self.enrolled()
        let token = await pool.answerCode(codes[0], session: await pool.signIn().session).accessToken
        let off: JSONValue = ["AccessToken": .string(token), "SoftwareTokenMfaSettings": ["Enabled": false]]
        #expect(await pool.call("SetUserMFAPreference", off).status == 200)
        #expect(try await Self.left(pool, userId) == 0)
    }

    @Test func `what is kept is a slow hash`() async throws {
        let (pool, userId, codes) = try await Self.enrolled()
        let lookup = String(codes[0].prefix(2))
        let kept = try await pool.store.read { try $0.recoveryCode(userId: userId, lookup: lookup) }
        #expect(kept?.hash.hasPrefix("$argon2id$v=19$m=64,t=1,p=1$") == true)
    }
}
