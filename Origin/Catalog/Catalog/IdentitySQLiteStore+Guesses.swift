internal import SQLiteDatabase

extension SQLiteIdentityTransaction {
    func countSecondFactorFailure(userId: String) throws -> Int {
        let counted = try connection.first(
            """
            INSERT INTO identity_second_factor_failures (user_id, failures) VALUES (?, 1)
            ON CONFLICT (user_id) DO UPDATE SET failures = failures + 1 RETURNING failures
            """, [userId]
        ) { try $0.int(0) }
        guard let counted else { throw DatabaseError(.unexpectedType, "a failure was counted without a number") }
        return counted
    }

    func forgetSecondFactorFailures(userId: String) throws {
        try connection.execute("DELETE FROM identity_second_factor_failures WHERE user_id = ?", [userId])
    }

    func deleteSessions(userId: String) throws {
        try connection.execute("DELETE FROM identity_sessions WHERE user_id = ?", [userId])
    }
}
