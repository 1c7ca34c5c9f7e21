internal import SQLiteDatabase

extension SQLiteTransaction {
    func idempotentCall(caller: String, key: String) throws -> IdempotentCall? {
        try connection.first(
            "SELECT fingerprint, created_at, sealed_answer FROM idempotent_calls WHERE caller = ? AND key = ?",
            [caller, key]
        ) { row in
            var call = IdempotentCall(
                caller: caller, key: key, fingerprint: try row.bytes(0), createdAt: try row.integer(1))
            call.sealedAnswer = try row.optionalBytes(2)
            return call
        }
    }

    func save(_ call: IdempotentCall) throws {
        try connection.execute(
            """
            INSERT INTO idempotent_calls VALUES (?, ?, ?, ?, ?) ON CONFLICT (caller, key)
            DO UPDATE SET sealed_answer = excluded.sealed_answer
            """, [call.caller, call.key, call.fingerprint, call.createdAt, call.sealedAnswer])
    }

    func deleteIdempotentCall(caller: String, key: String) throws {
        try connection.execute("DELETE FROM idempotent_calls WHERE caller = ? AND key = ?", [caller, key])
    }

    func deleteIdempotentCalls(before time: Int64, limit: Int) throws {
        try connection.execute(
            """
            DELETE FROM idempotent_calls WHERE (caller, key) IN
            (SELECT caller, key FROM idempotent_calls WHERE created_at < ? ORDER BY created_at LIMIT ?)
            """, [time, limit])
    }
}
