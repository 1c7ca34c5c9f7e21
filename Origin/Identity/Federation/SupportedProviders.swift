internal import Catalog

extension CognitoInput {
    /// The outside providers that a client may use, by name; the pool itself is always one of those who sign people in.
    func supportedProviders(isOAuth: Bool) throws(CognitoError) -> [String] {
        guard let names = try texts("SupportedIdentityProviders", limit: 50), !names.isEmpty else { return [] }
        guard names.contains("COGNITO") else {
            throw .invalidParameter("SupportedIdentityProviders without COGNITO are not supported")
        }
        var outside: [String] = []
        for name in names where name != "COGNITO" && !outside.contains(name) { outside.append(name) }
        guard outside.isEmpty || isOAuth else {
            throw .invalidParameter(
                "SupportedIdentityProviders other than COGNITO need AllowedOAuthFlowsUserPoolClient")
        }
        return outside
    }
}

extension IdentityTransaction {
    /// Refuses a client that names providers of which there is none.
    func checkProviders(of client: IdentityClient) throws {
        for name in client.providers where try provider(poolId: client.poolId, name: name) == nil {
            throw CognitoError.invalidParameter(
                "'\(name.prefix(64))' at 'SupportedIdentityProviders' does not exist for the user pool")
        }
    }
}
