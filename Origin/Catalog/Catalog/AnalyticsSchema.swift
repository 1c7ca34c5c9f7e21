/// The tables of what is known of how a video is watched.
enum AnalyticsSchema {
    // One row a video and span of time in which something happened; each grain is added to at once, so that none has to be made
    // of another. `statistics_by_age` finds what is kept no longer: its columns never change. `statistics_sources` holds the
    // last batch that each source has added, so that one that comes again adds nothing.
    static let tables = """
        CREATE TABLE video_statistics (
            video_id TEXT NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
            grain TEXT NOT NULL CHECK (grain IN ('minute', 'hour', 'day')), start INTEGER NOT NULL,
            peak_viewers INTEGER NOT NULL,
            views INTEGER NOT NULL, watched_ms INTEGER NOT NULL, startups INTEGER NOT NULL, startup_ms INTEGER NOT NULL,
            stalls INTEGER NOT NULL, stalled_ms INTEGER NOT NULL, bytes INTEGER NOT NULL, hits INTEGER NOT NULL,
            misses INTEGER NOT NULL, told INTEGER NOT NULL, starved INTEGER NOT NULL, urgent INTEGER NOT NULL,
            measured INTEGER NOT NULL, measured_kbps INTEGER NOT NULL,
            PRIMARY KEY (video_id, grain, start)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX video_statistics_by_age ON video_statistics (grain, start);
        CREATE TABLE video_retention (
            video_id TEXT NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
            slot INTEGER NOT NULL CHECK (slot BETWEEN 0 AND 99), watched_ms INTEGER NOT NULL,
            PRIMARY KEY (video_id, slot)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE statistics_sources (
            source TEXT PRIMARY KEY, number INTEGER NOT NULL, seen_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """
}
