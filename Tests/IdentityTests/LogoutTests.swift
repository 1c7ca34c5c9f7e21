import HTTPWire
import JSON
import Testing

@testable import Identity

@Suite struct LogoutTests {
    private static let bye = "https://app.example.com/bye"

    @Test func `signing out ends the session of the browser, and the codes that it was given`() async throws {
        let pool = try await Pool()
        let client = try await pool.makeApplication()
        let cookie = try await pool.browserCookie()
        let code = try #require(await pool.authorize(client, cookie: cookie)["code"])
        let tokens = try await pool.tokens(client)
        let reply = await pool.open(
            "/logout?" + Pool.query([("client_id", client.id), ("logout_uri", Self.bye)]), cookie: cookie)
        #expect(reply.status == 303 && reply.location == Self.bye)
        #expect(reply.headers.first("Set-Cookie")?.contains("Max-Age=0") == true)
        #expect(await pool.authorize(client, cookie: cookie).location?.hasPrefix("/login?") == true)
        #expect(await pool.redeem(client, code).error == "invalid_grant")
        // What the application has is the application's.
        #expect(await pool.userInfo(tokens[token: "access_token"]).status == 200)
    }

    @Test func `the address is OpenID Connect's too, or the sign-in page for somebody else`() async throws {
        let pool = try await Pool()
        let client = try await pool.makeApplication()
        let cookie = try await pool.browserCookie()
        let standard: Form = [("client_id", client.id), ("post_logout_redirect_uri", Self.bye), ("state", "a b")]
        #expect(
            await pool.open("/logout?" + Pool.query(standard), cookie: cookie).location == Self.bye + "?state=a%20b")
        let again = try await pool.browserCookie()
        let reply = await pool.open("/logout?\(Pool.request(client))", cookie: again)
        #expect(reply.location == "/login?\(Pool.request(client))")
        #expect(await pool.authorize(client, cookie: again)["code"] == nil)
    }

    @Test(arguments: [
        "https://app.example.com/bye/", "https://app.example.com/by", "https://app.example.com/bye?a", "//evil.test/",
        "https://app.example.com.evil.test/bye", "https://app.example.com@evil.test/bye",
        "https://app.example.com:443/bye", "https://APP.example.com/bye", "https://app.example.com/%62ye",
        "http://app.example.com/bye", Pool.callback,
    ]) func `nobody is sent to another address, nor signed out on the way`(address: String) async throws {
        let pool = try await Pool()
        let client = try await pool.makeApplication()
        let cookie = try await pool.browserCookie()
        for name in ["logout_uri", "post_logout_redirect_uri", "redirect_uri"]
        where
            !(name == "redirect_uri" && address == Pool.callback)
        {
            let query = Pool.query([("client_id", client.id), (name, address), ("response_type", "code")])
            let reply = await pool.open("/logout?\(query)", cookie: cookie)
            #expect(reply.status == 400 && reply.location == nil, "\(name)")
        }
        #expect(await pool.authorize(client, cookie: cookie)["code"] != nil)
    }

    @Test func `an address counts for its client alone, and once`() async throws {
        let pool = try await Pool()
        let client = try await pool.makeApplication()
        let other = try await pool.makeApplication(["LogoutURLs": ["https://other.example.com/"]])
        let cookie = try await pool.browserCookie()
        for form in [
            [("client_id", other.id), ("logout_uri", Self.bye)], [("client_id", "none"), ("logout_uri", Self.bye)],
            [("logout_uri", Self.bye)],
            [("client_id", client.id), ("logout_uri", Self.bye), ("logout_uri", Self.bye)],
            [("client_id", client.id), ("logout_uri", Self.bye), ("post_logout_redirect_uri", Self.bye)],
        ] {
            let reply = await pool.open("/logout?" + Pool.query(form), cookie: cookie)
            #expect(reply.status == 400 && reply.location == nil, "\(form)")
        }
        #expect(await pool.authorize(client, cookie: cookie)["code"] != nil)
    }
}
