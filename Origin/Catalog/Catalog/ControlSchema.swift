/// The tables of what edges follow.
enum ControlSchema {
    // The sequence is counted in a row and not by AUTOINCREMENT: where several transactions write at once, the row's lock
    // makes the order of numbers the order of commits, so that no follower overtakes an entry that commits late.
    static let tables = """
        CREATE TABLE control_log_head (
            singleton INTEGER PRIMARY KEY CHECK (singleton = 1), log_id TEXT NOT NULL, latest INTEGER NOT NULL
        ) STRICT;
        INSERT INTO control_log_head VALUES (1, lower(hex(randomblob(16))), 0);
        CREATE TABLE control_log (
            sequence INTEGER PRIMARY KEY, body TEXT NOT NULL, created_at INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE following_edges (
            id TEXT PRIMARY KEY, acknowledged INTEGER NOT NULL, connected_until INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE invalidations (
            id TEXT PRIMARY KEY, distribution_id TEXT NOT NULL, caller_reference TEXT NOT NULL, paths TEXT NOT NULL,
            sequence INTEGER NOT NULL UNIQUE, created_at INTEGER NOT NULL, completed_at INTEGER,
            UNIQUE (distribution_id, caller_reference)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX invalidations_by_age ON invalidations (distribution_id, sequence);
        CREATE INDEX invalidations_open ON invalidations (distribution_id, sequence) WHERE completed_at IS NULL;
        """
}
