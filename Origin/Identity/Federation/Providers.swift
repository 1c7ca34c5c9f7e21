internal import Audit
internal import Catalog
internal import EventLoop
internal import JSON
internal import RelyingParty
internal import Telemetry
internal import WebFetch

/// What administrators do with the outside providers that may say who somebody is.
extension IdentityService {
    private static let usualMapping = ["username": "sub", "email": "email", "email_verified": "email_verified"]

    /// Adds a provider, after having asked it for its discovery document and keys.
    func createIdentityProvider(_ input: CognitoInput) async throws -> JSONValue {
        try checkPool(input)
        let (name, kind) = (try input.providerName(), try input.providerKind())
        let options = try ProviderOptions(try input.textMap("ProviderDetails", count: 32) ?? [:])
        try refuseUnsupported(input)
        let provider = IdentityProvider(
            poolId: settings.userPoolId, name: name, kind: kind, issuer: try kind.issuer(saying: options.issuer),
            clientId: options.clientId, sealedSecret: try seal(options.clientSecret, ofProvider: name),
            scopes: options.scopes, userInfoMethod: options.userInfoMethod,
            mapping: try input.attributeMapping() ?? Self.usualMapping, createdAt: clock())
        try await checkUse(of: provider)
        try await commit { (transaction) -> Result<Void, CognitoError> in
            guard try transaction.insert(provider) else {
                return .failure(
                    CognitoError("DuplicateProviderException", "A provider with the name \(name) exists already."))
            }
            try transaction.record(AuditAct(.providerCreated, of: .provider(name)), at: provider.createdAt)
            return .success(())
        }
        logger.info("outside provider added", ["provider": .string(name), "issuer": .string(provider.issuer)])
        return ["IdentityProvider": try description(of: provider)]
    }

    func describeIdentityProvider(_ input: CognitoInput) async throws -> JSONValue {
        ["IdentityProvider": try description(of: try await namedProvider(input))]
    }

    /// Replaces the details, the mapping or both; the issuer stays, for another one's people are others.
    func updateIdentityProvider(_ input: CognitoInput) async throws -> JSONValue {
        var changed = try await namedProvider(input)
        try refuseUnsupported(input)
        if let details = try input.textMap("ProviderDetails", count: 32) {
            let options = try ProviderOptions(details)
            guard options.issuer ?? changed.issuer == changed.issuer else {
                throw CognitoError.invalidParameter(
                    "'oidc_issuer' cannot be changed: people are linked by what only \(changed.issuer) says of them; "
                        + "delete the provider and create another")
            }
            changed.clientId = options.clientId
            changed.sealedSecret = try seal(options.clientSecret, ofProvider: changed.name)
            changed.scopes = options.scopes
            changed.userInfoMethod = options.userInfoMethod
        }
        if let mapping = try input.attributeMapping() { changed.mapping = mapping }
        changed.updatedAt = clock()
        try await checkUse(of: changed)
        let provider = changed
        try await commit { (transaction) -> Result<Void, CognitoError> in
            guard let known = try transaction.provider(poolId: provider.poolId, name: provider.name),
                known.issuer == provider.issuer
            else { return .failure(.unknownProvider(provider.name)) }
            try transaction.save(provider)
            try transaction.record(AuditAct(.providerChanged, of: .provider(provider.name)), at: provider.updatedAt)
            return .success(())
        }
        logger.info("outside provider changed", ["provider": .string(provider.name)])
        return ["IdentityProvider": try description(of: provider)]
    }

    /// Removes a provider and all links to it; accounts stay, those that came from it without a way in.
    func deleteIdentityProvider(_ input: CognitoInput) async throws -> JSONValue {
        try checkPool(input)
        let (name, poolId, now) = (try input.text("ProviderName", limit: 32), settings.userPoolId, clock())
        try await commit { (transaction) -> Result<Void, CognitoError> in
            guard try transaction.deleteProvider(poolId: poolId, name: name) else {
                return .failure(.unknownProvider(name))
            }
            try transaction.record(AuditAct(.providerDeleted, of: .provider(name)), at: now)
            return .success(())
        }
        logger.info("outside provider deleted", ["provider": .string(name)])
        return [:]
    }

    func listIdentityProviders(_ input: CognitoInput) async throws -> JSONValue {
        try checkPool(input)
        let page = try ListPage(input, limit: "MaxResults", token: "NextToken")
        let poolId = settings.userPoolId
        let found = try await store.read {
            try $0.providers(poolId: poolId, after: page.after, limit: page.limit + 1)
        }
        return page.output("Providers", found, { .object(Self.summary(of: $0)) }) { $0.name }
    }

    /// The provider that an administrator names.
    private func namedProvider(_ input: CognitoInput) async throws -> IdentityProvider {
        try checkPool(input)
        let (name, poolId) = (try input.text("ProviderName", limit: 32), settings.userPoolId)
        guard let provider = try await store.read({ try $0.provider(poolId: poolId, name: name) }) else {
            throw CognitoError.unknownProvider(name)
        }
        return provider
    }

    private func refuseUnsupported(_ input: CognitoInput) throws {
        guard try input.texts("IdpIdentifiers", limit: 50)?.isEmpty ?? true else {
            throw CognitoError.invalidParameter("IdpIdentifiers is not supported")
        }
        guard try input.object("AcrMapping")?.isEmpty ?? true else {
            throw CognitoError.invalidParameter("AcrMapping is not supported")
        }
    }

    /// Tells an administrator at once what would otherwise be found out by the first who comes.
    private func checkUse(of provider: IdentityProvider) async throws {
        do {
            _ = try await providers.provider(provider.issuer)
        } catch let error as BlockingPool.Overloaded {
            throw error
        } catch {
            throw CognitoError.invalidParameter("\(provider.issuer) cannot be used: \(error)")
        }
    }

    private func seal(_ secret: String?, ofProvider name: String) throws -> [UInt8]? {
        try secret.map { try sealer.seal(Array($0.utf8), owner: name, field: .providerSecret) }
    }

    /// The secret that we have at a provider.
    func secret(of provider: IdentityProvider) throws -> String? {
        try provider.sealedSecret.map {
            String(decoding: try sealer.open($0, owner: provider.name, field: .providerSecret), as: UTF8.self)
        }
    }

    private static func summary(of provider: IdentityProvider) -> JSONObject {
        [
            "ProviderName": .string(provider.name), "ProviderType": .string(provider.kind.rawValue),
            "LastModifiedDate": .number(Double(provider.updatedAt) / 1000),
            "CreationDate": .number(Double(provider.createdAt) / 1000),
        ]
    }

    /// The provider as administrators see it, our secret included.
    private func description(of provider: IdentityProvider) throws -> JSONValue {
        var details: JSONObject = [
            "client_id": .string(provider.clientId), "oidc_issuer": .string(provider.issuer),
            "authorize_scopes": .string(provider.scopes.joined(separator: " ")),
            "attributes_request_method": .string(provider.userInfoMethod), "attributes_url_add_attributes": "false",
        ]
        if let secret = try secret(of: provider) { details["client_secret"] = .string(secret) }
        var mapping = JSONObject()
        for (name, claim) in provider.mapping.sorted(by: { $0.key < $1.key }) { mapping[name] = .string(claim) }
        var object = Self.summary(of: provider)
        object["UserPoolId"] = .string(provider.poolId)
        object["ProviderDetails"] = .object(details)
        object["AttributeMapping"] = .object(mapping)
        object["IdpIdentifiers"] = []
        return .object(object)
    }
}

extension CognitoError {
    static func unknownProvider(_ name: String) -> CognitoError {
        notFound("Identity provider \(name) does not exist.")
    }
}
