import Bytes
import Catalog
import HTTPServer
import HTTPWire
import JSON
import Telemetry
import Testing

@testable import Identity

@Suite struct HostedPagesTests {
    private let name = "ann@x.test"
    private let asked = "client_id=\(Pool.clientId)&redirect_uri=https%3A%2F%2Fapp.example%2F&state=a%26b"

    @Test func `a person signs up, confirms, signs in and out`() async throws {
        let pool = try await Pool()
        let tab = Tab(pool)
        await tab.open("/signup")
        await tab.send(["username": " Ann@x.test ", "new-password": Pool.password])
        #expect(tab.path == "/confirmUser" && tab.text.contains("value=\"Ann@x.test\""))
        await tab.send(["code": "none"])
        #expect(tab.error(of: "code") == PageText.wrongMailedCode.text)
        await tab.send(["code": try await pool.outbox.next().code])
        #expect(tab.path == "/login" && tab.notice == PageText.confirmed.text)
        await tab.send(["password": Pool.password])
        #expect(tab.path == "/account" && tab.text.contains("As Ann@x.test."))
        let session = tab.cookies[pool.service.browserCookie.name]
        await tab.open("/signout")
        await tab.send()
        #expect(tab.path == "/login" && tab.notice == PageText.signedOut.text)
        #expect(tab.cookies[pool.service.browserCookie.name] == nil)
        tab.plant(pool.service.browserCookie, session)
        await tab.open("/account")
        #expect(tab.path == "/login")
    }

    @Test func `a wrong password is told beside it, keeps the name and not the password, and is told once`()
        async throws
    {
        let tab = Tab(try await Pool())
        await tab.signIn("eve<&\"'>@x.test", "wrong \"password\"")
        #expect(tab.path == "/login" && tab.error(of: "password") == PageText.wrongPassword.text)
        #expect(tab.text.contains("<title>Error: Sign in"))
        #expect(tab.text.contains("value=\"eve&lt;&amp;&quot;&#39;&gt;@x.test\""))
        #expect(!tab.text.contains("wrong"))
        await tab.open("/login")
        #expect(tab.error(of: "password") == nil && tab.text.contains("value=\"eve&lt;"))
    }

    @Test func `the page asks for the second factor, under the same lock as the API`() async throws {
        let pool = try await Pool()
        let secret = try await pool.enrol()
        let tab = Tab(pool)
        await tab.signIn()
        #expect(tab.path == "/login/challenge" && tab.title == "Enter your code")
        for _ in 0..<4 {
            await tab.send(["code": pool.wrongCode(secret)])
            #expect(tab.error(of: "code") == PageText.wrongCode.text)
        }
        let code = pool.code(secret)
        await tab.send(["code": "\(code.prefix(3)) \(code.suffix(3))"])
        #expect(tab.path == "/account")

        await tab.signIn(at: "/login?\(asked)")
        await tab.send(["code": code])
        #expect(tab.error(of: "code") == PageText.usedCode.text)
        for _ in 0..<4 { await tab.send(["code": pool.wrongCode(secret)]) }
        #expect(tab.path == "/login" && tab.alert == PageText.tooLate.text)
    }

    @Test func `guesses at passwords lock the name on the pages and in the API alike`() async throws {
        let pool = try await Pool()
        for guessed in [Pool.administrator, "nobody@x.test"] {
            let tab = Tab(pool)
            for _ in 0..<5 {
                await tab.signIn(guessed, "wrong")
                #expect(tab.error(of: "password") == PageText.wrongPassword.text)
            }
            await tab.signIn(guessed, Pool.password)
            #expect(tab.alert == PageText.attemptsExceeded.text)
            #expect(await pool.signIn(guessed).body["message"] == "Password attempts exceeded")
        }
    }

    @Test(arguments: [true, false])
    func `an authenticator is enrolled, where it must be and where somebody wants to`(_ isRequired: Bool) async throws {
        let pool = try await Pool { $0.secondFactor = isRequired ? .required : .optional }
        let tab = Tab(pool)
        await tab.signIn()
        let before = tab.cookies[pool.service.browserCookie.name]
        #expect((before == nil) == isRequired)
        if !isRequired { await tab.send() }
        #expect(tab.path == "/login/challenge" && tab.title == "Set up your authenticator")
        let secret = try #require(tab.piece("<code>").flatMap { Base32.decode($0) })
        #expect(tab.text.contains("secret=\(Base32.encode(secret))&amp;issuer="))
        #expect(tab.text.contains("<path class=\"dark\" d=\"M"))
        await tab.send(["code": pool.wrongCode(secret)])
        #expect(tab.error(of: "code") == PageText.wrongCode.text && tab.piece("<code>") == Base32.encode(secret))
        await tab.send(["code": pool.code(secret)])
        #expect(tab.path == "/account" && tab.notice == PageText.enrolled.text)
        let after = tab.cookies[pool.service.browserCookie.name]
        #expect(after != nil && after != before)
        #expect(await pool.signIn().challenge == "SOFTWARE_TOKEN_MFA")
        // What is there is not replaced from a page that is left open.
        #expect(tab.text.contains("action=\"/signout\"") && !tab.text.contains("Set up an authenticator"))
    }

    @Test func `a temporary password is replaced, and the second factor asked for after it`() async throws {
        let pool = try await Pool { $0.secondFactor = .required }
        let made = await pool.signedCall(
            "AdminCreateUser",
            [
                "UserPoolId": .string(Pool.id), "Username": .string(name), "TemporaryPassword": .string(Pool.password),
            ])
        #expect(made.status == 200)
        let tab = Tab(pool)
        await tab.signIn(name)
        #expect(tab.title == "Choose a password")
        await tab.send(["new-password": "short"])
        #expect(tab.error(of: "new-password") == PageText.passwordRefused.text)
        await tab.send(["new-password": "another good one"])
        #expect(tab.title == "Set up your authenticator")
    }

    @Test func `a password is reset, and whoever was signed in is not`() async throws {
        let pool = try await Pool()
        let secret = try await pool.enrol()
        let (tab, other) = (Tab(pool), Tab(pool))
        await other.signIn()
        await other.send(["code": pool.code(secret)])
        #expect(other.path == "/account")
        await tab.open("/forgotPassword")
        await tab.send(["username": Pool.administrator])
        #expect(tab.path == "/confirmForgotPassword" && tab.notice == PageText.codeSent.text)
        await tab.send(["code": try await pool.outbox.next().code, "new-password": "another good one"])
        #expect(tab.path == "/login" && tab.notice == PageText.passwordReplaced.text)
        await other.open("/account")
        #expect(other.path == "/login")
        await tab.send(["password": "another good one"])
        #expect(tab.title == "Enter your code")
    }

    @Test func `an application's request goes from page to page and comes out as it was`() async throws {
        let pool = try await Pool()
        let secret = try await pool.enrol()
        let tab = Tab(pool)
        await tab.signIn(at: "/login?\(asked)&login_hint=x")
        #expect(tab.address == "/login/challenge?\(asked)&login_hint=x")
        await tab.send(["code": pool.code(secret)])
        #expect(tab.path == "/login/done")
        let there = "/oauth2/authorize?\(asked)&login_hint=x".split(separator: "&").joined(separator: "&amp;")
        #expect(tab.text.contains("<meta http-equiv=\"refresh\" content=\"0; url=\(there)\">"))
        #expect(tab.text.contains("href=\"\(there)\""))
        // The form is shown again to who is signed in, since the application may want somebody else.
        await tab.open("/login?\(asked)&login_hint=bob%40x.test")
        #expect(tab.title == "Sign in" && tab.text.contains("value=\"bob@x.test\""))
        for link in ["/signup", "/forgotPassword"] {
            #expect(tab.text.contains("href=\"\(link)?client_id="))
        }
    }

    @Test func `a link of nobody's application is refused with a page`() async throws {
        let tab = Tab(try await Pool())
        for query in ["x", "client_id=", "client_id=nobody", "client_id=%ff", "client_id=\(Pool.clientId)&x=%zz"] {
            await tab.open("/login?\(query)")
            #expect(tab.status == 400 && tab.title == "This link does not work")
        }
    }

    @Test func `a client with a secret has people sign in who do not know it, and LEGACY tells them nothing`()
        async throws
    {
        let pool = try await Pool()
        let made = await pool.signedCall(
            "CreateUserPoolClient",
            [
                "UserPoolId": .string(Pool.id), "ClientName": "app", "GenerateSecret": true,
                "PreventUserExistenceErrors": "LEGACY", "ExplicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH"],
            ])
        let id = try #require(made.body["UserPoolClient"]?["ClientId"]?.string)
        let tab = Tab(pool)
        await tab.open("/signup?client_id=\(id)")
        await tab.send(["username": name, "new-password": Pool.password])
        await tab.send(["code": try await pool.outbox.next().code])
        #expect(tab.notice == PageText.confirmed.text)
        let secret = try await pool.enrol(name)
        await tab.send(["password": Pool.password])
        await tab.send(["code": pool.code(secret)])
        #expect(tab.path == "/login/done")
        for (path, said) in [("/forgotPassword", PageText.codeSent), ("/login", .wrongPassword)] {
            await tab.open("\(path)?client_id=\(id)")
            await tab.send(["username": "nobody@x.test", "password": "wrong"])
            #expect(tab.notice == said.text || tab.error(of: "password") == said.text)
        }
        await tab.open("/confirmUser?client_id=\(id)")
        await tab.send(["username": "nobody@x.test", "code": "000000"])
        #expect(tab.error(of: "code") == PageText.wrongMailedCode.text)
    }

    @Test func `signing up with somebody's address leads on like a new one`() async throws {
        let pool = try await Pool()
        let tab = Tab(pool)
        await tab.open("/signup")
        await tab.send(["username": Pool.administrator, "new-password": "somebody else's"])
        #expect(tab.path == "/confirmUser" && tab.notice == PageText.codeSent.text)
        await tab.send(["code": "000000"])
        #expect(tab.error(of: "code") == PageText.wrongMailedCode.text)
        #expect(await pool.signIn().tokens != nil)
    }

    @Test func `a challenge is its own browser's, its client's and its step's`() async throws {
        let pool = try await Pool()
        let secret = try await pool.enrol()
        let tab = Tab(pool)
        await tab.signIn()
        let page = tab.text
        #expect(page.contains("name=\"step\" value=\"SOFTWARE_TOKEN_MFA\""))
        // A program's challenge is no page's.
        let cookie = PageCookie("challenge", isSecure: false)
        let own = tab.cookies[cookie.name]
        tab.plant(cookie, await pool.signIn().session)
        await tab.open("/login/challenge")
        #expect(tab.path == "/login" && tab.alert == PageText.tooLate.text)
        tab.plant(cookie, own)
        // Nor is it that of another application.
        let other = await pool.signedCall(
            "CreateUserPoolClient", ["UserPoolId": .string(Pool.id), "ClientName": "other"])
        let id = try #require(other.body["UserPoolClient"]?["ClientId"]?.string)
        await tab.open("/login/challenge?client_id=\(id)")
        #expect(tab.path == "/login")
        // An older page of the browser's history asks for what is not wanted any more, and is answered with the present one.
        await tab.open("/login/challenge")
        await tab.send(["new-password": "another good one", "step": "NEW_PASSWORD_REQUIRED"])
        #expect(tab.title == "Enter your code" && tab.error(of: "code") == nil)
        await tab.send(["code": pool.code(secret)])
        #expect(tab.path == "/account")
    }

    @Test func `a recovery code stands in for the authenticator, on a page of its own`() async throws {
        let pool = try await Pool()
        _ = try await pool.enrol()
        let userId = try #require(
            try await pool.store.read { try $0.user(poolId: Pool.id, usernameKey: Pool.administrator)?.id })
        let codes = try await pool.service.replaceRecoveryCodes(of: userId)
        let tab = Tab(pool)
        await tab.open("/login/recovery")
        #expect(tab.path == "/login")
        for isRight in [false, true] {
            await tab.signIn()
            await tab.open("/login/recovery")
            #expect(tab.text.contains("name=\"recovery-code\"") && !tab.text.contains("inputmode=\"numeric\""))
            await tab.send(["recovery-code": isRight ? codes[0] : "abcd efgh jk01"])
            #expect(tab.path == (isRight ? "/account" : "/login/challenge"))
        }
    }

    @Test func `what is said is said to one browser`() async throws {
        let pool = try await Pool()
        let (tab, other) = (Tab(pool), Tab(pool))
        await tab.open("/login")
        await tab.send(["username": "ann@x.test", "password": "wrong"])
        let cookie = PageCookie("notice", isSecure: false)
        await tab.send(["username": "ann@x.test", "password": "wrong"])
        await other.open("/login")
        other.plant(cookie, tab.cookies[cookie.name])
        await other.open("/login")
        #expect(!other.text.contains("ann@x.test"))
        other.plant(cookie, "bm9uc2Vuc2U")
        await other.open("/login")
        #expect(other.status == 200)
    }

    @Test func `forms of other sites are refused, counted, and change nothing`() async throws {
        let pool = try await Pool()
        let tab = Tab(pool)
        await tab.signIn()
        for path in ["/signout", "/account"] {
            await tab.open(path)
            tab.formHeaders = ["Origin": "https://evil.example"]
            #expect(await tab.send() == 403)
            #expect(tab.title == "This form cannot be used")
            tab.formHeaders = [:]
        }
        await tab.open("/signout")
        tab.plant(PageCookie("form", isSecure: false), "another")
        #expect(await tab.send() == 403)
        await tab.open("/account")
        #expect(tab.path == "/account")
        let text = String(decoding: pool.metrics.renderPrometheus(), as: UTF8.self)
        #expect(text.contains("weir_origin_form_refusals_total{reason=\"site\"} 2"))
        #expect(text.contains("weir_origin_form_refusals_total{reason=\"token\"} 1"))
    }
}
