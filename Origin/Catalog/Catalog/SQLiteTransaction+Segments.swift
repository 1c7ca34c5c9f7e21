internal import JSON
internal import Presentation
internal import SQLiteDatabase

extension SQLiteTransaction {
    private static let columns = "rendition, number, bytes, duration_microseconds, sha256, fragments"

    func renditionAccounts(jobId: String) throws -> [RenditionAccount] {
        try connection.query(
            """
            SELECT position, name, effort, stored_segments, stored_microseconds, run_segments, published_segments,
                published_microseconds, file_ending
            FROM job_renditions WHERE job_id = ? ORDER BY position
            """, [jobId]
        ) { row in
            var account = RenditionAccount(
                position: try row.int(0), name: try row.text(1), effort: try row.real(2), fileEnding: try row.text(8))
            account.storedSegments = try row.int(3)
            account.storedMicroseconds = try row.integer(4)
            account.runSegments = try row.int(5)
            account.publishedSegments = try row.int(6)
            account.publishedMicroseconds = try row.integer(7)
            return account
        }
    }

    func segment(jobId: String, rendition: Int, number: Int) throws -> StoredSegment? {
        try segments(jobId: jobId, rendition: rendition, numbers: number...number).first
    }

    func segments(jobId: String, rendition: Int, numbers: ClosedRange<Int>) throws -> [StoredSegment] {
        try connection.query(
            """
            SELECT \(Self.columns) FROM segments WHERE job_id = ? AND rendition = ? AND number BETWEEN ? AND ?
            ORDER BY number
            """, [jobId, rendition, numbers.lowerBound, numbers.upperBound]
        ) { row in
            StoredSegment(
                rendition: try row.int(0), number: try row.int(1), bytes: try row.int(2),
                durationMicroseconds: try row.integer(3), sha256: try row.text(4),
                fragments: try row.optionalText(5).flatMap { try? JSONValue.parse($0) }
                    .flatMap(StoredSegment.Fragment.list(json:)) ?? [])
        }
    }

    func jobsToPublish() throws -> [PublicationDue] {
        try connection.query(
            """
            SELECT id, is_complete FROM (
                SELECT j.id, j.created_at,
                    EXISTS (SELECT 1 FROM job_plans p WHERE p.job_id = j.id)
                        AND NOT EXISTS (SELECT 1 FROM job_units u WHERE u.job_id = j.id AND u.state <> 'done')
                        AS is_complete,
                    EXISTS (SELECT 1 FROM job_renditions r
                        WHERE r.job_id = j.id AND r.run_segments > r.published_segments) AS has_grown
                FROM jobs j WHERE j.state = 'running' AND j.is_final = 0
                    AND NOT EXISTS (SELECT 1 FROM videos v WHERE v.id = j.video_id AND v.deleted_at IS NOT NULL))
            WHERE is_complete OR has_grown ORDER BY created_at, id
            """
        ) { PublicationDue(jobId: try $0.text(0), isFinal: try $0.bool(1)) }
    }

    func insert(_ account: RenditionAccount, jobId: String) throws {
        try connection.execute(
            "INSERT INTO job_renditions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                jobId, account.position, account.name, account.effort, account.storedSegments,
                account.storedMicroseconds, account.runSegments, account.publishedSegments,
                account.publishedMicroseconds, account.fileEnding,
            ])
    }

    func save(_ account: RenditionAccount, jobId: String) throws {
        try connection.execute(
            """
            UPDATE job_renditions SET stored_segments = ?, stored_microseconds = ?, run_segments = ?,
                published_segments = ?, published_microseconds = ?
            WHERE job_id = ? AND position = ?
            """,
            [
                account.storedSegments, account.storedMicroseconds, account.runSegments, account.publishedSegments,
                account.publishedMicroseconds, jobId, account.position,
            ])
    }

    func insert(_ segment: StoredSegment, jobId: String) throws {
        try connection.execute(
            "INSERT INTO segments (job_id, \(Self.columns)) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                jobId, segment.rendition, segment.number, segment.bytes, segment.durationMicroseconds, segment.sha256,
                segment.fragments.isEmpty ? nil : StoredSegment.Fragment.json(segment.fragments).description,
            ])
    }
}
