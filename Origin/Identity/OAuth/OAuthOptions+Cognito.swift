internal import JSON
internal import OAuth

extension OAuthOptions {
    /// Reads what `CreateUserPoolClient` and `UpdateUserPoolClient` say of OAuth; nil for a client that may not use it.
    ///
    /// Refuses by name what a client without `AllowedOAuthFlowsUserPoolClient` would be given for nothing.
    init?(_ input: CognitoInput) throws(CognitoError) {
        let callbackURLs = try input.addresses("CallbackURLs")
        let logoutURLs = try input.addresses("LogoutURLs")
        let defaultRedirectURI = try input.optionalText("DefaultRedirectURI", limit: RedirectURI.maximumBytes)
        let flows = try input.texts("AllowedOAuthFlows", limit: 3) ?? []
        let scopes = try input.scopes()
        if let refused = flows.first(where: { $0 != "code" }) {
            throw CognitoError(
                "InvalidOAuthFlowException", "'\(refused)' at 'AllowedOAuthFlows' is not supported; code is")
        }
        guard try input.flag("AllowedOAuthFlowsUserPoolClient") else {
            let given = [
                ("CallbackURLs", !callbackURLs.isEmpty), ("LogoutURLs", !logoutURLs.isEmpty),
                ("DefaultRedirectURI", defaultRedirectURI != nil), ("AllowedOAuthFlows", !flows.isEmpty),
                ("AllowedOAuthScopes", !scopes.isEmpty),
            ]
            guard let name = given.first(where: \.1)?.0 else { return nil }
            throw .invalidParameter("\(name) needs AllowedOAuthFlowsUserPoolClient")
        }
        guard !flows.isEmpty, !scopes.isEmpty else {
            throw .invalidParameter(
                "AllowedOAuthFlows and AllowedOAuthScopes are required with AllowedOAuthFlowsUserPoolClient")
        }
        guard !callbackURLs.isEmpty else { throw .invalidParameter("CallbackURLs are required for the code flow") }
        guard defaultRedirectURI.map(callbackURLs.contains) ?? true else {
            throw .invalidParameter("DefaultRedirectURI must be one of the CallbackURLs")
        }
        self.init(
            scopes: scopes, callbackURLs: callbackURLs, defaultRedirectURI: defaultRedirectURI, logoutURLs: logoutURLs)
    }

    /// Adds the options to the description of their client.
    func describe(in object: inout JSONObject) {
        object["AllowedOAuthFlows"] = ["code"]
        object["AllowedOAuthScopes"] = .array(scopes.map { .string($0.rawValue) })
        object["CallbackURLs"] = .array(callbackURLs.map { .string($0) })
        if let defaultRedirectURI { object["DefaultRedirectURI"] = .string(defaultRedirectURI) }
        if !logoutURLs.isEmpty { object["LogoutURLs"] = .array(logoutURLs.map { .string($0) }) }
    }
}

extension CognitoInput {
    fileprivate func addresses(_ name: String) throws(CognitoError) -> [String] {
        let addresses = try texts(name, limit: 100) ?? []
        guard let refused = addresses.first(where: { !RedirectURI.isAcceptable($0) }) else { return addresses }
        // What is too long to be one is too long to be repeated.
        throw .invalidParameter(
            "'\(refused.prefix(64))' at '\(name)' must be an absolute URI of at most \(RedirectURI.maximumBytes) bytes "
                + "without a fragment: https, http on this machine, or a scheme of an application")
    }

    fileprivate func scopes() throws(CognitoError) -> [OAuthScope] {
        var scopes: [OAuthScope] = []
        for word in try texts("AllowedOAuthScopes", limit: 50) ?? [] {
            guard let scope = OAuthScope(rawValue: word) else {
                throw CognitoError(
                    "ScopeDoesNotExistException", "'\(word.prefix(64))' at 'AllowedOAuthScopes' does not exist")
            }
            if !scopes.contains(scope) { scopes.append(scope) }
        }
        return scopes
    }
}
