/// The tables of sources that lie in the archive, and of when sources were last read.
enum ArchiveSchema {
    // Both go with the version of an object that its blob names.
    static let tables = """
        CREATE TABLE archived_sources (
            blob TEXT PRIMARY KEY REFERENCES objects (blob) ON DELETE CASCADE,
            state TEXT NOT NULL CHECK (state IN ('archiving', 'clearing', 'archived', 'restoring', 'restored')),
            due_at INTEGER NOT NULL, attempts INTEGER NOT NULL, days INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX archived_sources_due ON archived_sources (state, due_at, blob);
        CREATE TABLE source_reads (
            blob TEXT PRIMARY KEY REFERENCES objects (blob) ON DELETE CASCADE, read_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """
}
