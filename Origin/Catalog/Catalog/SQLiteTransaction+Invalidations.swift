internal import JSON
internal import SQLiteDatabase

extension SQLiteTransaction {
    private static let columns =
        "id, distribution_id, caller_reference, paths, sequence, created_at, completed_at"

    func invalidation(id: String, distributionId: String) throws -> Invalidation? {
        try connection.first(
            "SELECT \(Self.columns) FROM invalidations WHERE id = ? AND distribution_id = ?", [id, distributionId],
            readInvalidation)
    }

    func invalidation(callerReference: String, distributionId: String) throws -> Invalidation? {
        try connection.first(
            "SELECT \(Self.columns) FROM invalidations WHERE caller_reference = ? AND distribution_id = ?",
            [callerReference, distributionId], readInvalidation)
    }

    func invalidations(distributionId: String, after marker: String?, limit: Int) throws -> [Invalidation] {
        try connection.query(
            """
            SELECT \(Self.columns) FROM invalidations WHERE distribution_id = ? AND sequence <
                coalesce((SELECT sequence FROM invalidations WHERE id = ?), 9223372036854775807)
            ORDER BY sequence DESC LIMIT ?
            """, [distributionId, marker, limit], readInvalidation)
    }

    func openInvalidations(distributionId: String) throws -> [Invalidation] {
        try connection.query(
            """
            SELECT \(Self.columns) FROM invalidations WHERE distribution_id = ? AND completed_at IS NULL
            ORDER BY sequence
            """, [distributionId], readInvalidation)
    }

    func insert(_ invalidation: Invalidation) throws {
        let paths = JSONValue.array(invalidation.paths.map { .string($0) })
        try connection.execute(
            "INSERT INTO invalidations (\(Self.columns)) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                invalidation.id, invalidation.distributionId, invalidation.callerReference,
                String(decoding: paths.serialized(), as: UTF8.self), invalidation.sequence, invalidation.createdAt,
                invalidation.completedAt,
            ])
    }

    func completeInvalidations(upTo sequence: Int64, now: Int64) throws {
        try connection.execute(
            "UPDATE invalidations SET completed_at = ? WHERE completed_at IS NULL AND sequence <= ?", [now, sequence])
    }

    private func readInvalidation(_ row: Row) throws -> Invalidation {
        guard let paths = try JSONValue.parse(try row.text(3)).array else {
            throw DatabaseError(.unexpectedType, "stored paths are no JSON array")
        }
        return Invalidation(
            id: try row.text(0), distributionId: try row.text(1), callerReference: try row.text(2),
            paths: paths.compactMap(\.string), sequence: try row.integer(4), createdAt: try row.integer(5),
            completedAt: try row.optionalInteger(6))
    }
}
