internal import SQLiteDatabase

extension SQLiteIdentityTransaction {
    private static let groupColumns = "pool_id, name, description, precedence, created_at, updated_at"

    func group(poolId: String, name: String) throws -> IdentityGroup? {
        try connection.first(
            "SELECT \(Self.groupColumns) FROM identity_groups WHERE pool_id = ? AND name = ?", [poolId, name], readGroup
        )
    }

    func groups(poolId: String, of userId: String?, after: String, limit: Int) throws -> [IdentityGroup] {
        let membership = """
            AND name IN (SELECT group_name FROM identity_members WHERE user_id = ? AND pool_id = identity_groups.pool_id)
            """
        return try connection.query(
            """
            SELECT \(Self.groupColumns) FROM identity_groups WHERE pool_id = ? AND name > ?
            \(userId == nil ? "" : membership) ORDER BY name LIMIT ?
            """, [poolId, after] + (userId.map { [$0] } ?? []) + [limit], readGroup)
    }

    func insert(_ group: IdentityGroup) throws -> Bool {
        try connection.execute(
            """
            INSERT INTO identity_groups (\(Self.groupColumns)) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (pool_id, name) DO NOTHING
            """,
            [group.poolId, group.name, group.description, group.precedence, group.createdAt, group.updatedAt]) > 0
    }

    func save(_ group: IdentityGroup) throws {
        try connection.execute(
            """
            UPDATE identity_groups SET description = ?, precedence = ?, updated_at = ? WHERE pool_id = ? AND name = ?
            """, [group.description, group.precedence, group.updatedAt, group.poolId, group.name])
    }

    func deleteGroup(poolId: String, name: String) throws -> Bool {
        try connection.execute("DELETE FROM identity_groups WHERE pool_id = ? AND name = ?", [poolId, name]) > 0
    }

    func addMember(_ userId: String, to group: IdentityGroup) throws {
        try connection.execute(
            """
            INSERT INTO identity_members (pool_id, group_name, user_id) VALUES (?, ?, ?)
            ON CONFLICT (pool_id, group_name, user_id) DO NOTHING
            """, [group.poolId, group.name, userId])
    }

    func removeMember(_ userId: String, from group: IdentityGroup) throws {
        try connection.execute(
            "DELETE FROM identity_members WHERE pool_id = ? AND group_name = ? AND user_id = ?",
            [group.poolId, group.name, userId])
    }

    private func readGroup(_ row: Row) throws -> IdentityGroup {
        IdentityGroup(
            poolId: try row.text(0), name: try row.text(1), description: try row.optionalText(2),
            precedence: try row.optionalInteger(3), createdAt: try row.integer(4), updatedAt: try row.integer(5))
    }
}
