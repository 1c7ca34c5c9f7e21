internal import JSON
internal import SQLiteDatabase

extension SQLiteIdentityTransaction {
    private static let columns = """
        id, pool_id, username, username_key, attributes, groups, password_hash, password_expires_at, status, is_enabled,
        confirmation_hash, confirmation_expires_at, confirmation_failures, totp_secret, totp_last_step,
        totp_pending_secret, totp_enabled, totp_preferred, created_at, updated_at
        """

    func user(id: String) throws -> IdentityUser? {
        try connection.first("SELECT \(Self.columns) FROM identity_users WHERE id = ?", [id], readUser)
    }

    func user(poolId: String, usernameKey: String) throws -> IdentityUser? {
        try connection.first(
            "SELECT \(Self.columns) FROM identity_users WHERE pool_id = ? AND username_key = ?", [poolId, usernameKey],
            readUser)
    }

    func insert(_ user: IdentityUser) throws -> Bool {
        try connection.execute(
            """
            INSERT INTO identity_users (\(Self.columns))
            VALUES (\(Array(repeating: "?", count: 20).joined(separator: ", ")))
            ON CONFLICT (pool_id, username_key) DO NOTHING
            """,
            [user.id, user.poolId, user.username, user.usernameKey] + mutableValues(of: user)
                + [user.createdAt, user.updatedAt]) > 0
    }

    func save(_ user: IdentityUser) throws {
        try connection.execute(
            """
            UPDATE identity_users SET attributes = ?, groups = ?, password_hash = ?, password_expires_at = ?,
                status = ?, is_enabled = ?, confirmation_hash = ?, confirmation_expires_at = ?,
                confirmation_failures = ?, totp_secret = ?, totp_last_step = ?, totp_pending_secret = ?,
                totp_enabled = ?, totp_preferred = ?, updated_at = ?
            WHERE id = ?
            """, mutableValues(of: user) + [user.updatedAt, user.id])
    }

    /// The values of the columns from `attributes` to `totp_preferred`.
    private func mutableValues(of user: IdentityUser) -> [(any SQLBindable)?] {
        [
            attributesText(user.attributes), groupsText(user.groups), user.passwordHash, user.passwordExpiresAt,
            user.status.rawValue, user.isEnabled, user.confirmation?.codeHash, user.confirmation?.expiresAt,
            user.confirmation?.failures, user.softwareToken?.sealedSecret, user.softwareToken?.lastAcceptedStep,
            user.pendingSoftwareTokenSecret, user.isSoftwareTokenEnabled, user.isSoftwareTokenPreferred,
        ]
    }

    private func readUser(_ row: Row) throws -> IdentityUser {
        var user = IdentityUser(
            id: try row.text(0), poolId: try row.text(1), username: try row.text(2), usernameKey: try row.text(3),
            attributes: try attributes(row.text(4)), groups: try groups(row.text(5)),
            passwordHash: try row.optionalText(6), status: try row.choice(8), createdAt: try row.integer(18))
        user.passwordExpiresAt = try row.optionalInteger(7)
        user.isEnabled = try row.bool(9)
        if let hash = try row.optionalBytes(10) {
            user.confirmation = IdentityUser.Confirmation(
                codeHash: hash, expiresAt: try row.integer(11), failures: try row.int(12))
        }
        if let secret = try row.optionalBytes(13) {
            user.softwareToken = IdentityUser.SoftwareToken(
                sealedSecret: secret, lastAcceptedStep: try row.integer(14))
        }
        user.pendingSoftwareTokenSecret = try row.optionalBytes(15)
        user.isSoftwareTokenEnabled = try row.bool(16)
        user.isSoftwareTokenPreferred = try row.bool(17)
        user.updatedAt = try row.integer(19)
        return user
    }

    private func attributesText(_ attributes: [String: String]) -> String {
        var object = JSONObject()
        for (name, value) in attributes.sorted(by: { $0.key < $1.key }) { object[name] = .string(value) }
        return JSONValue.object(object).description
    }

    private func attributes(_ text: String) throws -> [String: String] {
        let members = try JSONValue.parse(Array(text.utf8)).object?.members ?? []
        return Dictionary(members.compactMap { member in member.value.string.map { (member.key, $0) } }) { $1 }
    }

    private func groupsText(_ groups: [String]) -> String {
        JSONValue.array(groups.map { .string($0) }).description
    }

    private func groups(_ text: String) throws -> [String] {
        (try JSONValue.parse(Array(text.utf8)).array ?? []).compactMap(\.string)
    }
}
