internal import SQLiteDatabase

extension SQLiteIdentityTransaction {
    func browserSession(idHash: [UInt8]) throws -> IdentityBrowserSession? {
        try connection.first(
            """
            SELECT user_id, pool_id, authenticated_at, used_at, expires_at FROM identity_browser_sessions
            WHERE id_hash = ?
            """, [idHash]
        ) { row in
            var session = IdentityBrowserSession(
                idHash: idHash, userId: try row.text(0), poolId: try row.text(1), authenticatedAt: try row.integer(2),
                expiresAt: try row.integer(4))
            session.usedAt = try row.integer(3)
            return session
        }
    }

    func insert(_ session: IdentityBrowserSession) throws {
        try connection.execute(
            """
            INSERT INTO identity_browser_sessions (id_hash, user_id, pool_id, authenticated_at, used_at, expires_at)
            VALUES (?, ?, ?, ?, ?, ?)
            """,
            [
                session.idHash, session.userId, session.poolId, session.authenticatedAt, session.usedAt,
                session.expiresAt,
            ])
    }

    func save(_ session: IdentityBrowserSession) throws {
        try connection.execute(
            "UPDATE identity_browser_sessions SET used_at = ? WHERE id_hash = ?", [session.usedAt, session.idHash])
    }

    func deleteBrowserSession(idHash: [UInt8]) throws -> Bool {
        try connection.execute("DELETE FROM identity_browser_sessions WHERE id_hash = ?", [idHash]) > 0
    }
}
