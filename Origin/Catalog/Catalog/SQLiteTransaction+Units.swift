internal import SQLiteDatabase

extension SQLiteTransaction {
    private static let columns = """
        job_id, number, kind, state, detail, is_opening, effort_seconds, memory_mebibytes, fence, attempts, available_at,
        lease_expires_at, worker_id, progress, failure_reason, failure_detail, notes, updated_at
        """

    func unit(jobId: String, number: Int) throws -> JobUnit? {
        try connection.first(
            "SELECT \(Self.columns) FROM job_units WHERE job_id = ? AND number = ?", [jobId, number], readUnit)
    }

    func units(jobId: String) throws -> [JobUnit] {
        try connection.query(
            "SELECT \(Self.columns) FROM job_units WHERE job_id = ? ORDER BY number", [jobId], readUnit)
    }

    func openUnits(jobId: String, limit: Int) throws -> [JobUnit] {
        try connection.query(
            """
            SELECT \(Self.columns) FROM job_units WHERE job_id = ? AND state <> 'done'
            ORDER BY state NOT IN ('leased', 'dead'), number LIMIT ?
            """, [jobId, limit], readUnit)
    }

    func leaseCandidates(now: Int64, memoryMebibytes: Int, waitingSince: Int64?) throws -> [LeaseCandidate] {
        let comparison = waitingSince == nil ? "<=" : ">"
        return try connection.query(
            """
            SELECT j.id, u.number, j.owner_id, u.is_opening, j.created_at FROM jobs j JOIN job_units u
            ON u.job_id = j.id AND u.number = (
                SELECT c.number FROM job_units c
                WHERE c.job_id = j.id AND c.state = 'queued' AND c.available_at <= ? AND c.memory_mebibytes \(comparison) ?
                ORDER BY c.number LIMIT 1)
            WHERE j.state IN ('queued', 'running')
                AND NOT EXISTS (SELECT 1 FROM videos v WHERE v.id = j.video_id AND v.deleted_at IS NOT NULL)
                AND NOT EXISTS (
                    SELECT 1 FROM objects o CROSS JOIN archived_sources a ON a.blob = o.blob
                    WHERE o.bucket = j.source_bucket AND o.key = j.source_key
                        AND a.state IN ('clearing', 'archived', 'restoring'))
            """, [waitingSince.map { min($0, now) } ?? now, memoryMebibytes]
        ) { row in
            LeaseCandidate(
                jobId: try row.text(0), number: try row.int(1), ownerId: try row.text(2), isOpening: try row.bool(3),
                jobCreatedAt: try row.integer(4))
        }
    }

    func servedOwners(since: Int64) throws -> [String: ServedOwner] {
        var owners: [String: ServedOwner] = [:]
        let served = try connection.query(
            "SELECT owner_id, effort_seconds, served_at FROM served_owners WHERE served_at >= ?", [since]
        ) { row in
            (try row.text(0), ServedOwner(servedSeconds: try row.real(1), servedAt: try row.integer(2)))
        }
        for (id, owner) in served { owners[id] = owner }
        let running = try connection.query(
            """
            SELECT j.owner_id, sum(u.effort_seconds) FROM job_units u JOIN jobs j ON j.id = u.job_id
            WHERE u.state = 'leased' GROUP BY j.owner_id
            """
        ) { (try $0.text(0), try $0.real(1)) }
        for (id, effort) in running { owners[id, default: ServedOwner()].runningSeconds = effort }
        return owners
    }

    func hasLease(workerId: String) throws -> Bool {
        try connection.first(
            "SELECT 1 FROM job_units WHERE state = 'leased' AND worker_id = ? LIMIT 1", [workerId]
        ) { _ in true } ?? false
    }

    func expiredUnits(now: Int64, limit: Int) throws -> [JobUnit] {
        try connection.query(
            """
            SELECT \(Self.columns) FROM job_units WHERE state = 'leased' AND lease_expires_at <= ?
            ORDER BY lease_expires_at LIMIT ?
            """, [now, limit], readUnit)
    }

    func servedOwner(id: String) throws -> ServedOwner? {
        try connection.first("SELECT effort_seconds, served_at FROM served_owners WHERE owner_id = ?", [id]) {
            ServedOwner(servedSeconds: try $0.real(0), servedAt: try $0.integer(1))
        }
    }

    func unitLoads(jobId: String) throws -> [JobUnit.State: UnitLoad] {
        try loads("SELECT state, count(*), sum(effort_seconds) FROM job_units WHERE job_id = ? GROUP BY state", [jobId])
    }

    func openUnitLoads() throws -> [JobUnit.State: UnitLoad] {
        // One query per state, so that each is answered by its own small index.
        try [JobUnit.State.queued, .leased, .dead, .cancelled].reduce(into: [:]) { found, state in
            let load = try loads(
                """
                SELECT state, count(*), sum(effort_seconds) FROM job_units WHERE state = '\(state.rawValue)'
                GROUP BY state
                """, [])
            found.merge(load) { _, new in new }
        }
    }

    private func loads(_ sql: String, _ bindings: [(any SQLBindable)?]) throws -> [JobUnit.State: UnitLoad] {
        let loads: [(JobUnit.State, UnitLoad)] = try connection.query(sql, bindings) {
            (try $0.choice(0), UnitLoad(count: try $0.int(1), effortSeconds: try $0.real(2)))
        }
        return Dictionary(uniqueKeysWithValues: loads)
    }

    func takeQueuedUnit(jobId: String, number: Int) throws -> JobUnit? {
        guard let unit = try unit(jobId: jobId, number: number), unit.state == .queued else { return nil }
        return unit
    }

    func insert(_ unit: JobUnit) throws {
        try connection.execute(
            "INSERT INTO job_units (\(Self.columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                unit.jobId, unit.number, unit.kind.rawValue, unit.state.rawValue, unit.detail, unit.isOpening,
                unit.effortSeconds, unit.memoryMebibytes, unit.fence, unit.attempts, unit.availableAt,
                unit.leaseExpiresAt, unit.workerId, unit.progress, unit.lastFailure?.reason, unit.lastFailure?.detail,
                unit.notes, unit.updatedAt,
            ])
    }

    func save(_ unit: JobUnit) throws {
        try connection.execute(
            """
            UPDATE job_units SET state = ?, fence = ?, attempts = ?, available_at = ?, lease_expires_at = ?, worker_id = ?,
                progress = ?, failure_reason = ?, failure_detail = ?, notes = ?, updated_at = ?
            WHERE job_id = ? AND number = ?
            """,
            [
                unit.state.rawValue, unit.fence, unit.attempts, unit.availableAt, unit.leaseExpiresAt, unit.workerId,
                unit.progress, unit.lastFailure?.reason, unit.lastFailure?.detail, unit.notes, unit.updatedAt,
                unit.jobId, unit.number,
            ])
    }

    func cancelUnits(jobId: String, now: Int64) throws {
        try connection.execute(
            """
            UPDATE job_units SET state = 'cancelled', lease_expires_at = NULL, updated_at = ?
            WHERE job_id = ? AND state IN ('queued', 'leased')
            """, [now, jobId])
    }

    func requeueUnits(jobId: String, now: Int64) throws {
        try connection.execute(
            """
            UPDATE job_units SET state = 'queued', attempts = 0, available_at = ?, progress = 0, updated_at = ?
            WHERE job_id = ? AND state IN ('dead', 'cancelled')
            """, [now, now, jobId])
    }

    func noteServed(ownerId: String, effortSeconds: Double, now: Int64) throws {
        try connection.execute(
            """
            INSERT INTO served_owners VALUES (?, ?, ?)
            ON CONFLICT (owner_id) DO UPDATE SET effort_seconds = excluded.effort_seconds, served_at = excluded.served_at
            """, [ownerId, effortSeconds, now])
    }

    private func readUnit(_ row: Row) throws -> JobUnit {
        var unit = JobUnit(
            jobId: try row.text(0), number: try row.int(1), kind: try row.choice(2), detail: try row.optionalText(4),
            isOpening: try row.bool(5), effortSeconds: try row.real(6), memoryMebibytes: try row.int(7),
            now: try row.integer(10))
        unit.state = try row.choice(3)
        unit.fence = try row.integer(8)
        unit.attempts = try row.int(9)
        unit.leaseExpiresAt = try row.optionalInteger(11)
        unit.workerId = try row.optionalText(12)
        unit.progress = try row.real(13)
        unit.lastFailure = try row.failure(14, 15)
        unit.notes = try row.optionalText(16)
        unit.updatedAt = try row.integer(17)
        return unit
    }
}
