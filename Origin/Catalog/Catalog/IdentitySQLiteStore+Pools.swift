internal import SQLiteDatabase

extension SQLiteIdentityTransaction {
    private static let poolColumns = """
        id, name, second_factor, minimum_password_length, temporary_password_days, is_sign_up_closed, is_protected,
        is_deleted, created_at, updated_at
        """

    func pool(id: String) throws -> IdentityPool? {
        try connection.first(
            "SELECT \(Self.poolColumns) FROM identity_pools WHERE id = ? AND is_deleted = 0", [id], readPool)
    }

    func pools(after: String, limit: Int) throws -> [IdentityPool] {
        try connection.query(
            "SELECT \(Self.poolColumns) FROM identity_pools WHERE id > ? AND is_deleted = 0 ORDER BY id LIMIT ?",
            [after, limit], readPool)
    }

    func deletedPools() throws -> [String] {
        try connection.query("SELECT id FROM identity_pools WHERE is_deleted = 1", []) { try $0.text(0) }
    }

    func insert(_ pool: IdentityPool) throws -> Bool {
        try connection.execute(
            """
            INSERT INTO identity_pools (\(Self.poolColumns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
            """,
            [pool.id] + values(of: pool.options) + [pool.isDeleted, pool.createdAt, pool.updatedAt]) > 0
    }

    func save(_ pool: IdentityPool) throws {
        try connection.execute(
            """
            UPDATE identity_pools SET name = ?, second_factor = ?, minimum_password_length = ?,
                temporary_password_days = ?, is_sign_up_closed = ?, is_protected = ?, is_deleted = ?, updated_at = ?
            WHERE id = ?
            """, values(of: pool.options) + [pool.isDeleted, pool.updatedAt, pool.id])
    }

    func removeDeletedPool(id: String, limit: Int) throws -> Bool {
        let parts = [
            ("identity_clients", "id"), ("identity_users", "id"), ("identity_groups", "name"),
            ("identity_providers", "name"),
        ]
        for (table, key) in parts {
            let removed = try connection.execute(
                """
                DELETE FROM \(table) WHERE pool_id = ? AND \(key) IN (
                    SELECT \(key) FROM \(table) WHERE pool_id = ? LIMIT ?)
                """, [id, id, limit])
            if removed > 0 { return false }
        }
        try connection.execute("DELETE FROM identity_signing_keys WHERE pool_id = ?", [id])
        try connection.execute("DELETE FROM identity_pool_secrets WHERE id = ?", [id])
        try connection.execute("DELETE FROM identity_pools WHERE id = ? AND is_deleted = 1", [id])
        return true
    }

    /// The values of the columns from `name` to `is_protected`.
    private func values(of options: IdentityPool.Options) -> [(any SQLBindable)?] {
        [
            options.name, options.secondFactor?.rawValue, options.minimumPasswordLength, options.temporaryPasswordDays,
            options.isSignUpClosed, options.isProtected,
        ]
    }

    private func readPool(_ row: Row) throws -> IdentityPool {
        var options = IdentityPool.Options(name: try row.text(1))
        options.secondFactor = try row.optionalText(2).flatMap { IdentityPool.SecondFactor(rawValue: $0) }
        options.minimumPasswordLength = try row.optionalInteger(3).map { Int($0) }
        options.temporaryPasswordDays = try row.optionalInteger(4).map { Int($0) }
        options.isSignUpClosed = try row.bool(5)
        options.isProtected = try row.bool(6)
        var pool = IdentityPool(id: try row.text(0), options: options, createdAt: try row.integer(8))
        pool.isDeleted = try row.bool(7)
        pool.updatedAt = try row.integer(9)
        return pool
    }
}
