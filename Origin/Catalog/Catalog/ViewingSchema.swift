/// The tables of who watches what.
enum ViewingSchema {
    // A sitting is kept so that it counts once: by its beginning, which never changes, so that a ping of one that is known
    // writes nothing. Where an account stands is history, which outlasts the sitting.
    static let tables = """
        CREATE TABLE watch_history (
            account_id TEXT NOT NULL, video_id TEXT NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
            position_seconds REAL NOT NULL, watched_at INTEGER NOT NULL,
            PRIMARY KEY (account_id, video_id)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO watch_history
            SELECT account_id, video_id, position_seconds, max(last_seen_at) FROM view_sessions
            WHERE account_id IS NOT NULL GROUP BY account_id, video_id;
        CREATE INDEX watch_history_by_time ON watch_history (account_id, watched_at, video_id);
        CREATE INDEX watch_history_by_video ON watch_history (video_id);
        ALTER TABLE view_sessions DROP COLUMN account_id;
        ALTER TABLE view_sessions DROP COLUMN position_seconds;
        ALTER TABLE view_sessions DROP COLUMN last_seen_at;
        CREATE INDEX view_sessions_by_start ON view_sessions (started_at);

        CREATE TRIGGER history_leaves_with_account AFTER DELETE ON identity_users BEGIN
            DELETE FROM watch_history WHERE account_id = OLD.id;
        END;
        """
}
