internal import Audit
internal import Catalog
internal import JSON

/// The sign-ins of an account that last, which Cognito calls sessions.
extension IdentityService {
    func listUserSessions(_ input: CognitoInput) async throws -> JSONValue {
        let principal = try await principal(input)
        return try await sessions(input, of: principal.sub, current: principal.originId)
    }

    func adminListUserSessions(_ input: CognitoInput) async throws -> JSONValue {
        try await sessions(input, of: administered(input).id, current: nil)
    }

    /// Ends another sign-in of one's own; the one that asks is ended by `GlobalSignOut` or `RevokeToken`.
    func revokeUserSession(_ input: CognitoInput) async throws -> JSONValue {
        let principal = try await principal(input)
        let id = try Self.session(input)
        guard id != principal.originId else {
            throw CognitoError.invalidParameter("The session that the access token belongs to cannot be revoked")
        }
        let now = clock()
        try await commit { try Self.revoke(id, of: principal.sub, now: now, $0) }
        return [:]
    }

    func adminRevokeUserSession(_ input: CognitoInput) async throws -> JSONValue {
        let user = try await administered(input)
        let id = try Self.session(input)
        let now = clock()
        try await commit { try Self.revoke(id, of: user.id, now: now, $0) }
        return [:]
    }

    private func sessions(_ input: CognitoInput, of userId: String, current: String?) async throws -> JSONValue {
        let page = try ListPage(input, token: "NextToken")
        await signInUses.write()
        let now = clock()
        let found = try await store.read { reader in
            try reader.tokenFamilies(userId: userId, now: now, after: page.after, limit: page.limit + 1)
        }
        return page.output("Sessions", found) { family in
            var session: JSONObject = [
                "SessionId": SessionName.name(ofSignIn: family.id).map { .string($0) } ?? .null,
                "SessionType": "TOKEN",
                "ClientId": .string(family.clientId),
                "CreateDate": .number(Double(family.authenticatedAt) / 1000),
                "LastActiveDate": .number(Double(family.lastUse?.at ?? family.authenticatedAt) / 1000),
            ]
            if let address = family.lastUse?.address { session["LastIPAddress"] = .string(address) }
            if let current { session["IsCurrentSession"] = .bool(family.id == current) }
            return .object(session)
        } key: {
            $0.id
        }
    }

    private static func session(_ input: CognitoInput) throws(CognitoError) -> String {
        let name = try input.text("SessionId", limit: 28)
        let others = try input.choice("RevokeAssociatedSessions", of: ["NONE", "LINKED"])
        guard others != "LINKED" else {
            throw .invalidParameter("RevokeAssociatedSessions LINKED is not supported")
        }
        guard let id = SessionName.signIn(named: name) else {
            throw .invalidParameter("Value at 'SessionId' must be tkn and 25 lower-case letters and digits")
        }
        return id
    }

    private static func revoke(
        _ id: String, of userId: String, now: Int64, _ transaction: any IdentityTransaction
    ) throws -> Result<Void, CognitoError> {
        guard let family = try transaction.tokenFamily(id: id), family.userId == userId else {
            return .failure(.notFound("Session does not exist."))
        }
        try transaction.revokeTokenFamily(id: id)
        try transaction.record(AuditAct(.tokenRevoked, of: .signIn(id)), at: now)
        return .success(())
    }
}
