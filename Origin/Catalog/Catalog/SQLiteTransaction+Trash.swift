internal import SQLiteDatabase

extension SQLiteTransaction {
    func trash(ownerId: String, limit: Int, after: PageKey?) throws -> Page<Video> {
        let place = after.map { ($0.value, $0.id) } ?? (.max, "")
        let found = try connection.query(
            """
            SELECT \(Self.videoColumns) FROM videos INDEXED BY videos_in_trash
            WHERE owner_id = ? AND deleted_at IS NOT NULL AND (deleted_at, id) < (?, ?)
            ORDER BY deleted_at DESC, id DESC LIMIT ?
            """, [ownerId, place.0, place.1, limit + 1], Self.readVideo)
        return try page(found, limit) { PageKey(value: $0.deletedAt ?? 0, id: $0.id) }
    }

    func videosInTrash(until: Int64, limit: Int) throws -> [Video] {
        let found = try connection.query(
            """
            SELECT \(Self.videoColumns) FROM videos INDEXED BY videos_leaving_trash
            WHERE deleted_at <= ? ORDER BY deleted_at, id LIMIT ?
            """, [until, limit], Self.readVideo)
        return try withRenditions(found)
    }
}
