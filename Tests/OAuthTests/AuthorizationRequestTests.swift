import HTTPWire
import Testing

@testable import OAuth

@Suite struct AuthorizationRequestTests {
    private static let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    private static let callback = "https://app.example.com/callback"
    private static let options = OAuthOptions(
        scopes: [.openid, .email], callbackURLs: [callback, "myapp://done?from=weir"],
        logoutURLs: ["https://app.example.com/"])

    /// A good request, changed: an empty value leaves the parameter out.
    private static func parameters(_ changes: [(String, String)] = []) -> OAuthParameters {
        var items: [Query.Item] = [
            ("client_id", "c"), ("redirect_uri", callback), ("response_type", "code"), ("state", "s t"),
            ("code_challenge", challenge), ("code_challenge_method", "S256"),
        ].map { Query.Item(name: $0.0, value: $0.1) }
        for (name, value) in changes {
            items.removeAll { $0.name == name }
            if !value.isEmpty { items.append(Query.Item(name: name, value: value)) }
        }
        return OAuthParameters(Query(items: items))
    }

    private static func read(
        _ changes: [(String, String)] = [], options: OAuthOptions? = options
    ) throws(AuthorizationRefusal) -> AuthorizationRequest {
        try AuthorizationRequest(parameters(changes), clientId: "c", options: options)
    }

    private func code(_ changes: [(String, String)]) -> OAuthError.Code? {
        do throws(AuthorizationRefusal) {
            _ = try Self.read(changes)
            return nil
        } catch {
            guard case .returned(let error, let answersTo) = error else { return nil }
            #expect(answersTo.redirectURI == Self.callback)
            return error.code
        }
    }

    @Test func `a good request says all that is asked for`() throws {
        let request = try Self.read([
            ("scope", "email openid email"), ("nonce", "n"), ("max_age", "60"), ("login_hint", "ann@x.test"),
            ("lang", "de"), ("prompt", "login"),
        ])
        #expect(request.scopes == [.email, .openid] && request.nonce == "n" && request.maxAge == 60)
        #expect(request.loginHint == "ann@x.test" && request.prompt == .always && request.clientId == "c")
        #expect(request.answersTo == AuthorizationReturn(redirectURI: Self.callback, state: "s t"))
        #expect(request.codeChallenge.text == Self.challenge)
        #expect(try Self.read().scopes == [.openid, .email])
        #expect(try Self.read([("prompt", "none")]).prompt == .never)
        #expect(try Self.read([("prompt", "consent select_account")]).prompt == .always)
    }

    @Test(arguments: [
        "https://app.example.com/callback/", "https://app.example.com/callback?a", "https://app.example.com/callbac",
        "https://app.example.com/callback/../evil", "https://app.example.com.evil.test/callback",
        "https://app.example.com@evil.test/callback", "https://evil.test/https://app.example.com/callback",
        "//evil.test/callback", "/callback", "https:app.example.com/callback", "https://app.example.com:443/callback",
        "https://APP.example.com/callback", "HTTPS://app.example.com/callback", "http://app.example.com/callback",
        "https://app.example.com/%63allback", "https://app.example.com/callback#", " https://app.example.com/callback",
        "https://app.example.com/callback\n", "myapp://done", "myapp://done?from=weir&a=b",
    ]) func `an address is the client's own byte for byte, or nobody is sent anywhere`(address: String) {
        #expect(
            throws: AuthorizationRefusal.page(
                "The address that the application wants you to return to is not one of its own.")
        ) { try Self.read([("redirect_uri", address)]) }
    }

    @Test func `what Swift calls equal is not the same address`() {
        let options = OAuthOptions(scopes: [.openid], callbackURLs: ["https://a.test/K"])
        #expect("https://a.test/\u{212A}" == "https://a.test/K")
        #expect(options.callbackURL(for: "https://a.test/\u{212A}") == nil)
        #expect(options.callbackURL(for: "https://a.test/K") == "https://a.test/K")
    }

    @Test func `two addresses, none, and a client without OAuth are told to the person alone`() {
        let address = Query.Item(name: "redirect_uri", value: Self.callback)
        let good = Self.parameters()
        let twice = OAuthParameters(Query(items: good.query.items + [address]))
        let none = Self.parameters([("redirect_uri", "")])
        for (parameters, options) in [(twice, Self.options), (none, Self.options), (good, nil)] {
            let refusal = #expect(throws: AuthorizationRefusal.self) {
                try AuthorizationRequest(parameters, clientId: "c", options: options)
            }
            guard case .page = refusal else {
                Issue.record("\(String(describing: refusal))")
                continue
            }
        }
    }

    @Test func `a request names one client`() throws {
        #expect(try AuthorizationRequest.clientId(in: Self.parameters()) == "c")
        let another = Query.Item(name: "client_id", value: "d")
        for parameters in [
            Self.parameters([("client_id", "")]),
            OAuthParameters(Query(items: Self.parameters().query.items + [another])),
            Self.parameters([("client_id", String(repeating: "c", count: 129))]),
        ] {
            #expect(throws: AuthorizationRefusal.self) { try AuthorizationRequest.clientId(in: parameters) }
        }
    }

    @Test func `a request without an address goes to the one that the client has said`() throws {
        let options = OAuthOptions(
            scopes: [.openid], callbackURLs: ["https://a.test/", "https://b.test/"],
            defaultRedirectURI: "https://b.test/")
        #expect(try Self.read([("redirect_uri", "")], options: options).answersTo.redirectURI == "https://b.test/")
        #expect(throws: AuthorizationRefusal.self) { try Self.read(options: options) }
    }

    @Test func `a challenge is there, by S256, and one hash has one text`() {
        for changes in [
            [("code_challenge", "")], [("code_challenge_method", "")], [("code_challenge_method", "plain")],
            [("code_challenge_method", "s256")], [("code_challenge", ""), ("code_challenge_method", "")],
            [("code_challenge", String(Self.challenge.dropLast()))], [("code_challenge", Self.challenge + "A")],
            [("code_challenge", Self.challenge + "=")], [("code_challenge", Self.challenge.dropLast() + "N")],
            [("code_challenge", Self.challenge.dropLast() + "+")],
        ] {
            #expect(code(changes) == .invalidRequest, "\(changes)")
        }
    }

    @Test func `each fault has its name`() {
        for (changes, expected) in [
            ([("response_type", "")], .invalidRequest), ([("response_type", "token")], .unsupportedResponseType),
            ([("response_type", "code id_token")], .unsupportedResponseType),
            ([("response_type", "Code")], .unsupportedResponseType),
            ([("response_mode", "fragment")], .invalidRequest), ([("request", "x")], .requestNotSupported),
            ([("request_uri", "https://evil.test/")], .requestURINotSupported),
            ([("scope", "openid phone")], .invalidScope), ([("scope", "admin")], .invalidScope),
            ([("scope", " ")], .invalidScope), ([("prompt", "none login")], .invalidRequest),
            ([("prompt", "maybe")], .invalidRequest), ([("max_age", "-1")], .invalidRequest),
            ([("max_age", "99999999999")], .invalidRequest), ([("max_age", "1.5")], .invalidRequest),
            ([("state", String(repeating: "s", count: 2049))], .invalidRequest),
            ([("nonce", String(repeating: "n", count: 513))], .invalidRequest),
            ([("login_hint", String(repeating: "n", count: 513))], .invalidRequest),
        ] as [([(String, String)], OAuthError.Code)] {
            #expect(code(changes) == expected, "\(changes)")
        }
        #expect(code([("response_mode", "query")]) == nil)
    }

    @Test(arguments: ["state", "scope", "code_challenge", "response_type", "nonce", "unknown"])
    func `a parameter that is there twice is told to the client, and nothing is chosen`(name: String) throws {
        let items = Self.parameters([(name, "a")]).query.items + [Query.Item(name: name, value: "b")]
        let refusal = #expect(throws: AuthorizationRefusal.self) {
            try AuthorizationRequest(OAuthParameters(Query(items: items)), clientId: "c", options: Self.options)
        }
        guard case .returned(let error, let answersTo) = refusal else {
            Issue.record("\(String(describing: refusal))")
            return
        }
        #expect(error == OAuthError(.invalidRequest, "A parameter is there twice"))
        #expect(answersTo.state == (name == "state" ? nil : "s t"))
    }

    @Test func `an answer carries the state, and who gives it`() throws {
        let answersTo = AuthorizationReturn(redirectURI: "myapp://done?from=weir", state: "a&code=b")
        #expect(
            answersTo.location([Query.Item(name: "code", value: "x")], issuer: "https://weir.test/p")
                == "myapp://done?from=weir&code=x&state=a%26code%3Db&iss=https%3A%2F%2Fweir.test%2Fp")
        let error = OAuthError(.loginRequired, "Nobody is signed in")
        #expect(
            AuthorizationReturn(redirectURI: Self.callback, state: nil).location(error, issuer: "i")
                == "\(Self.callback)?error=login_required&error_description=Nobody%20is%20signed%20in&iss=i")
    }
}
