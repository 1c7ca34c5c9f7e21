/// The tables of objects that own several blobs, and of uploads in parts.
enum MultipartSchema {
    static let tables = """
        CREATE TABLE object_pieces (
            owner TEXT NOT NULL REFERENCES objects (blob) ON DELETE CASCADE, start INTEGER NOT NULL,
            blob TEXT NOT NULL UNIQUE, size INTEGER NOT NULL CHECK (size >= 0),
            PRIMARY KEY (owner, start)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE uploads (
            id TEXT PRIMARY KEY, bucket TEXT NOT NULL, key TEXT NOT NULL, content_type TEXT NOT NULL,
            headers TEXT NOT NULL, metadata TEXT NOT NULL, checksum_algorithm TEXT, checksum_type TEXT,
            maximum_part_bytes INTEGER, created_at INTEGER NOT NULL,
            CHECK ((checksum_algorithm IS NULL) = (checksum_type IS NULL))
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX uploads_by_key ON uploads (bucket, key, id);
        CREATE INDEX uploads_by_creation ON uploads (created_at, id);
        CREATE TABLE upload_parts (
            upload_id TEXT NOT NULL REFERENCES uploads (id) ON DELETE CASCADE,
            number INTEGER NOT NULL CHECK (number BETWEEN 1 AND 10000), blob TEXT NOT NULL UNIQUE,
            size INTEGER NOT NULL, etag TEXT NOT NULL, checksums TEXT NOT NULL, created_at INTEGER NOT NULL,
            PRIMARY KEY (upload_id, number)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE completed_uploads (
            id TEXT PRIMARY KEY, bucket TEXT NOT NULL, key TEXT NOT NULL, request TEXT NOT NULL, etag TEXT NOT NULL,
            checksums TEXT NOT NULL, completed_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX completed_uploads_by_time ON completed_uploads (completed_at);
        """

    /// What the object will be tagged with: a JSON object of strings.
    static let tags = "ALTER TABLE uploads ADD COLUMN tags TEXT NOT NULL DEFAULT '{}';"
}
