import Bytes
import Catalog
import EventLoop
import HTTPServer
import HTTPWire
import JSON
import OAuth
import Testing

@testable import Identity

@Suite struct TokenEndpointTests {
    private static func basic(_ id: String, _ secret: String) -> Form {
        [("Authorization", "Basic " + Base64.encode(Array("\(id):\(secret)".utf8)))]
    }

    private static func form(_ code: String, _ more: Form = []) -> Form {
        [
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", Pool.callback),
            ("code_verifier", Pool.verifier),
        ] + more
    }

    @Test func `a client shows its secret in one of two ways`() async throws {
        let pool = try await Pool()
        let client = try await pool.makeApplication(["ClientSecret": "a+secret_of_24+characters"])
        let secret = try #require(client.secret)
        let escaped = secret.replacing("+", with: "%2B")
        for fields in [
            Self.basic(client.id, secret), Self.basic(client.id, escaped),
            [("Authorization", "basic  ".dropLast() + Base64.encode(Array("\(client.id):\(secret)".utf8)))],
        ] {
            let code = try await pool.code(client)
            #expect(await pool.post("/oauth2/token", form: Self.form(code), fields).status == 200, "\(fields)")
        }
        let code = try await pool.code(client)
        let both: Form = [("client_id", client.id), ("client_secret", secret)]
        let twice = await pool.post("/oauth2/token", form: Self.form(code, both), Self.basic(client.id, secret))
        #expect(twice.status == 400 && twice.error == "invalid_request")
        let same = Self.form(code, [("client_id", client.id)])
        #expect(await pool.post("/oauth2/token", form: same, Self.basic(client.id, secret)).status == 200)
        #expect(await pool.redeem(client, try await pool.code(client)).status == 200)
    }

    @Test func `without its secret a client is nobody, and its codes stay`() async throws {
        let pool = try await Pool()
        let client = try await pool.makeApplication(["GenerateSecret": true])
        let open = try await pool.makeApplication()
        let code = try await pool.code(client)
        for fields in [
            Self.basic(client.id, "wrong"), Self.basic(client.id, ""), Self.basic("none", "wrong"),
            Self.basic("", ""), Self.basic(open.id, "wrong"), [("Authorization", "Basic !!!")],
            [("Authorization", "Bearer x")], [("Authorization", "Basic")], [("Authorization", "")],
        ] {
            let reply = await pool.post("/oauth2/token", form: Self.form(code), fields)
            #expect(reply.status == 401 && reply.error == "invalid_client", "\(fields)")
            #expect(reply.headers.first("WWW-Authenticate") == "Basic realm=\"\(Pool.id)\"")
        }
        for more in [
            [], [("client_id", client.id)], [("client_id", client.id), ("client_secret", "wrong")],
            [("client_id", "none")], [("client_id", open.id), ("client_secret", "any")],
        ] as [Form] {
            let reply = await pool.post("/oauth2/token", form: Self.form(code, more))
            #expect(reply.status == 400 && reply.error == "invalid_client", "\(more)")
            #expect(reply.headers.first("WWW-Authenticate") == nil)
        }
        let others = await pool.post(
            "/oauth2/token", form: Self.form(code, [("client_id", open.id)]),
            Self.basic(client.id, try #require(client.secret)))
        #expect(others.error == "invalid_request")
        let plain = try await pool.makeClient()
        #expect(await pool.redeem(plain, code).error == "unauthorized_client")
        #expect(await pool.redeem(client, code).status == 200)
    }

    @Test func `other grants, damaged forms and what is no form are refused, and never as an error of ours`()
        async throws
    {
        let pool = try await Pool()
        let client = try await pool.makeApplication()
        for grant in ["password", "client_credentials", "implicit", "urn:ietf:params:oauth:grant-type:device_code"] {
            #expect(await pool.redeem(client, "x", [("grant_type", grant)]).error == "unsupported_grant_type")
        }
        let form = Pool.query(Self.form("x", [("client_id", client.id)]))
        for body in [
            Array("".utf8), Array("%".utf8), Array("a=%ff".utf8), [0xff, 0xfe], Array("\(form)&code=y".utf8),
            Array("\(form)&x=1&x=2".utf8), [UInt8](repeating: UInt8(ascii: "a"), count: 70_000),
            Array(repeating: "&", count: 60_000).joined().utf8.map { $0 }, Array("{}".utf8),
        ] {
            for path in ["/oauth2/token", "/oauth2/revoke"] {
                let reply = await pool.post(path, body)
                #expect(reply.status == 400 && ["invalid_request", "invalid_client"].contains(reply.error), "\(path)")
                #expect(reply.headers.first("Cache-Control") == "no-store")
            }
        }
        for type in ["application/json", "text/plain", "", "multipart/form-data"] {
            #expect(
                await pool.post("/oauth2/token", Array(form.utf8), type: type).error == "invalid_request", "\(type)")
        }
        let tolerated = await pool.post(
            "/oauth2/token", Array(form.utf8), type: "Application/X-WWW-form-urlencoded ; charset=UTF-8")
        #expect(tolerated.error == "invalid_grant")
    }

    @Test func `refresh tokens renew what was granted, or a part of it`() async throws {
        let pool = try await Pool()
        let client = try await pool.makeApplication()
        let first = try await pool.tokens(client, scope: "openid email", nonce: "n")
        let token = first[token: "refresh_token"]
        let renewed = await pool.renewByForm(client, token)
        #expect(renewed.status == 200 && renewed.json?["refresh_token"] == nil)
        #expect(renewed.json?["scope"] == "openid email")
        let identity = try claims(renewed[token: "id_token"])
        #expect(identity["nonce"] == nil && identity["at_hash"] != nil && identity["email"] != nil)
        let part = await pool.renewByForm(client, token, scope: "email")
        #expect(part.json?["scope"] == "email" && part.json?["id_token"] == nil)
        #expect(try claims(part[token: "access_token"])["scope"] == "email")
        for scope in ["openid phone", "aws.cognito.signin.user.admin", "none", " "] {
            #expect(await pool.renewByForm(client, token, scope: scope).error == "invalid_scope", "\(scope)")
        }
        let other = try await pool.makeApplication()
        #expect(await pool.renewByForm(other, token).error == "invalid_grant")
        #expect(await pool.renewByForm(client, "none").error == "invalid_grant")
        let never = try await pool.makeApplication(["ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"]])
        let ended = try await pool.tokens(never)
        #expect(await pool.renewByForm(never, ended[token: "refresh_token"]).error == "unauthorized_client")
        pool.clock.advance(seconds: 30 * 86_400)
        #expect(await pool.renewByForm(client, token).error == "invalid_grant")
    }

    @Test func `a replaced refresh token ends the sign-in here as it does in the API`() async throws {
        let pool = try await Pool()
        let client = try await pool.makeApplication([
            "RefreshTokenRotation": ["Feature": "ENABLED", "RetryGracePeriodSeconds": 0]
        ])
        let first = try await pool.tokens(client)
        let second = await pool.renewByForm(client, first[token: "refresh_token"])
        let next = second[token: "refresh_token"]
        #expect(second.status == 200 && next != first[token: "refresh_token"] && !next.isEmpty)
        #expect(await pool.renewByForm(client, first[token: "refresh_token"]).error == "invalid_grant")
        #expect(await pool.renewByForm(client, next).error == "invalid_grant")
        #expect(await pool.userInfo(second[token: "access_token"]).status == 401)
    }

    @Test func `a client ends its own refresh tokens, and is told of no others`() async throws {
        let pool = try await Pool()
        let client = try await pool.makeApplication()
        let other = try await pool.makeApplication()
        let tokens = try await pool.tokens(client)
        let token = tokens[token: "refresh_token"]
        func revoke(_ client: TestClient, _ token: String) async -> Reply {
            await pool.post(
                "/oauth2/revoke",
                form: [("client_id", client.id), ("token", token), ("token_type_hint", "refresh_token")])
        }
        #expect(await revoke(other, token).error == "unauthorized_client")
        #expect(await revoke(client, tokens[token: "access_token"]).error == "unsupported_token_type")
        #expect(await pool.userInfo(tokens[token: "access_token"]).status == 200)
        for token in [token, token, "none"] {
            let reply = await revoke(client, token)
            #expect(reply.status == 200 && reply.text.isEmpty && reply.headers.first("Cache-Control") == "no-store")
        }
        #expect(await pool.userInfo(tokens[token: "access_token"]).status == 401)
        #expect(await pool.renewByForm(client, token).error == "invalid_grant")
        let kept = try await pool.makeApplication(["EnableTokenRevocation": false])
        #expect(await revoke(kept, try await pool.tokens(kept)[token: "refresh_token"]).error == "invalid_request")
    }

    @Test func `userInfo is for access tokens that are good, and says why not`() async throws {
        let pool = try await Pool()
        let client = try await pool.makeApplication()
        let tokens = try await pool.tokens(client)
        let access = tokens[token: "access_token"]
        let posted = await pool.post("/oauth2/userInfo", form: [], [("Authorization", "Bearer \(access)")])
        #expect(posted.status == 200 && posted.json?["email"] == .string(Pool.administrator))
        for fields in [[], [("Authorization", "Basic eDp5")]] as [Form] {
            let reply = await pool.open("/oauth2/userInfo?access_token=\(access)", cookie: nil, fields)
            #expect(reply.status == 401 && reply.headers.first("WWW-Authenticate") == "Bearer realm=\"\(Pool.id)\"")
        }
        for token in ["x", tokens[token: "id_token"], tokens[token: "refresh_token"], access + "x"] {
            let reply = await pool.userInfo(token)
            #expect(reply.status == 401 && reply.error == "invalid_token")
            #expect(reply.headers.first("WWW-Authenticate")?.contains("error=\"invalid_token\"") == true)
        }
        let own = await pool.signIn().accessToken
        let scoped = await pool.userInfo(own)
        #expect(scoped.status == 403 && scoped.error == "insufficient_scope")
        #expect(scoped.headers.first("WWW-Authenticate")?.hasSuffix("scope=\"openid\"") == true)
        pool.clock.advance(seconds: 3600)
        #expect(await pool.userInfo(access).error == "invalid_token")
    }

    @Test func `everything is found by discovery, on the address that people reach, and pages of others may call it`()
        async throws
    {
        let pool = try await Pool { $0.publicURL = "https://weir.example.com" }
        let reply = await pool.open("/\(Pool.id)/.well-known/openid-configuration")
        let document = try #require(reply.json)
        #expect(document["issuer"] == .string(Pool.issuer))
        for (name, path) in [
            ("authorization_endpoint", "/oauth2/authorize"), ("token_endpoint", "/oauth2/token"),
            ("userinfo_endpoint", "/oauth2/userInfo"), ("revocation_endpoint", "/oauth2/revoke"),
            ("end_session_endpoint", "/logout"),
        ] {
            #expect(document[name] == .string("https://weir.example.com\(path)"))
        }
        #expect(document["response_types_supported"] == ["code"])
        #expect(document["code_challenge_methods_supported"] == ["S256"])
        #expect(reply.headers.first("Access-Control-Allow-Origin") == "*")
        for path in ["token", "revoke", "userInfo"] {
            let asked = await pool.respond(
                to: .init(method: .options, target: "/oauth2/\(path)", peer: .loopback(port: 1)))
            #expect(asked.status.code == 204 && asked.headers.first("Access-Control-Allow-Origin") == "*")
            #expect(asked.headers.first("Access-Control-Allow-Headers")?.contains("authorization") == true)
        }
        let refused = await pool.post("/oauth2/token", form: [])
        #expect(refused.headers.first("Access-Control-Allow-Origin") == "*")
    }
}
