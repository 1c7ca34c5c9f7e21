internal import Audit
internal import Catalog
internal import JSON
internal import Telemetry

extension IdentityService {
    func getUser(_ input: CognitoInput) async throws -> JSONValue {
        let principal = try await principal(input)
        guard let user = try await store.read({ try $0.user(id: principal.sub) }) else {
            throw CognitoError.invalidAccessToken
        }
        var output: JSONObject = [
            "Username": .string(user.username), "UserAttributes": Self.attributeList(user),
        ]
        Self.describeSecondFactor(of: user, in: &output)
        return .object(output)
    }

    func globalSignOut(_ input: CognitoInput) async throws -> JSONValue {
        let principal = try await principal(input)
        let now = clock()
        try await store.write { transaction in
            try transaction.revokeTokenFamilies(userId: principal.sub)
            try transaction.record(AuditAct(.signedOutEverywhere, of: .user(principal.sub)), at: now)
        }
        logger.info("signed out everywhere", ["user": .string(principal.sub)])
        return [:]
    }

    /// Ends a refresh token and every token made with it; one that is unknown is no error (RFC 7009 §2.2).
    func revokeToken(_ input: CognitoInput) async throws -> JSONValue {
        let client = try await namedClient(input)
        try prove(client, bySecretIn: input) { CognitoError("UnauthorizedException", $0) }
        try await revoke(try input.text("Token", limit: JSONWebToken.maximumBytes), of: client)
        return [:]
    }

    /// Ends a refresh token of a client that has shown who it is.
    func revoke(_ token: String, of client: IdentityClient) async throws {
        guard client.canRevoke else {
            throw CognitoError("UnsupportedOperationException", "Token revocation is not enabled for this client.")
        }
        guard !token.contains(".") else {
            throw CognitoError("UnsupportedTokenTypeException", "Only refresh tokens can be revoked.")
        }
        let sealer = sealer
        let now = clock()
        try await commit { (transaction) -> Result<Void, CognitoError> in
            guard let (family, _) = try sealer.family(ofRefreshToken: token, in: transaction) else {
                return .success(())
            }
            guard family.clientId == client.id else {
                return .failure(CognitoError("UnauthorizedException", "The token was not issued to this client."))
            }
            try transaction.revokeTokenFamily(id: family.id)
            try transaction.record(AuditAct(.tokenRevoked, of: .signIn(family.id), by: .user(family.userId)), at: now)
            return .success(())
        }
    }

    /// `sub` and the attributes, as `[{"Name": …, "Value": …}]`.
    static func attributeList(_ user: IdentityUser) -> JSONValue {
        var all = [("sub", user.id)]
        if let identities = identities(of: user) { all.append(("identities", identities.description)) }
        all += user.attributes.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        return .array(all.map { ["Name": .string($0.0), "Value": .string($0.1)] })
    }

    /// Who the account is to outside providers, in Cognito's form; nil for one that only has a password.
    static func identities(of user: IdentityUser) -> JSONValue? {
        guard !user.identities.isEmpty else { return nil }
        return .array(
            user.identities.map { identity in
                [
                    "userId": .string(identity.subject), "providerName": .string(identity.provider),
                    "providerType": .string(identity.kind.rawValue), "issuer": nil,
                    "primary": .string(user.status == .externalProvider ? "true" : "false"),
                    "dateCreated": .string("\(identity.createdAt)"),
                ]
            })
    }

    static func describeSecondFactor(of user: IdentityUser, in output: inout JSONObject) {
        guard user.isSoftwareTokenEnabled else { return }
        output["UserMFASettingList"] = ["SOFTWARE_TOKEN_MFA"]
        if user.isSoftwareTokenPreferred { output["PreferredMfaSetting"] = "SOFTWARE_TOKEN_MFA" }
    }
}
