internal import SQLiteDatabase

extension SQLiteTransaction {
    func usage(ownerId: String) throws -> OwnerUsage {
        try connection.first("SELECT videos, bytes FROM owner_usage WHERE owner_id = ?", [ownerId]) { row in
            OwnerUsage(videos: try row.integer(0), bytes: try row.integer(1))
        } ?? OwnerUsage()
    }

    func quota(ownerId: String) throws -> OwnerQuota? {
        try connection.first("SELECT videos, bytes FROM owner_quotas WHERE owner_id = ?", [ownerId]) { row in
            OwnerQuota(videos: try row.optionalInteger(0), bytes: try row.optionalInteger(1))
        }
    }

    func save(_ quota: OwnerQuota?, ownerId: String) throws {
        try connection.execute("DELETE FROM owner_quotas WHERE owner_id = ?", [ownerId])
        guard let quota else { return }
        try connection.execute("INSERT INTO owner_quotas VALUES (?, ?, ?)", [ownerId, quota.videos, quota.bytes])
    }
}
