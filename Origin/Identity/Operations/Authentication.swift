internal import Catalog
internal import JSON

/// Who asks for a sign-in: what a password comes in, and what the client must be allowed for it.
struct SignInCaller: Sendable {
    let passwordFlows: Set<String>
    let permission: String

    /// A person's own application.
    static let application = SignInCaller(
        passwordFlows: ["USER_PASSWORD_AUTH"], permission: "ALLOW_USER_PASSWORD_AUTH")
    /// A server through which people sign in, with an access key of its own. The second name is the one of old.
    static let server = SignInCaller(
        passwordFlows: ["ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"], permission: "ALLOW_ADMIN_USER_PASSWORD_AUTH")
}

extension IdentityService {
    func initiateAuth(_ input: CognitoInput) async throws -> JSONValue {
        try await beginSignIn(input, by: .application)
    }

    func adminInitiateAuth(_ input: CognitoInput) async throws -> JSONValue {
        try checkPool(input)
        return try await beginSignIn(input, by: .server)
    }

    private func beginSignIn(_ input: CognitoInput, by caller: SignInCaller) async throws -> JSONValue {
        let flow = try input.text("AuthFlow", limit: 64)
        let parameters = try input.section("AuthParameters")
        if flow == "REFRESH_TOKEN_AUTH" || flow == "REFRESH_TOKEN" {
            return try await refresh(input, flow: flow, parameters)
        }
        let client = try await client(input, signingInWith: parameters)
        switch flow {
        case _ where caller.passwordFlows.contains(flow) && client.flows.contains(caller.permission):
            guard let parameters else { throw CognitoError.invalidParameter("Missing required parameter USERNAME") }
            return try await signInWithPassword(client, parameters)
        case "USER_SRP_AUTH" where client.flows.contains(IdentityClient.srpFlow):
            guard let parameters else { throw CognitoError.invalidParameter("Missing required parameter USERNAME") }
            return try await beginSRP(client, parameters)
        case Self.choiceFlow:
            guard let parameters else { throw CognitoError.invalidParameter("Missing required parameter USERNAME") }
            return try await beginChoice(client, parameters)
        case _ where caller.passwordFlows.contains(flow), "USER_SRP_AUTH", "CUSTOM_AUTH":
            throw CognitoError.flowNotEnabled(flow)
        default:
            throw CognitoError.invalidParameter("Value at 'authFlow' is not supported")
        }
    }

    /// Signs in with `USERNAME` and `PASSWORD`, however the client came to ask for them.
    func signInWithPassword(_ client: IdentityClient, _ parameters: CognitoInput) async throws -> JSONValue {
        let key = Self.usernameKey(try parameters.username("USERNAME"))
        let password = try parameters.text("PASSWORD", limit: 2048)
        let step = try await withPassword(password, of: key, for: client) { user, now, transaction in
            try self.advance(user, client: client.id, proof: .password, now: now, transaction)
        }
        return try await output(of: step)
    }
}
