internal import Audit
internal import Catalog
internal import JSON

extension IdentityService {
    /// Replaces attributes; an address that changes must be proven anew.
    func updateUserAttributes(_ input: CognitoInput) async throws -> JSONValue {
        let principal = try await principal(input)
        let attributes = try input.attributes()
        let now = clock()
        let (user, code) = try await update(principal) {
            (user, transaction) -> Result<(IdentityUser, String?), CognitoError> in
            let changesAddress = attributes["email"].map { $0 != user.attributes["email"] } ?? false
            user.setAttributes(attributes)
            var code: String?
            if changesAddress {
                if let refusal = try self.countSending(to: user.usernameKey, now: now, transaction) {
                    return .failure(refusal)
                }
                code = try self.issueCode(.email, to: user, now: now, transaction)
            }
            try transaction.record(
                AuditAct(.attributesChanged, of: .user(user.id), Self.names(attributes.keys)), at: now)
            return .success((user, code))
        }
        guard let code else { return ["CodeDeliveryDetailsList": []] }
        try await send(code, for: .attributeVerification, to: user)
        return ["CodeDeliveryDetailsList": [Self.deliveryDetails(destination(of: user))]]
    }

    func deleteUserAttributes(_ input: CognitoInput) async throws -> JSONValue {
        let principal = try await principal(input)
        let names = try input.attributeNames()
        let now = clock()
        try await update(principal) { (user, transaction) -> Result<Void, CognitoError> in
            user.removeAttributes(names)
            try transaction.record(AuditAct(.attributesChanged, of: .user(user.id), Self.names(names)), at: now)
            return .success(())
        }
        return [:]
    }

    func getUserAttributeVerificationCode(_ input: CognitoInput) async throws -> JSONValue {
        let principal = try await principal(input)
        try checkVerifiable(input)
        let now = clock()
        let (user, code) = try await update(principal) {
            (user, transaction) -> Result<(IdentityUser, String), CognitoError> in
            guard user.mayHave(.email) else {
                return .failure(.invalidParameter("User does not have an email address"))
            }
            if let refusal = try self.countSending(to: user.usernameKey, now: now, transaction) {
                return .failure(refusal)
            }
            return .success((user, try self.issueCode(.email, to: user, now: now, transaction)))
        }
        try await send(code, for: .attributeVerification, to: user)
        return ["CodeDeliveryDetails": Self.deliveryDetails(destination(of: user))]
    }

    func verifyUserAttribute(_ input: CognitoInput) async throws -> JSONValue {
        let principal = try await principal(input)
        try checkVerifiable(input)
        let code = try input.text("Code", limit: 2048)
        let now = clock()
        try await update(principal) { (user, transaction) -> Result<Void, CognitoError> in
            if let refusal = try self.redeemCode(
                code, .email, of: user, usernameKey: user.usernameKey, now: now, transaction)
            {
                return .failure(refusal)
            }
            user.attributes["email_verified"] = "true"
            try transaction.record(AuditAct(.emailVerified, of: .user(user.id)), at: now)
            return .success(())
        }
        return [:]
    }

    func deleteUser(_ input: CognitoInput) async throws -> JSONValue {
        let principal = try await principal(input)
        let now = clock()
        try await store.write { transaction in
            try transaction.remove(principal.sub, now: now)
            try transaction.record(AuditAct(.userDeleted, of: .user(principal.sub)), at: now)
        }
        return [:]
    }

    /// Which attributes an entry of the audit log is about; never their values.
    static func names(_ names: some Sequence<String>) -> JSONObject {
        ["attributes": .array(names.sorted().map { .string($0) })]
    }

    private func checkVerifiable(_ input: CognitoInput) throws(CognitoError) {
        let name = try input.text("AttributeName", limit: 32)
        guard name == "email" else {
            throw .invalidParameter("Only email can be verified; there is no way to send a code to \(name)")
        }
    }
}

extension IdentityUser {
    /// Sets attributes; one that is proven counts as unproven once its value is another, unless its proof is set too.
    mutating func setAttributes(_ given: [String: String]) {
        for name in ["email", "phone_number"] where given[name].map({ $0 != attributes[name] }) ?? false {
            attributes["\(name)_verified"] = "false"
        }
        attributes.merge(given) { $1 }
    }

    /// Removes attributes, and with those that are proven their proof.
    mutating func removeAttributes(_ names: [String]) {
        for name in names {
            attributes[name] = nil
            attributes["\(name)_verified"] = nil
        }
    }
}
