internal import SQLiteDatabase

extension SQLiteTransaction {
    private static let columns = """
        id, video_id, owner_id, source_bucket, source_key, source_size, source_etag, state, fence, generation, is_final,
        failure_reason, failure_detail, created_at, updated_at
        """

    func job(id: String) throws -> Job? {
        try connection.first("SELECT \(Self.columns) FROM jobs WHERE id = ?", [id], readJob)
    }

    func job(videoId: String) throws -> Job? {
        try connection.first("SELECT \(Self.columns) FROM jobs WHERE video_id = ?", [videoId], readJob)
    }

    func jobs(state: Job.State?, limit: Int, after: PageKey?) throws -> Page<Job> {
        var conditions: [String] = []
        var bindings: [(any SQLBindable)?] = []
        if let state {
            conditions.append("state = ?")
            bindings.append(state.rawValue)
        }
        if let after {
            conditions.append("(created_at, id) < (?, ?)")
            bindings.append(after.value)
            bindings.append(after.id)
        }
        let limit = min(max(limit, 1), 100)
        bindings.append(limit + 1)
        let filter = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
        let found = try connection.query(
            "SELECT \(Self.columns) FROM jobs \(filter) ORDER BY created_at DESC, id DESC LIMIT ?", bindings, readJob)
        guard found.count > limit else { return Page(items: found, next: nil) }
        let last = found[limit - 1]
        return Page(items: Array(found.prefix(limit)), next: PageKey(value: last.createdAt, id: last.id))
    }

    func openJobCounts() throws -> [Job.State: Int] {
        // One query per state, so that each is answered by its own small index.
        try [Job.State.queued, .running, .dead].reduce(into: [:]) { counts, state in
            counts[state] = try connection.first(
                "SELECT count(*) FROM jobs WHERE state = '\(state.rawValue)'"
            ) { try $0.int(0) }
        }
    }

    func plan(jobId: String) throws -> JobPlan? {
        try connection.first("SELECT outline, media FROM job_plans WHERE job_id = ?", [jobId]) {
            JobPlan(outline: try $0.text(0), media: try $0.text(1))
        }
    }

    func conformanceReport(videoId: String) throws -> String? {
        try connection.first("SELECT report FROM conformance_reports WHERE video_id = ?", [videoId]) {
            try $0.text(0)
        }
    }

    func insert(_ job: Job) throws {
        try connection.execute(
            "INSERT INTO jobs (\(Self.columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                job.id, job.videoId, job.ownerId, job.source.bucket, job.source.key, job.source.size, job.source.etag,
                job.state.rawValue, job.fence, job.generation, job.isFinal, job.lastFailure?.reason,
                job.lastFailure?.detail, job.createdAt, job.updatedAt,
            ])
    }

    func save(_ job: Job) throws {
        try connection.execute(
            """
            UPDATE jobs SET source_bucket = ?, source_key = ?, source_size = ?, source_etag = ?, state = ?, fence = ?,
                generation = ?, is_final = ?, failure_reason = ?, failure_detail = ?, updated_at = ?
            WHERE id = ?
            """,
            [
                job.source.bucket, job.source.key, job.source.size, job.source.etag, job.state.rawValue, job.fence,
                job.generation, job.isFinal, job.lastFailure?.reason, job.lastFailure?.detail, job.updatedAt, job.id,
            ])
    }

    func store(_ plan: JobPlan, jobId: String) throws {
        try connection.execute(
            "INSERT INTO job_plans (job_id, outline, media) VALUES (?, ?, ?)", [jobId, plan.outline, plan.media])
    }

    func deleteWork(jobId: String) throws {
        for table in ["job_units", "job_plans", "job_renditions", "segments"] {
            try connection.execute("DELETE FROM \(table) WHERE job_id = ?", [jobId])
        }
    }

    func storeConformanceReport(_ report: String?, videoId: String, now: Int64) throws {
        try connection.execute("DELETE FROM conformance_reports WHERE video_id = ?", [videoId])
        guard let report else { return }
        try connection.execute("INSERT INTO conformance_reports VALUES (?, ?, ?)", [videoId, report, now])
    }

    private func readJob(_ row: Row) throws -> Job {
        var job = Job(
            id: try row.text(0), videoId: try row.text(1), ownerId: try row.text(2),
            source: Job.Source(
                bucket: try row.text(3), key: try row.text(4), size: try row.integer(5), etag: try row.text(6)),
            createdAt: try row.integer(13))
        job.state = try row.choice(7)
        job.fence = try row.integer(8)
        job.generation = try row.integer(9)
        job.isFinal = try row.bool(10)
        job.lastFailure = try row.failure(11, 12)
        job.updatedAt = try row.integer(14)
        return job
    }
}
