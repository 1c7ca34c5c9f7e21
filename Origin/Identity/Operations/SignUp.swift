internal import Audit
internal import Catalog
internal import JSON

extension IdentityService {
    /// Makes an account. A name that somebody has is answered as a free one is, unless the client asked for `LEGACY`.
    func signUp(_ input: CognitoInput) async throws -> JSONValue {
        let client = try await provenClient(input)
        let username = try input.username()
        let password = try input.text("Password", limit: 2048)
        var attributes = try input.attributes()
        if attributes["email"] == nil, username.contains("@") { attributes["email"] = username }
        try Passwords.checkPolicy(password, of: username, attributes["email"])
        let (key, wanted) = (Self.usernameKey(username), attributes)
        let secrets = try await secrets(of: password, for: key)
        let now = clock()
        let (user, letter) = try await commit { (transaction) -> Result<(IdentityUser, Letter?), CognitoError> in
            guard try !self.pool(in: transaction).options.isSignUpClosed else {
                return .failure(.notAuthorized("SignUp is not permitted for this user pool"))
            }
            try transaction.pruneIdentity(now: now, quietSince: now - Lockout.quietMilliseconds)
            if let refusal = try self.countSending(to: key, now: now, transaction) { return .failure(refusal) }
            var user = IdentityUser(
                id: try self.signUpId(of: key, now: now, transaction), poolId: self.settings.userPoolId,
                username: username, usernameKey: key, attributes: wanted, passwordHash: nil, status: .unconfirmed,
                createdAt: now)
            try user.setPassword(secrets, self.sealer)
            guard let owner = try transaction.user(poolId: user.poolId, usernameKey: key) else {
                return .success((user, try self.admit(user, transaction)))
            }
            try transaction.record(AuditAct(.signUp, of: .user(owner.id), outcome: "name_taken"), at: now)
            guard client.concealsUsers else { return .failure(.usernameExists) }
            try self.pretend(user, transaction)
            return .success((user, try self.notice(to: owner, now: now, transaction)))
        }
        if client.concealsUsers {
            if let letter { sendBesides(letter) }
        } else if let letter {
            try await send(letter.code, for: letter.purpose, to: letter.user)
        }
        return [
            "UserConfirmed": false,
            "UserSub": .string(user.id),
            "CodeDeliveryDetails": Self.deliveryDetails(destination(of: user)),
        ]
    }

    private func admit(_ user: IdentityUser, _ transaction: any IdentityTransaction) throws -> Letter {
        guard try transaction.insert(user) else { throw CognitoError.internalError }
        try transaction.record(
            AuditAct(.signUp, of: .user(user.id), by: .user(user.id)), at: user.createdAt)
        let code = try issueCode(.signUp, to: user, now: user.createdAt, transaction)
        return Letter(code: code, purpose: .signUp, user: user)
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
                _ = try self.issueCode(purpose, to: .decoy, now: now, transaction)
                return .success(nil)
            }
            return .success((user, try self.issueCode(purpose, to: user, now: now, transaction)))
        }
        if let (user, code) = issued {
            sendBesides(Letter(code: code, purpose: purpose.message, user: user))
        }
        return ["CodeDeliveryDetails": deliveryDetails(for: username, issued?.0)]
    }
}
