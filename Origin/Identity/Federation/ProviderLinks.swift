internal import Audit
internal import Catalog
internal import JSON

/// What administrators do with links between accounts and the people of outside providers.
extension IdentityService {
    /// Lets a provider's person, who has no account here, into the account of one of the pool's own.
    func adminLinkProviderForUser(_ input: CognitoInput) async throws -> JSONValue {
        try checkPool(input)
        let source = try input.outsidePerson("SourceUser")
        guard let destination = try input.section("DestinationUser") else {
            throw CognitoError.invalidParameter("Missing required parameter DestinationUser")
        }
        guard try destination.optionalText("ProviderName", limit: 32) ?? "Cognito" == "Cognito" else {
            throw CognitoError.invalidParameter("ProviderName of DestinationUser must be Cognito")
        }
        let key = Self.usernameKey(try destination.username("ProviderAttributeValue"))
        let (poolId, now) = (settings.userPoolId, clock())
        try await commit { (transaction) -> Result<Void, CognitoError> in
            guard try transaction.provider(poolId: poolId, name: source.provider) != nil else {
                return .failure(.unknownProvider(source.provider))
            }
            guard let user = try transaction.user(poolId: poolId, named: key),
                user.status != .externalProvider
            else { return .failure(.userNotFound) }
            let known = try transaction.link(poolId: poolId, provider: source.provider, subject: source.subject)
            if let known, known.isEnabled {
                return .failure(
                    .invalidParameter(
                        known.userId == user.id
                            ? "SourceUser is already linked to DestinationUser"
                            : "SourceUser has an account of their own, or another's; merging is not supported"))
            }
            try transaction.save(
                IdentityLink(
                    poolId: poolId, provider: source.provider, subject: source.subject, userId: user.id, createdAt: now)
            )
            try transaction.record(
                AuditAct(.providerLinked, of: .user(user.id), ["provider": .string(source.provider)]), at: now)
            return .success(())
        }
        return [:]
    }

    /// Lets a provider's person in no longer, until they are linked again, and ends what their account has begun.
    func adminDisableProviderForUser(_ input: CognitoInput) async throws -> JSONValue {
        try checkPool(input)
        let person = try input.outsidePerson("User")
        let (poolId, now) = (settings.userPoolId, clock())
        try await commit { (transaction) -> Result<Void, CognitoError> in
            guard
                var link = try transaction.link(poolId: poolId, provider: person.provider, subject: person.subject),
                link.isEnabled
            else { return .failure(.userNotFound) }
            link.isEnabled = false
            try transaction.save(link)
            try transaction.revokeTokenFamilies(userId: link.userId)
            try transaction.record(
                AuditAct(.providerDisabled, of: .user(link.userId), ["provider": .string(person.provider)]), at: now)
            return .success(())
        }
        return [:]
    }
}

extension CognitoInput {
    /// Who is meant, by what the provider calls them.
    fileprivate func outsidePerson(_ name: String) throws(CognitoError) -> (provider: String, subject: String) {
        guard let section = try section(name) else { throw .invalidParameter("Missing required parameter \(name)") }
        guard try section.text("ProviderAttributeName") == "Cognito_Subject" else {
            throw .invalidParameter("ProviderAttributeName of \(name) must be Cognito_Subject")
        }
        return (try section.text("ProviderName", limit: 32), try section.text("ProviderAttributeValue", limit: 255))
    }
}
