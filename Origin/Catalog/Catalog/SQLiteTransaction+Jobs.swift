internal import SQLiteDatabase

extension SQLiteTransaction {
    private static let columns = """
        id, video_id, source_bucket, source_key, source_size, source_etag, state, fence, attempts, available_at,
        lease_expires_at, worker_id, failure_reason, failure_detail, created_at, updated_at
        """

    func job(id: String) throws -> Job? {
        try connection.first("SELECT \(Self.columns) FROM jobs WHERE id = ?", [id], readJob)
    }

    func nextQueuedJob(now: Int64) throws -> Job? {
        try connection.first(
            """
            SELECT \(Self.columns) FROM jobs WHERE state = 'queued' AND available_at <= ?
            ORDER BY available_at, id LIMIT 1
            """, [now], readJob)
    }

    func expiredJobs(now: Int64, limit: Int) throws -> [Job] {
        try connection.query(
            """
            SELECT \(Self.columns) FROM jobs WHERE state = 'leased' AND lease_expires_at <= ?
            ORDER BY lease_expires_at LIMIT ?
            """, [now, limit], readJob)
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

    func jobCounts() throws -> [Job.State: Int] {
        let counts: [(Job.State, Int)] = try connection.query("SELECT state, count(*) FROM jobs GROUP BY state") {
            (try $0.choice(0), try $0.int(1))
        }
        return Dictionary(uniqueKeysWithValues: counts)
    }

    func insert(_ job: Job) throws {
        try connection.execute(
            "INSERT INTO jobs (\(Self.columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                job.id, job.videoId, job.source.bucket, job.source.key, job.source.size, job.source.etag,
                job.state.rawValue, job.fence, job.attempts, job.availableAt, job.leaseExpiresAt, job.workerId,
                job.lastFailure?.reason, job.lastFailure?.detail, job.createdAt, job.updatedAt,
            ])
    }

    func save(_ job: Job) throws {
        try connection.execute(
            """
            UPDATE jobs SET source_bucket = ?, source_key = ?, source_size = ?, source_etag = ?, state = ?, fence = ?,
                attempts = ?, available_at = ?, lease_expires_at = ?, worker_id = ?, failure_reason = ?,
                failure_detail = ?, updated_at = ?
            WHERE id = ?
            """,
            [
                job.source.bucket, job.source.key, job.source.size, job.source.etag, job.state.rawValue, job.fence,
                job.attempts, job.availableAt, job.leaseExpiresAt, job.workerId, job.lastFailure?.reason,
                job.lastFailure?.detail, job.updatedAt, job.id,
            ])
    }

    private func readJob(_ row: Row) throws -> Job {
        var job = Job(
            id: try row.text(0), videoId: try row.text(1),
            source: Job.Source(
                bucket: try row.text(2), key: try row.text(3), size: try row.integer(4), etag: try row.text(5)),
            createdAt: try row.integer(14))
        job.state = try row.choice(6)
        job.fence = try row.integer(7)
        job.attempts = try row.int(8)
        job.availableAt = try row.integer(9)
        job.leaseExpiresAt = try row.optionalInteger(10)
        job.workerId = try row.optionalText(11)
        job.lastFailure = try row.failure(12, 13)
        job.updatedAt = try row.integer(15)
        return job
    }
}
