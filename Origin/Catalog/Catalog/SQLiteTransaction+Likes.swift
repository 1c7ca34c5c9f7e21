internal import SQLiteDatabase

extension SQLiteTransaction {
    func isLiked(videoId: String, by accountId: String) throws -> Bool {
        try connection.first(
            "SELECT 1 FROM video_likes WHERE video_id = ? AND account_id = ?", [videoId, accountId], { _ in true })
            ?? false
    }

    func like(videoId: String, by accountId: String, at time: Int64) throws {
        try connection.execute(
            "INSERT INTO video_likes VALUES (?, ?, ?) ON CONFLICT DO NOTHING", [videoId, accountId, time])
    }

    func unlike(videoId: String, by accountId: String) throws {
        try connection.execute("DELETE FROM video_likes WHERE video_id = ? AND account_id = ?", [videoId, accountId])
    }
}
