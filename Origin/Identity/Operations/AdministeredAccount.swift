internal import Audit
internal import Catalog
internal import JSON

/// What administrators do with accounts beside making them.
extension IdentityService {
    /// Keeps a person out, at once: nothing they have is good any longer.
    func adminDisableUser(_ input: CognitoInput) async throws -> JSONValue {
        try await administer(input, .userDisabled) { (user, _, transaction) -> Result<Void, CognitoError> in
            user.isEnabled = false
            try transaction.revokeTokenFamilies(userId: user.id)
            return .success(())
        }
        return [:]
    }

    func adminEnableUser(_ input: CognitoInput) async throws -> JSONValue {
        try await administer(input, .userEnabled) { (user, _, _) -> Result<Void, CognitoError> in
            user.isEnabled = true
            return .success(())
        }
        return [:]
    }

    func adminDeleteUser(_ input: CognitoInput) async throws -> JSONValue {
        try await administer(input, .userDeleted) { (user, now, transaction) -> Result<Void, CognitoError> in
            .success(try transaction.remove(user.id, now: now))
        }
        return [:]
    }

    func adminUserGlobalSignOut(_ input: CognitoInput) async throws -> JSONValue {
        try await administer(input, .signedOutEverywhere) { (user, _, transaction) -> Result<Void, CognitoError> in
            .success(try transaction.revokeTokenFamilies(userId: user.id))
        }
        return [:]
    }

    func adminUpdateUserAttributes(_ input: CognitoInput) async throws -> JSONValue {
        let attributes = try input.attributes(privileged: true)
        try await administer(input, .attributesChanged, Self.names(attributes.keys)) {
            (user, _, _) -> Result<Void, CognitoError> in
            user.setAttributes(attributes)
            return .success(())
        }
        return [:]
    }

    func adminDeleteUserAttributes(_ input: CognitoInput) async throws -> JSONValue {
        let names = try input.attributeNames()
        try await administer(input, .attributesChanged, Self.names(names)) {
            (user, _, _) -> Result<Void, CognitoError> in
            user.removeAttributes(names)
            return .success(())
        }
        return [:]
    }
}
