import JSON
import Testing

@testable import Catalog
@testable import Identity
@testable import SQLiteDatabase

@Suite struct QueryPlanTests {
    /// What SQLite does for each statement about identities that this connection has run lately.
    private static let plans: @Sendable (Connection) throws -> [String: [String]] = { connection in
        // The keys that sign are few, and read when the service starts.
        let texts = connection.statements.keys.filter {
            $0.contains("identity_") && !$0.contains("identity_signing_keys")
        }
        return try texts.reduce(into: [:]) { plans, text in
            // The marks are unbound, which changes nothing about the plan.
            plans[text] = try connection.query(
                "EXPLAIN QUERY PLAN " + text, Array(repeating: nil, count: text.count { $0 == "?" })
            ) { try $0.text(3) }
        }
    }

    @Test func `whatever people do to come in looks up and never through a table`() async throws {
        let pool = try await Pool()
        try await pool.addPerson("ann@x.test")
        let secret = try await pool.enrol("ann@x.test")
        let session = await pool.signIn("ann@x.test").session
        #expect(await pool.answerCode(pool.wrongCode(secret), session: session, username: "ann@x.test").error != nil)
        let tokens = await pool.answerCode(pool.code(secret), session: session, username: "ann@x.test").tokens
        let client = JSONValue.string(Pool.clientId)
        _ = await pool.call(
            "InitiateAuth",
            [
                "ClientId": client, "AuthFlow": "REFRESH_TOKEN_AUTH",
                "AuthParameters": ["REFRESH_TOKEN": tokens?["RefreshToken"] ?? .null],
            ])
        _ = await pool.call("GetUser", ["AccessToken": tokens?["AccessToken"] ?? .null])
        _ = await pool.signIn("ann@x.test", "wrong password")
        _ = await pool.signIn("nobody@x.test", "wrong password")
        for operation in ["SignUp", "ForgotPassword", "ConfirmForgotPassword"] {
            _ = await pool.call(
                operation,
                [
                    "ClientId": client, "Username": "ann@x.test", "ConfirmationCode": "none",
                    "Password": .string(Pool.password),
                ])
        }
        let browser = pool.browserRequest(session: try await pool.signInBrowser())
        _ = try await pool.service.browserSession(of: browser)
        try await pool.service.endBrowserSession(of: browser)
        let application = try await pool.makeApplication()
        let code = try await pool.code(application)
        let granted = await pool.redeem(application, code)
        _ = await pool.renewByForm(application, granted[token: "refresh_token"])
        _ = await pool.userInfo(granted[token: "access_token"])
        _ = await pool.redeem(application, code)
        let database = pool.catalog.database
        for plans in [try await database.read(Self.plans), try await database.write(Self.plans)] {
            #expect(plans.count > 5)
            for (text, steps) in plans {
                #expect(
                    !steps.contains { $0.hasPrefix("SCAN") && !$0.hasPrefix("SCAN (subquery") }, "\(text): \(steps)")
            }
        }
    }
}
