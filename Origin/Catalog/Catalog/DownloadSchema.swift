/// The tables of downloads: objects that share their bytes with others, and which videos wait for theirs.
enum DownloadSchema {
    // Videos that were ready before get theirs too.
    static let tables = """
        ALTER TABLE objects ADD COLUMN own_size INTEGER;
        CREATE TABLE object_parts (
            blob TEXT NOT NULL REFERENCES objects (blob) ON DELETE CASCADE, start INTEGER NOT NULL, key TEXT NOT NULL,
            etag TEXT NOT NULL, part_offset INTEGER NOT NULL, part_size INTEGER NOT NULL CHECK (part_size > 0),
            PRIMARY KEY (blob, start)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE pending_downloads (
            job_id TEXT PRIMARY KEY REFERENCES jobs (id) ON DELETE CASCADE, attempts INTEGER NOT NULL,
            available_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX pending_downloads_due ON pending_downloads (available_at, job_id);
        INSERT INTO pending_downloads SELECT id, 0, 0 FROM jobs WHERE state = 'done';
        """
}
