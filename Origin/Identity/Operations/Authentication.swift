internal import Catalog
internal import JSON

extension IdentityService {
    func initiateAuth(_ input: CognitoInput) async throws -> JSONValue {
        let client = try await client(input)
        let flow = try input.text("AuthFlow", limit: 64)
        let parameters = try input.section("AuthParameters")
        switch flow {
        case "USER_PASSWORD_AUTH" where client.flows.contains("ALLOW_USER_PASSWORD_AUTH"):
            guard let parameters else { throw CognitoError.invalidParameter("Missing required parameter USERNAME") }
            let key = Self.usernameKey(try parameters.username("USERNAME"))
            let step = try await withPassword(try parameters.text("PASSWORD", limit: 2048), of: key) {
                user, now, transaction in
                try self.advance(user, client: client.id, proof: .password, now: now, transaction)
            }
            return try await output(of: step)
        case "REFRESH_TOKEN_AUTH" where client.flows.contains("ALLOW_REFRESH_TOKEN_AUTH"),
            "REFRESH_TOKEN" where client.flows.contains("ALLOW_REFRESH_TOKEN_AUTH"):
            guard let token = try parameters?.text("REFRESH_TOKEN") else {
                throw CognitoError.invalidParameter("Missing required parameter REFRESH_TOKEN")
            }
            return try await refresh(client, token: token)
        case "USER_PASSWORD_AUTH", "REFRESH_TOKEN_AUTH", "REFRESH_TOKEN", "USER_SRP_AUTH", "USER_AUTH", "CUSTOM_AUTH":
            throw CognitoError.invalidParameter("\(flow) flow not enabled for this client")
        default:
            throw CognitoError.invalidParameter("Value at 'authFlow' is not supported")
        }
    }

    private func refresh(_ client: IdentityClient, token: String) async throws -> JSONValue {
        let now = clock()
        let hash = RandomName.hash(token)
        let (family, user) = try await store.read { reader in
            let family = try reader.tokenFamily(refreshTokenHash: hash)
            return (family, try family.flatMap { try reader.user(id: $0.userId) })
        }
        guard let family, let user, family.clientId == client.id, user.isEnabled else {
            throw CognitoError.invalidRefreshToken
        }
        guard now < family.expiresAt else { throw CognitoError.notAuthorized("Refresh Token has expired") }
        let issuer = issuer
        let result = try await passwords.run {
            try issuer.result(for: user, family: family, refreshToken: nil, now: now)
        }
        return ["AuthenticationResult": result, "ChallengeParameters": [:]]
    }
}
