internal import SQLiteDatabase

extension SQLiteTransaction {
    private static let archiveColumns = "a.blob, a.state, a.due_at, a.attempts, a.days"

    func archivedSource(blob: String) throws -> ArchivedSource? {
        try connection.first(
            "SELECT \(Self.archiveColumns) FROM archived_sources a WHERE blob = ?", [blob], readArchivedSource)
    }

    func archivedSources(_ state: ArchivedSource.State, due now: Int64, limit: Int) throws -> [ArchivedSource] {
        try connection.query(
            """
            SELECT \(Self.archiveColumns) FROM archived_sources a WHERE state = ? AND due_at <= ?
            ORDER BY due_at, blob LIMIT ?
            """, [state.rawValue, now, limit], readArchivedSource)
    }

    func awaitedSources(limit: Int) throws -> [ArchivedSource] {
        try connection.query(
            """
            SELECT \(Self.archiveColumns) FROM jobs j
            CROSS JOIN objects o ON o.bucket = j.source_bucket AND o.key = j.source_key
            CROSS JOIN archived_sources a ON a.blob = o.blob AND a.state IN ('clearing', 'archived')
            CROSS JOIN videos v ON v.id = j.video_id AND v.deleted_at IS NULL
            WHERE j.state IN ('queued', 'running') LIMIT ?
            """, [limit], readArchivedSource)
    }

    func archivedSourceCounts() throws -> [ArchivedSource.State: Int] {
        let counts: [(ArchivedSource.State, Int)] = try connection.query(
            "SELECT state, count(*) FROM archived_sources GROUP BY state"
        ) { (try $0.choice(0), try $0.int(1)) }
        return Dictionary(uniqueKeysWithValues: counts)
    }

    func untouchedSources(bucket: String, from start: String, since: Int64, limit: Int) throws -> [StoredObject] {
        try connection.query(
            """
            SELECT \(Self.objectColumns) FROM objects WHERE bucket = ?1 AND key >= ?2 AND created_at <= ?3
                AND EXISTS (
                    SELECT 1 FROM videos v WHERE v.upload_key = objects.key AND v.status IN ('ready', 'failed')
                        AND v.deleted_at IS NULL AND NOT EXISTS (
                            SELECT 1 FROM jobs j WHERE j.video_id = v.id AND j.state IN ('queued', 'running')))
                AND NOT EXISTS (
                    SELECT 1 FROM archived_sources a WHERE a.blob = objects.blob AND a.state <> 'archiving')
                AND NOT EXISTS (SELECT 1 FROM source_reads r WHERE r.blob = objects.blob AND r.read_at > ?3)
            ORDER BY key LIMIT ?4
            """, [bucket, start, since, limit], readObject)
    }

    func object(blob: String) throws -> StoredObject? {
        try connection.first("SELECT \(Self.objectColumns) FROM objects WHERE blob = ?", [blob], readObject)
    }

    func archiveKnowsBlob(_ blob: String) throws -> Bool {
        try connection.first(
            """
            SELECT 1 FROM archived_sources WHERE blob = ?1 UNION ALL
            SELECT 1 FROM object_pieces p JOIN archived_sources a ON a.blob = p.owner WHERE p.blob = ?1
            """, [blob]
        ) { _ in true } ?? false
    }

    func save(_ source: ArchivedSource) throws {
        try connection.execute(
            """
            INSERT INTO archived_sources VALUES (?, ?, ?, ?, ?) ON CONFLICT (blob) DO UPDATE SET
                state = excluded.state, due_at = excluded.due_at, attempts = excluded.attempts, days = excluded.days
            """, [source.blob, source.state.rawValue, source.dueAt, source.attempts, source.days])
    }

    func forgetArchivedSource(blob: String) throws {
        try connection.execute("DELETE FROM archived_sources WHERE blob = ?", [blob])
    }

    func noteRead(blob: String, at time: Int64) throws {
        try connection.execute(
            """
            INSERT INTO source_reads SELECT blob, ?2 FROM objects WHERE blob = ?1
            ON CONFLICT (blob) DO UPDATE SET read_at = max(read_at, excluded.read_at)
            """, [blob, time])
    }

    private func readArchivedSource(_ row: Row) throws -> ArchivedSource {
        ArchivedSource(
            blob: try row.text(0), state: try row.choice(1), dueAt: try row.integer(2), attempts: try row.int(3),
            days: try row.int(4))
    }
}
