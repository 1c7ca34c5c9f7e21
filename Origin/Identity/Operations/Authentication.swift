internal import Catalog
internal import JSON

extension IdentityService {
    func initiateAuth(_ input: CognitoInput) async throws -> JSONValue {
        let flow = try input.text("AuthFlow", limit: 64)
        let parameters = try input.section("AuthParameters")
        if flow == "REFRESH_TOKEN_AUTH" || flow == "REFRESH_TOKEN" {
            return try await refresh(input, flow: flow, parameters)
        }
        let client = try await client(input, signingInWith: parameters)
        switch flow {
        case "USER_PASSWORD_AUTH" where client.flows.contains("ALLOW_USER_PASSWORD_AUTH"):
            guard let parameters else { throw CognitoError.invalidParameter("Missing required parameter USERNAME") }
            let key = Self.usernameKey(try parameters.username("USERNAME"))
            let step = try await withPassword(try parameters.text("PASSWORD", limit: 2048), of: key) {
                user, now, transaction in
                try self.advance(user, client: client.id, proof: .password, now: now, transaction)
            }
            return try await output(of: step)
        case "USER_SRP_AUTH" where client.flows.contains(IdentityClient.srpFlow):
            guard let parameters else { throw CognitoError.invalidParameter("Missing required parameter USERNAME") }
            return try await beginSRP(client, parameters)
        case "USER_PASSWORD_AUTH", "USER_SRP_AUTH", "USER_AUTH", "CUSTOM_AUTH":
            throw CognitoError.flowNotEnabled(flow)
        default:
            throw CognitoError.invalidParameter("Value at 'authFlow' is not supported")
        }
    }
}
