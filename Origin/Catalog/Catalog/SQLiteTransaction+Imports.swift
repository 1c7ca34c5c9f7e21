internal import SQLiteDatabase

extension SQLiteTransaction {
    private static let columns = """
        id, video_id, owner_id, url, state, received, total, attempts, failure_code, failure_detail, failure_status,
        created_at, updated_at, validator
        """

    func videoImport(id: String) throws -> VideoImport? {
        try connection.first("SELECT \(Self.columns) FROM imports WHERE id = ?", [id], readImport)
    }

    func videoImport(videoId: String) throws -> VideoImport? {
        try connection.first("SELECT \(Self.columns) FROM imports WHERE video_id = ?", [videoId], readImport)
    }

    func openImportCount(ownerId: String) throws -> Int {
        try connection.first(
            "SELECT count(*) FROM imports WHERE owner_id = ? AND state IN ('queued', 'running')", [ownerId]
        ) { try $0.int(0) } ?? 0
    }

    func insert(_ videoImport: VideoImport) throws {
        try connection.execute(
            "INSERT INTO imports (\(Self.columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                videoImport.id, videoImport.videoId, videoImport.ownerId, videoImport.url,
                videoImport.state.rawValue, videoImport.received, videoImport.total, videoImport.attempts,
                videoImport.failure?.code, videoImport.failure?.detail, videoImport.failure?.status,
                videoImport.createdAt, videoImport.updatedAt, videoImport.validator,
            ])
    }

    func save(_ videoImport: VideoImport) throws {
        try connection.execute(
            """
            UPDATE imports SET state = ?, received = ?, total = ?, attempts = ?, failure_code = ?, failure_detail = ?,
                failure_status = ?, updated_at = ?, validator = ? WHERE id = ?
            """,
            [
                videoImport.state.rawValue, videoImport.received, videoImport.total, videoImport.attempts,
                videoImport.failure?.code, videoImport.failure?.detail, videoImport.failure?.status,
                videoImport.updatedAt, videoImport.validator, videoImport.id,
            ])
    }

    private func readImport(_ row: Row) throws -> VideoImport {
        var found = VideoImport(
            id: try row.text(0), videoId: try row.text(1), ownerId: try row.text(2), url: try row.text(3),
            createdAt: try row.integer(11))
        guard let state = VideoImport.State(rawValue: try row.text(4)) else {
            throw DatabaseError(.unexpectedType, "an import is in no known state")
        }
        found.state = state
        found.received = try row.integer(5)
        found.total = try row.optionalInteger(6)
        found.attempts = try row.int(7)
        if let code = try row.optionalText(8) {
            found.failure = VideoImport.Failure(
                code: code, detail: try row.optionalText(9) ?? "", status: try row.optionalInt(10))
        }
        found.updatedAt = try row.integer(12)
        found.validator = try row.optionalText(13)
        return found
    }
}
