internal import Audit
internal import Bytes
internal import Catalog
internal import Crypto
internal import JSON
internal import OAuth
internal import Telemetry

/// What administrators do with the applications that may sign users in.
extension IdentityService {
    func createUserPoolClient(_ input: CognitoInput) async throws -> JSONValue {
        try checkPool(input)
        guard let name = try input.clientName() else {
            throw CognitoError.invalidParameter("Missing required parameter ClientName")
        }
        var client = IdentityClient(
            id: SecureRandom.hex(13), poolId: settings.userPoolId, name: name,
            flows: IdentityClient.usualFlows, createdAt: clock())
        try client.apply(input, settings)
        if let secret = try newSecret(input) {
            client.sealedSecret = try sealer.seal(Array(secret.utf8), owner: client.id, field: .clientSecret)
        }
        let created = client
        try await store.write { transaction in
            try transaction.checkProviders(of: created)
            try transaction.save(created)
            try transaction.record(AuditAct(.clientCreated, of: .client(created.id)), at: created.createdAt)
        }
        logger.info("app client created", ["client": .string(client.id)])
        return ["UserPoolClient": try description(of: client)]
    }

    func describeUserPoolClient(_ input: CognitoInput) async throws -> JSONValue {
        try checkPool(input)
        return ["UserPoolClient": try description(of: try await namedClient(input))]
    }

    /// Replaces all options: what is left out goes back to what is usual; the name and the secret stay.
    func updateUserPoolClient(_ input: CognitoInput) async throws -> JSONValue {
        try checkPool(input)
        let (id, now, settings) = (try await namedClient(input).id, clock(), settings)
        let client = try await store.write { transaction in
            guard let known = try transaction.client(id: id) else { throw CognitoError.unknownClient(id) }
            var client = IdentityClient(
                id: id, poolId: known.poolId, name: try input.clientName() ?? known.name,
                flows: IdentityClient.usualFlows, createdAt: known.createdAt)
            try client.apply(input, settings)
            client.sealedSecret = known.sealedSecret
            client.updatedAt = now
            try transaction.checkProviders(of: client)
            try transaction.save(client)
            try transaction.record(AuditAct(.clientChanged, of: .client(id)), at: now)
            return client
        }
        logger.info("app client changed", ["client": .string(client.id)])
        return ["UserPoolClient": try description(of: client)]
    }

    /// Removes a client, and ends all sign-ins that it has begun.
    func deleteUserPoolClient(_ input: CognitoInput) async throws -> JSONValue {
        try checkPool(input)
        let (id, now) = (try await namedClient(input).id, clock())
        try await store.write { transaction in
            guard try transaction.deleteClient(id: id) else { throw CognitoError.unknownClient(id) }
            try transaction.revokeTokenFamilies(clientId: id)
            try transaction.record(AuditAct(.clientDeleted, of: .client(id)), at: now)
        }
        logger.info("app client deleted", ["client": .string(id)])
        return [:]
    }

    func listUserPoolClients(_ input: CognitoInput) async throws -> JSONValue {
        try checkPool(input)
        let page = try ListPage(input, limit: "MaxResults", token: "NextToken")
        let poolId = settings.userPoolId
        let found = try await store.read {
            try $0.clients(poolId: poolId, after: page.after, limit: page.limit + 1)
        }
        return page.output("UserPoolClients", found) { client in
            [
                "ClientId": .string(client.id), "UserPoolId": .string(client.poolId),
                "ClientName": .string(client.name),
            ]
        } key: {
            $0.id
        }
    }

    private func newSecret(_ input: CognitoInput) throws -> String? {
        let isGenerated = try input.flag("GenerateSecret")
        guard let given = try input.clientSecret() else { return isGenerated ? SecureRandom.alphanumeric(52) : nil }
        guard !isGenerated else {
            throw CognitoError.invalidParameter("ClientSecret cannot be given where GenerateSecret is true")
        }
        return given
    }

    /// The client as administrators see it, its secret included.
    private func description(of client: IdentityClient) throws -> JSONValue {
        var object: JSONObject = [
            "UserPoolId": .string(client.poolId),
            "ClientName": .string(client.name),
            "ClientId": .string(client.id),
            "LastModifiedDate": .number(Double(client.updatedAt) / 1000),
            "CreationDate": .number(Double(client.createdAt) / 1000),
            "ExplicitAuthFlows": .array(client.flows.sorted().map { .string($0) }),
            "PreventUserExistenceErrors": client.concealsUsers ? "ENABLED" : "LEGACY",
            "EnableTokenRevocation": .bool(client.canRevoke),
            "AllowedOAuthFlowsUserPoolClient": .bool(client.oauth != nil),
            "EnablePropagateAdditionalUserContextData": false,
            "AuthSessionValidity": .integer(settings.sessionSeconds / 60),
        ]
        var units = JSONObject()
        let validities = [
            ("Access", client.accessToken), ("Id", client.idToken), ("Refresh", client.refreshToken),
        ]
        for (kind, validity) in validities {
            guard let validity else { continue }
            object["\(kind)TokenValidity"] = .integer(validity.value)
            units["\(kind)Token"] = .string(validity.unit.rawValue)
        }
        // Cognito says this one always, in days.
        if client.refreshToken == nil {
            object["RefreshTokenValidity"] = .integer(settings.refreshTokenSeconds / 86_400)
        }
        object["TokenValidityUnits"] = .object(units)
        if let secret = try secret(of: client) {
            object["ClientSecret"] = .string(String(decoding: secret, as: UTF8.self))
        }
        if let seconds = client.rotationGraceSeconds {
            object["RefreshTokenRotation"] = ["Feature": "ENABLED", "RetryGracePeriodSeconds": .integer(seconds)]
        }
        if let oauth = client.oauth {
            oauth.describe(in: &object)
            object["SupportedIdentityProviders"] = .array((["COGNITO"] + client.providers).map { .string($0) })
        }
        return .object(object)
    }
}

extension CognitoInput {
    fileprivate func clientName() throws(CognitoError) -> String? {
        guard let name = try optionalText("ClientName", limit: 128) else { return nil }
        guard name.utf8.allSatisfy({ Self.isWord($0) || " \t\r\n+=,.@-".utf8.contains($0) }) else {
            throw .invalidParameter(
                "Value at 'ClientName' must be letters, digits, underscores, white space and any of + = , . @ -")
        }
        return name
    }

    fileprivate func clientSecret() throws(CognitoError) -> String? {
        guard let secret = try optionalText("ClientSecret") else { return nil }
        guard (24...64).contains(secret.utf8.count),
            secret.utf8.allSatisfy({ Self.isWord($0) || $0 == UInt8(ascii: "+") })
        else {
            throw .invalidParameter(
                "Value at 'ClientSecret' must be 24 to 64 letters, digits, underscores and plus signs")
        }
        return secret
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        ASCII.isLetter(byte) || ASCII.isDigit(byte) || byte == UInt8(ascii: "_")
    }
}
