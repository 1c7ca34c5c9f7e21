import Catalog
import HTTPServer
import HTTPWire
import JSON
import Testing

@testable import Identity

@Suite struct BrowserSessionTests {
    private let name = "ann@x.test"

    private func user(of session: String, _ pool: Pool) async throws -> String? {
        try await pool.service.browserSession(of: pool.browserRequest(session: session))?.user.username
    }

    @Test func `a sign-in gives a session of its own each time`() async throws {
        let pool = try await Pool()
        let (first, second) = (try await pool.signInBrowser(), try await pool.signInBrowser())
        #expect(first != second)
        for session in [first, second] { #expect(try await user(of: session, pool) == Pool.administrator) }
        for foreign in ["", "x", first + "x", String(first.dropLast())] {
            #expect(try await user(of: foreign, pool) == nil)
        }
    }

    @Test func `the store keeps a hash and not what the browser has`() async throws {
        let pool = try await Pool()
        let text = try await pool.signInBrowser()
        let record = try await pool.store.read { try $0.browserSession(idHash: RandomName.hash(text)) }
        #expect(record?.authenticatedAt == pool.clock.milliseconds && record?.poolId == Pool.id)
        #expect(try await pool.store.read { try $0.browserSession(idHash: Array(text.utf8)) } == nil)
    }

    @Test func `a session ends when it is idle, and in any case some time`() async throws {
        let pool = try await Pool {
            $0.browserIdleSeconds = 600; $0.browserSessionSeconds = 2000
        }
        let (idle, busy) = (try await pool.signInBrowser(), try await pool.signInBrowser())
        for _ in 0..<3 {
            pool.clock.advance(seconds: 590)
            #expect(try await user(of: busy, pool) != nil)
        }
        #expect(try await user(of: idle, pool) == nil)
        pool.clock.advance(seconds: 230)
        #expect(try await user(of: busy, pool) == nil)
    }

    @Test(arguments: [
        "AdminDisableUser", "AdminDeleteUser", "AdminUserGlobalSignOut", "AdminSetUserPassword", "GlobalSignOut",
        "ChangePassword", "DeleteUser", "ConfirmForgotPassword", "NEW_PASSWORD_REQUIRED",
    ])
    func `whatever ends the sign-ins of an account ends its browsers' too`(_ operation: String) async throws {
        let pool = try await Pool()
        try await pool.addPerson(name)
        let (session, other) = (try await pool.signInBrowser(name), try await pool.signInBrowser())
        #expect(try await user(of: session, pool) == name)
        switch operation {
        case "GlobalSignOut", "DeleteUser", "ChangePassword":
            let token = await pool.signIn(name).accessToken
            let answer = await pool.call(
                operation,
                [
                    "AccessToken": .string(token), "PreviousPassword": .string(Pool.password),
                    "ProposedPassword": "another good one",
                ])
            #expect(answer.status == 200)
        case "ConfirmForgotPassword":
            let subject: JSONObject = ["ClientId": .string(Pool.clientId), "Username": .string(name)]
            _ = await pool.call("ForgotPassword", .object(subject))
            var input = subject
            input["ConfirmationCode"] = .string(try await pool.outbox.next(after: 1).code)
            input["Password"] = "another good one"
            #expect(await pool.call(operation, .object(input)).status == 200)
        case "NEW_PASSWORD_REQUIRED":
            try await pool.store.write { transaction in
                var user = try #require(try transaction.user(poolId: Pool.id, usernameKey: "ann@x.test"))
                user.status = .forceChangePassword
                try transaction.save(user)
            }
            let asked = await pool.signIn(name)
            let answer = await pool.respond(
                operation, session: asked.session, username: name, ["NEW_PASSWORD": "another good one"])
            #expect(answer.tokens != nil)
        default:
            let input: JSONValue = [
                "UserPoolId": .string(Pool.id), "Username": .string(name), "Password": "another good one",
                "Permanent": true,
            ]
            #expect(await pool.signedCall(operation, input).status == 200)
        }
        #expect(try await user(of: session, pool) == nil)
        #expect(try await user(of: other, pool) == Pool.administrator)
    }

    @Test func `an account that is shut is not signed in, and is again once it is open`() async throws {
        let pool = try await Pool()
        let session = try await pool.signInBrowser()
        for isEnabled in [false, true] {
            try await pool.store.write { transaction in
                var user = try #require(try transaction.user(poolId: Pool.id, usernameKey: Pool.administrator))
                user.isEnabled = isEnabled
                try transaction.save(user)
            }
            #expect(try await user(of: session, pool) == (isEnabled ? Pool.administrator : nil))
        }
    }

    @Test func `signing out ends one browser's session and no other`() async throws {
        let pool = try await Pool()
        let (first, second) = (try await pool.signInBrowser(), try await pool.signInBrowser())
        try await pool.service.endBrowserSession(of: pool.browserRequest(session: first))
        #expect(try await user(of: first, pool) == nil)
        #expect(try await user(of: second, pool) != nil)
        try await pool.service.endBrowserSession(of: pool.browserRequest([:]))
    }

    @Test func `a challenge of the pages gives no tokens, and one of a program no session`() async throws {
        let pool = try await Pool()
        let secret = try await pool.enrol()
        guard case .challenge(.softwareToken, let session, _) = try await pool.beginInBrowser() else {
            Issue.record("no challenge")
            return
        }
        #expect(await pool.answerCode(pool.code(secret), session: session).error == "NotAuthorizedException")
        let program = await pool.signIn().session
        let answer = CognitoInput([
            "USERNAME": .string(Pool.administrator), "SOFTWARE_TOKEN_MFA_CODE": .string(pool.code(secret)),
        ])
        let client = try #require(try await pool.store.read { try $0.client(id: Pool.clientId) })
        await #expect(throws: CognitoError.invalidSession) {
            try await pool.service.respond(
                to: "SOFTWARE_TOKEN_MFA", client, answer, session: program, for: .browser)
        }
        // The code was not used up by either.
        #expect(await pool.answerCode(pool.code(secret), session: program).tokens != nil)
    }

    @Test(arguments: [false, true])
    func `cookies are the host's own, hidden from scripts, and with TLS bound to it`(_ isSecure: Bool) throws {
        var response = Response(status: .ok)
        let cookie = PageCookie("session", isSecure: isSecure)
        cookie.set("value", on: &response)
        cookie.clear(on: &response)
        let flags = isSecure ? "; Secure; HttpOnly; SameSite=Lax" : "; HttpOnly; SameSite=Lax"
        let name = isSecure ? "__Host-weir-session" : "weir-session"
        #expect(
            response.headers.values("Set-Cookie") == [
                "\(name)=value; Path=/\(flags)", "\(name)=; Path=/; Max-Age=0\(flags)",
            ])
    }
}
