internal import Bytes
internal import Catalog
internal import Crypto
internal import JSON
internal import Telemetry

extension IdentityService {
    func signUp(_ input: CognitoInput) async throws -> JSONValue {
        _ = try await client(input)
        let username = try input.username()
        let password = try input.text("Password", limit: 2048)
        try Passwords.checkPolicy(password)
        var attributes = try input.attributes()
        if attributes["email"] == nil, username.contains("@") { attributes["email"] = username }
        let hash = try await passwords.hash(password)
        let code = SecureRandom.digits(6)
        let now = clock()
        let user: IdentityUser = {
            var user = IdentityUser(
                id: RandomName.uuid(), poolId: settings.userPoolId, username: username,
                usernameKey: Self.usernameKey(username), attributes: attributes, passwordHash: hash,
                status: .unconfirmed, createdAt: now)
            user.confirmation = confirmation(code, userId: user.id, now: now)
            return user
        }()
        try await commit { try $0.insert(user) ? .success(()) : .failure(.usernameExists) }
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
        let sealer = sealer
        // A name nobody has, a confirmed account and a used-up code all look like a wrong code, unless the code is right.
        try await commit { (transaction) -> Result<Void, CognitoError> in
            guard var user = try transaction.user(poolId: poolId, usernameKey: key), user.status == .unconfirmed,
                var confirmation = user.confirmation
            else { return .failure(.wrongConfirmationCode) }
            guard constantTimeEqual(confirmation.codeHash, sealer.codeHash(code, userId: user.id)) else {
                confirmation.failures += 1
                user.confirmation = confirmation
                try transaction.save(user)
                return .failure(.wrongConfirmationCode)
            }
            guard now < confirmation.expiresAt, confirmation.failures < Self.confirmationTries else {
                return .failure(.expiredConfirmationCode)
            }
            user.status = .confirmed
            user.confirmation = nil
            if user.attributes["email"] != nil { user.attributes["email_verified"] = "true" }
            user.updatedAt = now
            try transaction.save(user)
            return .success(())
        }
        return [:]
    }

    func resendConfirmationCode(_ input: CognitoInput) async throws -> JSONValue {
        _ = try await client(input)
        let username = try input.username()
        let key = Self.usernameKey(username)
        let code = SecureRandom.digits(6)
        let now = clock()
        let poolId = settings.userPoolId
        let user = try await commit { (transaction) -> Result<IdentityUser?, CognitoError> in
            guard var user = try transaction.user(poolId: poolId, usernameKey: key), user.status == .unconfirmed else {
                return .success(nil)
            }
            user.confirmation = self.confirmation(code, userId: user.id, now: now)
            try transaction.save(user)
            return .success(user)
        }
        // Who does not exist or needs no code gets the same answer and no message.
        guard let user else { return ["CodeDeliveryDetails": Self.deliveryDetails(username)] }
        try await send(code, for: .signUp, to: user)
        return ["CodeDeliveryDetails": Self.deliveryDetails(destination(of: user))]
    }

    private static let confirmationTries = 5

    private func confirmation(_ code: String, userId: String, now: Int64) -> IdentityUser.Confirmation {
        IdentityUser.Confirmation(
            codeHash: sealer.codeHash(code, userId: userId), expiresAt: now + settings.confirmationCodeSeconds * 1000)
    }

    private func destination(of user: IdentityUser) -> String {
        user.attributes["email"] ?? user.username
    }

    func send(_ code: String, for purpose: CodeMessage.Purpose, to user: IdentityUser) async throws {
        let message = CodeMessage(
            purpose: purpose, username: user.username, destination: destination(of: user), code: code, sentAt: clock())
        do {
            try await delivery.deliver(message)
        } catch {
            logger.error("a code could not be delivered", ["error": .string("\(error)")])
            throw CognitoError("CodeDeliveryFailureException", "The code could not be delivered.")
        }
    }

    /// `a***@e***` for `ann@example.com`.
    static func deliveryDetails(_ destination: String) -> JSONValue {
        let masked = destination.split(separator: "@", maxSplits: 1).map { "\($0.prefix(1))***" }.joined(separator: "@")
        return ["Destination": .string(masked), "DeliveryMedium": "EMAIL", "AttributeName": "email"]
    }
}
