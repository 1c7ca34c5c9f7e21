internal import Audit
internal import Catalog
internal import Crypto
internal import JSON

extension IdentityService {
    func adminCreateUser(_ input: CognitoInput) async throws -> JSONValue {
        try checkPool(input)
        let action = try input.optionalText("MessageAction")
        guard action != "RESEND" else { return try await inviteAgain(input) }
        guard action == nil || action == "SUPPRESS" else {
            throw CognitoError.invalidParameter("Value at 'MessageAction' must be RESEND or SUPPRESS")
        }
        let username = try input.username()
        var attributes = try input.attributes(privileged: true)
        if attributes["email"] == nil, username.contains("@") { attributes["email"] = username }
        let password = try await temporaryPassword(input)
        try Passwords.checkPolicy(password, of: username, attributes["email"])
        let key = Self.usernameKey(username)
        let secrets = try await secrets(of: password, for: key)
        let now = clock()
        let options = try await store.read { try self.pool(in: $0).options }
        let user: IdentityUser = try {
            var user = IdentityUser(
                id: RandomName.uuid(), poolId: settings.userPoolId, username: username,
                usernameKey: key, attributes: attributes, passwordHash: nil, status: .forceChangePassword,
                createdAt: now)
            try user.setPassword(secrets, sealer)
            user.passwordExpiresAt = now + temporaryPasswordMilliseconds(of: options)
            return user
        }()
        try await commit { (transaction) -> Result<Void, CognitoError> in
            _ = try self.pool(in: transaction)
            guard try transaction.insert(user) else { return .failure(.usernameExists) }
            try transaction.record(AuditAct(.userCreated, of: .user(user.id)), at: now)
            return .success(())
        }
        if action == nil { try await send(password, for: .invitation, to: user) }
        return ["User": .object(Self.description(of: user, attributesAs: "Attributes"))]
    }

    /// The one that is given, or one as long as the pool wants it.
    private func temporaryPassword(_ input: CognitoInput) async throws -> String {
        if let given = try input.optionalText("TemporaryPassword", limit: 2048) { return given }
        let options = try await store.read { try self.pool(in: $0).options }
        return SecureRandom.alphanumeric(max(16, minimumPasswordLength(of: options)))
    }

    /// Another temporary password for somebody who has not signed in with the one before.
    private func inviteAgain(_ input: CognitoInput) async throws -> JSONValue {
        let password = try await temporaryPassword(input)
        let account = try await administered(input)
        try Passwords.checkPolicy(password, of: account)
        let secrets = try await secrets(of: password, for: account.usernameKey)
        let user = try await administer(input, .passwordSet, ["permanent": false]) {
            (user, now, transaction) -> Result<IdentityUser, CognitoError> in
            guard user.status == .forceChangePassword else {
                return .failure(
                    CognitoError(
                        "UnsupportedUserStateException",
                        "Resend not possible. \(user.username) status is not FORCE_CHANGE_PASSWORD"))
            }
            try user.setPassword(secrets, self.sealer)
            user.passwordExpiresAt =
                now + self.temporaryPasswordMilliseconds(of: try self.pool(in: transaction).options)
            return .success(user)
        }
        try await send(password, for: .invitation, to: user)
        return ["User": .object(Self.description(of: user, attributesAs: "Attributes"))]
    }

    func adminSetUserPassword(_ input: CognitoInput) async throws -> JSONValue {
        let password = try input.text("Password", limit: 2048)
        let isPermanent = try input.flag("Permanent")
        let account = try await administered(input)
        try Passwords.checkPolicy(password, of: account)
        let secrets = try await secrets(of: password, for: account.usernameKey)
        try await administer(input, .passwordSet, ["permanent": .bool(isPermanent)]) {
            (user, now, transaction) -> Result<Void, CognitoError> in
            guard user.status != .externalProvider else { return .failure(.passwordOfAnotherProvider) }
            try user.setPassword(secrets, self.sealer)
            user.status = isPermanent ? .confirmed : .forceChangePassword
            let lasting = self.temporaryPasswordMilliseconds(of: try self.pool(in: transaction).options)
            user.passwordExpiresAt = isPermanent ? nil : now + lasting
            try transaction.revokeTokenFamilies(userId: user.id)
            return .success(())
        }
        return [:]
    }

    /// Takes the password away: it is good for nothing more, and a code is sent with which its owner sets another.
    func adminResetUserPassword(_ input: CognitoInput) async throws -> JSONValue {
        let (user, code) = try await administer(input, .passwordTaken) {
            (user, now, transaction) -> Result<(IdentityUser, String), CognitoError> in
            guard user.mayHave(.passwordReset) else {
                return .failure(
                    .invalidParameter(
                        "Cannot reset password for the user: it takes an enabled, confirmed account with a verified email"
                    ))
            }
            user.status = .resetRequired
            try transaction.revokeTokenFamilies(userId: user.id)
            return .success((user, try self.issueCode(.passwordReset, to: user, now: now, transaction)))
        }
        try await send(code, for: .passwordTaken, to: user)
        return [:]
    }

    func adminConfirmSignUp(_ input: CognitoInput) async throws -> JSONValue {
        try await administer(input, .confirmSignUp) { (user, _, _) -> Result<Void, CognitoError> in
            guard user.status == .unconfirmed else {
                return .failure(
                    .notAuthorized("User cannot be confirmed. Current status is \(user.status.rawValue)"))
            }
            user.status = .confirmed
            return .success(())
        }
        return [:]
    }

    func adminGetUser(_ input: CognitoInput) async throws -> JSONValue {
        let user = try await administered(input)
        var output = Self.description(of: user, attributesAs: "UserAttributes")
        Self.describeSecondFactor(of: user, in: &output)
        return .object(output)
    }

    /// The account that is named, by its name or its id.
    func administered(_ input: CognitoInput) async throws -> IdentityUser {
        try checkPool(input)
        let key = Self.usernameKey(try input.username())
        let poolId = settings.userPoolId
        let found = try await store.read { reader in
            try reader.user(poolId: poolId, named: key)
        }
        guard let found else { throw CognitoError.userNotFound }
        return found
    }

    /// Runs `body` on the account that is named, by its name or its id, saves what it changes, and tells the audit log of
    /// `action` unless `body` refuses.
    @discardableResult
    func administer<R: Sendable>(
        _ input: CognitoInput, _ action: AuditAct.Action, _ details: JSONObject = [:],
        _ body:
            @escaping @Sendable (inout IdentityUser, Int64, any IdentityTransaction) throws -> Result<R, CognitoError>
    ) async throws -> R {
        try checkPool(input)
        let username = try input.username()
        let key = Self.usernameKey(username)
        let poolId = settings.userPoolId
        let now = clock()
        return try await commit { transaction in
            guard var user = try transaction.user(poolId: poolId, named: key) else {
                return .failure(.userNotFound)
            }
            let before = user
            let result = try body(&user, now, transaction)
            guard case .success = result else { return result }
            if user != before {
                user.updatedAt = now
                try transaction.save(user)
            }
            try transaction.record(AuditAct(action, of: .user(user.id), details), at: now)
            return result
        }
    }

    /// The members that `AdminCreateUser` nests and `AdminGetUser` does not.
    static func description(of user: IdentityUser, attributesAs name: String) -> JSONObject {
        [
            "Username": .string(user.username),
            name: attributeList(user),
            "UserCreateDate": .number(Double(user.createdAt) / 1000),
            "UserLastModifiedDate": .number(Double(user.updatedAt) / 1000),
            "Enabled": .bool(user.isEnabled),
            "UserStatus": .string(user.status.rawValue),
        ]
    }
}

extension IdentityReader {
    /// The account of a pool by its name, in lower case, or its id.
    func user(poolId: String, named key: String) throws -> IdentityUser? {
        if let user = try user(poolId: poolId, usernameKey: key) { return user }
        return try user(id: key).flatMap { $0.poolId == poolId ? $0 : nil }
    }
}
