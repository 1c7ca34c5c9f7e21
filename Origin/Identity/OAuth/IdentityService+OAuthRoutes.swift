internal import HTTPServer
internal import HTTPWire
internal import JSON
internal import OAuth

extension IdentityService {
    /// Where clients find the endpoints, under the public URL.
    private func endpoint(_ path: String) -> JSONValue { .string(settings.publicURL + path) }

    func addOAuthRoutes(to router: inout Router) {
        router.add(.get, "/oauth2/authorize") { await self.authorize($0) }
        router.add(.post, "/oauth2/authorize") { await self.authorizeByForm($0) }
        router.add(.get, "/oauth2/idpresponse") { await self.arrive($0) }
        router.add(.get, "/logout") { await self.logOut($0) }
        router.add(.post, "/oauth2/token") { await self.token($0) }
        router.add(.post, "/oauth2/revoke") { await self.revoke($0) }
        for method in [.get, .post] as [HTTPMethod] {
            router.add(method, "/oauth2/userInfo") { await self.userInfo($0) }
        }
        for path in ["token", "revoke", "userInfo"] {
            router.add(.options, "/oauth2/\(path)") { _ in Self.preflightOfClients() }
        }
    }

    /// `/oauth2/revoke` (RFC 7009): ends a refresh token and every token made with it.
    private func revoke(_ request: Request) async -> Response {
        await answeringClient(request) { form, client in
            try await self.revoke(try form.required("token"), of: client)
            return nil
        }
    }

    /// What discovery says of every pool: whose tokens, and how they are signed.
    var tokenDiscovery: JSONObject {
        [
            "issuer": .string(settings.issuer),
            "jwks_uri": .string("\(settings.issuer)/.well-known/jwks.json"),
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        ]
    }

    /// OpenID Connect Discovery 1.0 §3, RFC 8414 §2, of the pool whose clients these endpoints serve.
    var discovery: JSONValue {
        let methods: JSONValue = ["client_secret_basic", "client_secret_post", "none"]
        let endpoints: JSONObject = [
            "authorization_endpoint": endpoint("/oauth2/authorize"),
            "token_endpoint": endpoint("/oauth2/token"),
            "userinfo_endpoint": endpoint("/oauth2/userInfo"),
            "revocation_endpoint": endpoint("/oauth2/revoke"),
            "end_session_endpoint": endpoint("/logout"),
            "scopes_supported": .array(OAuthScope.allCases.map { .string($0.rawValue) }),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": methods,
            "revocation_endpoint_auth_methods_supported": methods,
            "authorization_response_iss_parameter_supported": true,
            "request_parameter_supported": false,
            "request_uri_parameter_supported": false,
            "claims_parameter_supported": false,
            "claims_supported": [
                "sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "jti", "origin_jti", "email",
                "email_verified", "phone_number", "phone_number_verified", "name", "given_name", "family_name",
                "preferred_username", "picture", "locale", "zoneinfo", "updated_at", "cognito:username",
                "cognito:groups",
            ],
        ]
        var discovery = tokenDiscovery
        for (name, value) in endpoints.members { discovery[name] = value }
        return .object(discovery)
    }
}
