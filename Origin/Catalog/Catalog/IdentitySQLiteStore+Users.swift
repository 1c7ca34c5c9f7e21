internal import JSON
internal import SQLiteDatabase

extension SQLiteIdentityTransaction {
    private static let columns = """
        id, pool_id, username, username_key, attributes, email, password_hash, password_expires_at, status, is_enabled,
        totp_secret, totp_last_step, totp_pending_secret, totp_enabled, totp_preferred, srp_verifier, created_at, updated_at
        """
    private static let selected = """
        \(columns), (
            SELECT json_group_array(group_name) FROM (
                SELECT group_name FROM identity_members AS members
                JOIN identity_groups AS named ON named.pool_id = members.pool_id AND named.name = group_name
                WHERE user_id = identity_users.id ORDER BY precedence NULLS LAST, group_name)), (
            SELECT json_group_array(json_array(name, kind, subject, created_at)) FROM (
                SELECT provider.name, kind, subject, links.created_at FROM identity_links AS links
                JOIN identity_providers AS provider
                    ON provider.pool_id = links.pool_id AND provider.name = links.provider
                WHERE user_id = identity_users.id AND is_enabled ORDER BY links.created_at, provider.name, subject))
        """

    func user(id: String) throws -> IdentityUser? {
        try connection.first("SELECT \(Self.selected) FROM identity_users WHERE id = ?", [id], readUser)
    }

    func user(poolId: String, usernameKey: String) throws -> IdentityUser? {
        let found = try connection.first(
            """
            SELECT \(Self.selected) FROM identity_users WHERE id = coalesce(
                (SELECT id FROM identity_users AS named WHERE pool_id = ? AND username_key = ?), ?)
            """, [poolId, usernameKey, IdentityUser.decoy.id], readUser)
        return found?.id == IdentityUser.decoy.id ? nil : found
    }

    func users(poolId: String, provenEmail: String, limit: Int) throws -> [IdentityUser] {
        try connection.query(
            """
            SELECT \(Self.selected) FROM identity_users
            WHERE pool_id = ? AND email = ? AND json_extract(attributes, '$.email_verified') = 'true'
                AND status <> 'UNCONFIRMED'
            LIMIT ?
            """, [poolId, provenEmail, limit], readUser)
    }

    func users(poolId: String, _ filter: IdentityUserFilter, after: String, limit: Int) throws -> [IdentityUser] {
        let (condition, values) = Self.condition(of: filter)
        return try connection.query(
            """
            SELECT \(Self.selected) FROM identity_users WHERE pool_id = ? AND username_key > ? AND \(condition)
            ORDER BY username_key LIMIT ?
            """, [poolId, after] + values + [limit], readUser)
    }

    private static func condition(of filter: IdentityUserFilter) -> (String, [(any SQLBindable)?]) {
        switch filter {
        case .everybody: return ("TRUE", [])
        case .equal(let field, let value):
            let (expression, path) = expression(of: field)
            return ("\(expression) = ?", path + [value])
        case .prefix(let field, let value):
            let (expression, path) = expression(of: field)
            return ("substr(\(expression), 1, ?) = ?", path + [value.unicodeScalars.count, value])
        case .members(let group):
            return (
                "id IN (SELECT user_id FROM identity_members AS m WHERE m.pool_id = identity_users.pool_id AND group_name = ?)",
                [group]
            )
        }
    }

    /// The SQL of a field, and what is bound in it.
    private static func expression(of field: IdentityUserFilter.Field) -> (String, [(any SQLBindable)?]) {
        switch field {
        case .id: ("id", [])
        case .usernameKey: ("username_key", [])
        case .status: ("status", [])
        case .isEnabled: ("CAST(is_enabled AS TEXT)", [])
        case .attribute("email"): ("email", [])
        case .attribute(let name): ("json_extract(attributes, ?)", ["$.\"\(name)\""])
        }
    }

    func insert(_ user: IdentityUser) throws -> Bool {
        try connection.execute(
            """
            INSERT INTO identity_users (\(Self.columns))
            VALUES (\(Array(repeating: "?", count: 18).joined(separator: ", ")))
            ON CONFLICT (pool_id, username_key) DO NOTHING
            """,
            [user.id, user.poolId, user.username, user.usernameKey] + mutableValues(of: user)
                + [user.createdAt, user.updatedAt]) > 0
    }

    func save(_ user: IdentityUser) throws {
        try connection.execute(
            """
            UPDATE identity_users SET attributes = ?, email = ?, password_hash = ?, password_expires_at = ?,
                status = ?, is_enabled = ?, totp_secret = ?, totp_last_step = ?, totp_pending_secret = ?,
                totp_enabled = ?, totp_preferred = ?, srp_verifier = ?, updated_at = ?
            WHERE id = ?
            """, mutableValues(of: user) + [user.updatedAt, user.id])
    }

    func deleteUser(id: String) throws {
        try connection.execute("DELETE FROM identity_users WHERE id = ?", [id])
    }

    /// The values of the columns from `attributes` to `srp_verifier`.
    private func mutableValues(of user: IdentityUser) -> [(any SQLBindable)?] {
        [
            attributesText(user.attributes), user.attributes["email"], user.passwordHash, user.passwordExpiresAt,
            user.status.rawValue, user.isEnabled, user.softwareToken?.sealedSecret,
            user.softwareToken?.lastAcceptedStep,
            user.pendingSoftwareTokenSecret, user.isSoftwareTokenEnabled, user.isSoftwareTokenPreferred,
            user.sealedVerifier,
        ]
    }

    private func readUser(_ row: Row) throws -> IdentityUser {
        var user = IdentityUser(
            id: try row.text(0), poolId: try row.text(1), username: try row.text(2), usernameKey: try row.text(3),
            attributes: try attributes(row.text(4)), groups: try groups(row.text(18)),
            identities: try identities(row.text(19)),
            passwordHash: try row.optionalText(6), status: try row.choice(8), createdAt: try row.integer(16))
        user.passwordExpiresAt = try row.optionalInteger(7)
        user.isEnabled = try row.bool(9)
        if let secret = try row.optionalBytes(10) {
            user.softwareToken = IdentityUser.SoftwareToken(
                sealedSecret: secret, lastAcceptedStep: try row.integer(11))
        }
        user.pendingSoftwareTokenSecret = try row.optionalBytes(12)
        user.isSoftwareTokenEnabled = try row.bool(13)
        user.isSoftwareTokenPreferred = try row.bool(14)
        user.sealedVerifier = try row.optionalBytes(15)
        user.updatedAt = try row.integer(17)
        return user
    }

    func attributesText(_ attributes: [String: String]) -> String {
        var object = JSONObject()
        for (name, value) in attributes.sorted(by: { $0.key < $1.key }) { object[name] = .string(value) }
        return JSONValue.object(object).description
    }

    func attributes(_ text: String) throws -> [String: String] {
        let members = try JSONValue.parse(Array(text.utf8)).object?.members ?? []
        return Dictionary(members.compactMap { member in member.value.string.map { (member.key, $0) } }) { $1 }
    }

    private func groups(_ text: String) throws -> [String] {
        (try JSONValue.parse(Array(text.utf8)).array ?? []).compactMap(\.string)
    }

    private func identities(_ text: String) throws -> [IdentityUser.OutsideIdentity] {
        (try JSONValue.parse(Array(text.utf8)).array ?? []).compactMap { entry in
            guard let provider = entry[0]?.string, let kind = entry[1]?.string.flatMap(IdentityProvider.Kind.init),
                let subject = entry[2]?.string, let createdAt = entry[3]?.integer
            else { return nil }
            return IdentityUser.OutsideIdentity(
                provider: provider, kind: kind, subject: subject, createdAt: createdAt)
        }
    }
}
