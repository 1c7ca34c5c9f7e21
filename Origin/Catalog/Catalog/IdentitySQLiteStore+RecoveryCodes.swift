internal import SQLiteDatabase

extension SQLiteIdentityTransaction {
    func recoveryCode(userId: String, lookup: String) throws -> IdentityRecoveryCode? {
        try connection.first(
            "SELECT hash FROM identity_recovery_codes WHERE user_id = ? AND lookup = ?", [userId, lookup]
        ) { row in IdentityRecoveryCode(userId: userId, lookup: lookup, hash: try row.text(0)) }
    }

    func recoveryCodeCount(userId: String) throws -> Int {
        try connection.first("SELECT count(*) FROM identity_recovery_codes WHERE user_id = ?", [userId]) {
            try $0.int(0)
        } ?? 0
    }

    func replaceRecoveryCodes(userId: String, with codes: [IdentityRecoveryCode]) throws {
        try connection.execute("DELETE FROM identity_recovery_codes WHERE user_id = ?", [userId])
        for code in codes {
            try connection.execute(
                "INSERT INTO identity_recovery_codes (user_id, lookup, hash) VALUES (?, ?, ?)",
                [userId, code.lookup, code.hash])
        }
    }

    func use(_ code: IdentityRecoveryCode) throws -> Bool {
        try connection.execute(
            "DELETE FROM identity_recovery_codes WHERE user_id = ? AND lookup = ? AND hash = ?",
            [code.userId, code.lookup, code.hash]) > 0
    }
}
