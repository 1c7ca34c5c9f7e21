import Glibc
import JSON
import Testing

@testable import Identity

@Suite struct QueryPlanTests {
    private static let document =
        #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
        + "/docs/sign-in-queries.md"

    private static let preamble = """
        # What a sign-in asks the database

        For each way to come in, what SQLite does for every statement of it (`EXPLAIN QUERY PLAN`), each line once. No `SCAN` of a table is among
        them but of the keys that sign (a few) and the head of the audit log (one row), so a sign-in costs the same with ten accounts and with ten
        million. `IdentityTests/QueryPlanTests` writes this page (`WEIR_WRITE_PLANS=1`) and fails when a plan is missing from it; what all other tests of
        identity run is looked at in the same way (`StatementLog`).

        """

    /// The plans of what was asked since the last flow, each once.
    private func plans(_ pool: Pool) async throws -> [String] {
        let steps = try await StatementLog.plans(of: pool.statements.take(), in: pool.catalog).flatMap(\.steps)
        return Set(steps).sorted()
    }

    private func flows() async throws -> [(name: String, plans: [String])] {
        let pool = try await Pool.withSRP()
        try await pool.addPerson("ann@x.test")
        var flows: [(name: String, plans: [String])] = []
        func flow(_ name: String, _ body: () async throws -> Void) async throws {
            _ = pool.statements.take()
            try await body()
            flows.append((name, try await plans(pool)))
        }
        var tokens: JSONValue?
        try await flow("USER_PASSWORD_AUTH") { tokens = await pool.signIn("ann@x.test").tokens }
        try await flow("USER_PASSWORD_AUTH, refused") {
            for name in ["ann@x.test", "nobody@x.test"] { _ = await pool.signIn(name, "wrong password") }
        }
        try await flow("USER_SRP_AUTH and PASSWORD_VERIFIER") {
            let answer = try await pool.signInWithSRP("ann@x.test")
            #expect(answer.tokens != nil)
        }
        try await flow("USER_SRP_AUTH and PASSWORD_VERIFIER, refused") {
            for name in ["ann@x.test", "nobody@x.test"] { _ = try await pool.signInWithSRP(name, "wrong password") }
        }
        try await flow("REFRESH_TOKEN_AUTH, GetUser, RevokeToken") {
            let token = try #require(tokens?["RefreshToken"]?.string)
            let usual = TestClient(id: Pool.clientId, secret: nil)
            #expect(await pool.refresh(usual, token).tokens != nil)
            #expect(await pool.call("GetUser", ["AccessToken": tokens?["AccessToken"] ?? .null]).error == nil)
            _ = await pool.call("RevokeToken", ["ClientId": .string(Pool.clientId), "Token": .string(token)])
        }
        let secret = try await pool.enrol("ann@x.test")
        try await flow("SOFTWARE_TOKEN_MFA") {
            let session = await pool.signIn("ann@x.test").session
            for code in [pool.wrongCode(secret), pool.code(secret)] {
                _ = await pool.answerCode(code, session: session, username: "ann@x.test")
            }
        }
        try await flow("ForgotPassword, ConfirmForgotPassword") {
            for name in ["ann@x.test", "nobody@x.test"] {
                for operation in ["ForgotPassword", "ConfirmForgotPassword"] {
                    _ = await pool.call(
                        operation,
                        [
                            "ClientId": .string(Pool.clientId), "Username": .string(name), "ConfirmationCode": "none",
                            "Password": .string(Pool.password),
                        ])
                }
            }
        }
        try await flow("SignUp, ConfirmSignUp, ResendConfirmationCode") {
            try await pool.addPerson("bob@x.test")
            _ = await pool.call(
                "ResendConfirmationCode", ["ClientId": .string(Pool.clientId), "Username": "bob@x.test"])
        }
        return flows
    }

    @Test func `whatever people do to come in looks up and never through a table, as the list says`() async throws {
        let flows = try await flows()
        for flow in flows {
            #expect(flow.plans.count > 5 && !StatementLog.scans(flow.plans), "\(flow)")
        }
        let text = flows.map { "## \($0.name)\n\n" + $0.plans.map { "    \($0)\n" }.joined() }.joined(separator: "\n")
        if getenv("WEIR_WRITE_PLANS") != nil {
            let file = try #require(fopen(Self.document, "w"))
            fputs(Self.preamble + "\n" + text, file)
            fclose(file)
        }
        let file = try #require(fopen(Self.document, "r"))
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 17)
        let written = String(decoding: bytes[..<fread(&bytes, 1, bytes.count, file)], as: UTF8.self)
        for flow in flows {
            for plan in flow.plans {
                #expect(written.contains("    \(plan)\n"), "\(flow.name): \(plan): WEIR_WRITE_PLANS=1")
            }
        }
    }
}
