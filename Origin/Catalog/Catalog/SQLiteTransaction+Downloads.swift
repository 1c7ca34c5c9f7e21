internal import SQLiteDatabase

extension SQLiteTransaction {
    func pendingDownloads(limit: Int) throws -> [PendingDownloads] {
        try connection.query(
            """
            SELECT job_id, attempts, available_at FROM pending_downloads AS d
            WHERE NOT EXISTS (
                SELECT 1 FROM jobs j JOIN videos v ON v.id = j.video_id WHERE j.id = d.job_id AND v.deleted_at IS NOT NULL)
            ORDER BY available_at, job_id LIMIT ?
            """, [limit]
        ) { row in
            var pending = PendingDownloads(jobId: try row.text(0), now: try row.integer(2))
            pending.attempts = try row.int(1)
            return pending
        }
    }

    func save(_ pending: PendingDownloads) throws {
        try connection.execute(
            """
            INSERT INTO pending_downloads VALUES (?, ?, ?) ON CONFLICT (job_id)
            DO UPDATE SET attempts = excluded.attempts, available_at = excluded.available_at
            """, [pending.jobId, pending.attempts, pending.availableAt])
    }

    func removePendingDownloads(jobId: String) throws {
        try connection.execute("DELETE FROM pending_downloads WHERE job_id = ?", [jobId])
    }
}
