internal import SQLiteDatabase

extension SQLiteTransaction {
    func viewSession(videoId: String, sessionId: String) throws -> ViewSession? {
        try connection.first(
            """
            SELECT account_id, position_seconds, started_at, last_seen_at FROM view_sessions
            WHERE video_id = ? AND session_id = ?
            """, [videoId, sessionId]
        ) { row in
            ViewSession(
                videoId: videoId, sessionId: sessionId, accountId: try row.optionalText(0),
                positionSeconds: try row.real(1), startedAt: try row.integer(2), lastSeenAt: try row.integer(3))
        }
    }

    func recordView(_ session: ViewSession) throws -> Bool {
        let continued = try connection.execute(
            """
            UPDATE view_sessions SET account_id = coalesce(?, account_id), position_seconds = ?, last_seen_at = ?
            WHERE video_id = ? AND session_id = ?
            """,
            [session.accountId, session.positionSeconds, session.lastSeenAt, session.videoId, session.sessionId])
        guard continued == 0 else { return false }
        try connection.execute(
            "INSERT INTO view_sessions VALUES (?, ?, ?, ?, ?, ?)",
            [
                session.videoId, session.sessionId, session.accountId, session.positionSeconds, session.startedAt,
                session.lastSeenAt,
            ])
        try connection.execute("UPDATE videos SET views = views + 1 WHERE id = ?", [session.videoId])
        return true
    }
}
