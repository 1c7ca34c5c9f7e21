internal import Audit
internal import Catalog
internal import JSON

extension IdentityService {
    /// The person's passkeys, by id.
    func listWebAuthnCredentials(_ input: CognitoInput) async throws -> JSONValue {
        let principal = try await principal(input)
        let page = try ListPage(
            input, limit: "MaxResults", token: "NextToken", largest: Int64(PasskeySettings.perAccount))
        let found = try await store.read {
            try $0.passkeys(userId: principal.sub, after: page.after, limit: page.limit + 1)
        }
        return page.output("Credentials", found, Self.describe, key: \.id)
    }

    /// Forgets a passkey; sign-ins that were made with it go on.
    func deleteWebAuthnCredential(_ input: CognitoInput) async throws -> JSONValue {
        let principal = try await principal(input)
        let id = try input.text("CredentialId")
        let now = clock()
        try await commit { (transaction) -> Result<Void, CognitoError> in
            guard try transaction.deletePasskey(id: id, userId: principal.sub) else {
                return .failure(.passkeyNotFound)
            }
            try transaction.record(AuditAct(.passkeyRemoved, of: .user(principal.sub)), at: now)
            return .success(())
        }
        return [:]
    }

    /// With what a person can sign in, and what is asked for besides.
    func getUserAuthFactors(_ input: CognitoInput) async throws -> JSONValue {
        let principal = try await principal(input)
        let (user, passkeys) = try await store.read { reader in
            (try reader.user(id: principal.sub), try reader.passkeys(userId: principal.sub, after: "", limit: 1))
        }
        guard let user else { throw CognitoError.invalidAccessToken }
        var factors: [FirstFactor] = user.passwordHash == nil ? [] : [.password]
        if !passkeys.isEmpty, settings.passkeys.usable != nil { factors.append(.passkey) }
        var output: JSONObject = [
            "Username": .string(user.username),
            "ConfiguredUserAuthFactors": .array(factors.map { .string($0.rawValue) }),
        ]
        Self.describeSecondFactor(of: user, in: &output)
        return .object(output)
    }

    private static func describe(_ passkey: IdentityPasskey) -> JSONValue {
        var object: JSONObject = [
            "CredentialId": .string(passkey.id), "RelyingPartyId": .string(passkey.relyingPartyId),
            "FriendlyCredentialName": .string(passkey.friendlyName),
            "AuthenticatorTransports": .array(passkey.transports.map { .string($0) }),
            "CreatedAt": .number(Double(passkey.createdAt) / 1000),
        ]
        if let attachment = passkey.attachment { object["AuthenticatorAttachment"] = .string(attachment) }
        return .object(object)
    }
}

extension IdentityPasskey {
    /// What it is called in lists: a key that stays in one thing which is plugged in or held to the device is a security key.
    fileprivate var friendlyName: String {
        let isSecurityKey = attachment == "cross-platform" && !isBackupEligible && !transports.contains("hybrid")
        return isSecurityKey ? "Security key" : "Passkey"
    }
}
