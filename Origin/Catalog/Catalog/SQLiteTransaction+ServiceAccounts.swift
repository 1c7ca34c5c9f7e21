internal import SQLiteDatabase

extension SQLiteTransaction {
    private static let accountColumns = "name, role, enabled, created_at, created_by"
    private static let keyColumns = "id, account, sealed_secret, created_at, last_used_at"

    func serviceAccount(name: String) throws -> ServiceAccount? {
        try connection.first(
            "SELECT \(Self.accountColumns) FROM service_accounts WHERE name = ?", [name], readServiceAccount)
    }

    func serviceAccounts() throws -> [ServiceAccount] {
        try connection.query(
            "SELECT \(Self.accountColumns) FROM service_accounts ORDER BY name", [], readServiceAccount)
    }

    func serviceAccountKeys() throws -> [ServiceAccountKey] {
        try connection.query(
            "SELECT \(Self.keyColumns) FROM service_account_keys ORDER BY account, created_at, id", [], readKey)
    }

    func keys(ofServiceAccount name: String) throws -> [ServiceAccountKey] {
        try connection.query(
            "SELECT \(Self.keyColumns) FROM service_account_keys WHERE account = ? ORDER BY created_at, id", [name],
            readKey)
    }

    func insert(_ account: ServiceAccount) throws {
        try connection.execute(
            "INSERT INTO service_accounts (\(Self.accountColumns)) VALUES (?, ?, ?, ?, ?)",
            [account.name, account.role, account.isEnabled, account.createdAt, account.createdBy])
    }

    func update(_ account: ServiceAccount) throws {
        try connection.execute(
            "UPDATE service_accounts SET enabled = ? WHERE name = ?", [account.isEnabled, account.name])
    }

    func deleteServiceAccount(name: String) throws {
        try connection.execute("DELETE FROM service_accounts WHERE name = ?", [name])
    }

    func insert(_ key: ServiceAccountKey) throws {
        try connection.execute(
            "INSERT INTO service_account_keys (\(Self.keyColumns)) VALUES (?, ?, ?, ?, ?)",
            [key.id, key.account, key.sealedSecret, key.createdAt, key.lastUsedAt])
    }

    func deleteServiceAccountKey(id: String) throws {
        try connection.execute("DELETE FROM service_account_keys WHERE id = ?", [id])
    }

    func noteUse(ofServiceAccountKey id: String, at time: Int64) throws {
        try connection.execute(
            """
            UPDATE service_account_keys SET last_used_at = ?1
            WHERE id = ?2 AND (last_used_at IS NULL OR last_used_at < ?1)
            """, [time, id])
    }

    private func readServiceAccount(_ row: Row) throws -> ServiceAccount {
        var account = ServiceAccount(
            name: try row.text(0), role: try row.text(1), createdAt: try row.integer(3), createdBy: try row.text(4))
        account.isEnabled = try row.bool(2)
        return account
    }

    private func readKey(_ row: Row) throws -> ServiceAccountKey {
        ServiceAccountKey(
            id: try row.text(0), account: try row.text(1), sealedSecret: try row.bytes(2),
            createdAt: try row.integer(3), lastUsedAt: try row.optionalInteger(4))
    }
}
