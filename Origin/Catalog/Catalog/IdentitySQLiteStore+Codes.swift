internal import SQLiteDatabase

extension SQLiteIdentityTransaction {
    func code(userId: String, purpose: IdentityCode.Purpose) throws -> IdentityCode? {
        try connection.first(
            "SELECT code_hash, expires_at, failures FROM identity_codes WHERE user_id = ? AND purpose = ?",
            [userId, purpose.rawValue]
        ) { row in
            IdentityCode(
                userId: userId, purpose: purpose, codeHash: try row.bytes(0), expiresAt: try row.integer(1),
                failures: try row.int(2))
        }
    }

    func save(_ code: IdentityCode) throws {
        try connection.execute(
            """
            INSERT INTO identity_codes (user_id, purpose, code_hash, expires_at, failures) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (user_id, purpose) DO UPDATE SET code_hash = excluded.code_hash,
                expires_at = excluded.expires_at, failures = excluded.failures
            """, [code.userId, code.purpose.rawValue, code.codeHash, code.expiresAt, code.failures])
    }

    func deleteCode(userId: String, purpose: IdentityCode.Purpose) throws {
        try connection.execute(
            "DELETE FROM identity_codes WHERE user_id = ? AND purpose = ?", [userId, purpose.rawValue])
    }
}
