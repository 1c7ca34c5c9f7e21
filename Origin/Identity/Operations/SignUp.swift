internal import Audit
internal import Catalog
internal import JSON

extension IdentityService {
    func signUp(_ input: CognitoInput) async throws -> JSONValue {
        _ = try await provenClient(input)
        let username = try input.username()
        let password = try input.text("Password", limit: 2048)
        try Passwords.checkPolicy(password)
        var attributes = try input.attributes()
        if attributes["email"] == nil, username.contains("@") { attributes["email"] = username }
        let key = Self.usernameKey(username)
        let secrets = try await secrets(of: password, for: key)
        let now = clock()
        let user = try {
            var user = IdentityUser(
                id: RandomName.uuid(), poolId: settings.userPoolId, username: username, usernameKey: key,
                attributes: attributes, passwordHash: nil, status: .unconfirmed, createdAt: now)
            try user.setPassword(secrets, sealer)
            return user
        }()
        let code = try await commit { (transaction) -> Result<String, CognitoError> in
            guard try transaction.insert(user) else { return .failure(.usernameExists) }
            try transaction.record(AuditAct(.signUp, of: .user(user.id), by: .user(user.id)), at: now)
            return .success(try self.issueCode(.signUp, to: user, now: now, transaction))
        }
        try await send(code, for: .signUp, to: user)
        return [
            "UserConfirmed": false,
            "UserSub": .string(user.id),
            "CodeDeliveryDetails": Self.deliveryDetails(destination(of: user)),
        ]
    }

    func confirmSignUp(_ input: CognitoInput) async throws -> JSONValue {
        _ = try await client(input)
        let key = Self.usernameKey(try input.username())
        let code = try input.text("ConfirmationCode", limit: 2048)
        let now = clock()
        let poolId = settings.userPoolId
        try await commit { (transaction) -> Result<Void, CognitoError> in
            let user = try transaction.user(poolId: poolId, usernameKey: key)
            if let refusal = try self.redeemCode(code, .signUp, of: user, usernameKey: key, now: now, transaction) {
                return .failure(refusal)
            }
            guard var user else { return .failure(.internalError) }
            user.status = .confirmed
            if user.attributes["email"] != nil { user.attributes["email_verified"] = "true" }
            user.updatedAt = now
            try transaction.save(user)
            try transaction.record(AuditAct(.confirmSignUp, of: .user(user.id), by: .user(user.id)), at: now)
            return .success(())
        }
        return [:]
    }

    func resendConfirmationCode(_ input: CognitoInput) async throws -> JSONValue {
        _ = try await client(input)
        return try await sendCode(.signUp, toNamed: input.username())
    }

    /// Sends a code to the account of that name if it is one that may have it; who may not gets the same answer and no
    /// message.
    func sendCode(_ purpose: IdentityCode.Purpose, toNamed username: String) async throws -> JSONValue {
        let key = Self.usernameKey(username)
        let now = clock()
        let poolId = settings.userPoolId
        let issued = try await commit { (transaction) -> Result<(IdentityUser, String)?, CognitoError> in
            if let refusal = try self.countSending(to: key, now: now, transaction) { return .failure(refusal) }
            guard let user = try transaction.user(poolId: poolId, usernameKey: key), user.mayHave(purpose) else {
                return .success(nil)
            }
            return .success((user, try self.issueCode(purpose, to: user, now: now, transaction)))
        }
        if let (user, code) = issued { sendBesides(code, for: purpose.message, to: user) }
        return ["CodeDeliveryDetails": deliveryDetails(for: username, issued?.0)]
    }
}
