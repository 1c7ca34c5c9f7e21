internal import SQLiteDatabase

extension SQLiteTransaction {
    func historyEntry(accountId: String, videoId: String) throws -> HistoryEntry? {
        try connection.first(
            "SELECT video_id, position_seconds, watched_at FROM watch_history WHERE account_id = ? AND video_id = ?",
            [accountId, videoId], readHistoryEntry)
    }

    func history(accountId: String, limit: Int, after: PageKey?) throws -> Page<HistoryEntry> {
        let found = try connection.query(
            """
            SELECT video_id, position_seconds, watched_at FROM watch_history
            WHERE account_id = ? AND (watched_at, video_id) < (?, ?)
            ORDER BY watched_at DESC, video_id DESC LIMIT ?
            """, [accountId, after?.value ?? .max, after?.id ?? "", limit + 1], readHistoryEntry)
        return Page(found, limit: limit) { PageKey(value: $0.watchedAt, id: $0.videoId) }
    }

    func record(_ sessions: [ViewSession], tallies batches: [TallyBatch], at time: Int64) throws {
        var tallies: [String: WatchTally] = [:]
        for batch in batches where try isNew(batch.id, at: time) {
            for (videoId, tally) in batch.tallies { tallies[videoId, default: WatchTally()].add(tally) }
        }
        for (videoId, sessions) in Dictionary(grouping: sessions, by: \.videoId) {
            guard try connection.first("SELECT 1 FROM videos WHERE id = ?", [videoId], { _ in true }) != nil else {
                continue
            }
            var views = 0
            for session in sessions {
                views += try connection.execute(
                    "INSERT OR IGNORE INTO view_sessions (video_id, session_id, started_at) VALUES (?, ?, ?)",
                    [videoId, session.sessionId, session.startedAt])
                if let accountId = session.accountId { try remember(session, of: accountId) }
            }
            var tally = tallies[videoId] ?? WatchTally()
            tally.statistics.views = Int64(views)
            if tally != WatchTally() { try add(tally, videoId: videoId, at: time) }
            // Only then, and once for all of them: views stand in an index.
            guard views > 0 else { continue }
            try connection.execute("UPDATE videos SET views = views + ? WHERE id = ?", [views, videoId])
            try heat(videoId: videoId, views: views, at: sessions.map(\.lastSeenAt).max() ?? 0)
        }
    }

    func forgetSessions(startedBefore time: Int64, limit: Int) throws {
        try connection.execute(
            """
            DELETE FROM view_sessions WHERE (video_id, session_id) IN
                (SELECT video_id, session_id FROM view_sessions WHERE started_at < ? ORDER BY started_at LIMIT ?)
            """, [time, limit])
    }

    func removeHistory(accountId: String, videoId: String?) throws {
        try connection.execute(
            "DELETE FROM watch_history WHERE account_id = ?1 AND (?2 IS NULL OR video_id = ?2)", [accountId, videoId])
    }

    /// The later of two pings says where the player stands, in whatever order they are written.
    private func remember(_ session: ViewSession, of accountId: String) throws {
        try connection.execute(
            """
            INSERT INTO watch_history (account_id, video_id, position_seconds, watched_at) VALUES (?, ?, ?, ?)
            ON CONFLICT (account_id, video_id)
            DO UPDATE SET position_seconds = excluded.position_seconds, watched_at = excluded.watched_at
            WHERE excluded.watched_at >= watched_at
            """, [accountId, session.videoId, session.positionSeconds, session.lastSeenAt])
    }

    private func readHistoryEntry(_ row: Row) throws -> HistoryEntry {
        HistoryEntry(
            videoId: try row.text(0), positionSeconds: try row.real(1), watchedAt: try row.integer(2))
    }
}
