internal import SQLiteDatabase

extension SQLiteTransaction {
    func sealedContentKey(videoId: String) throws -> [UInt8]? {
        try connection.first("SELECT sealed_key FROM content_keys WHERE video_id = ?", [videoId]) { try $0.bytes(0) }
    }

    func store(sealedContentKey: [UInt8]?, videoId: String) throws {
        guard let sealedContentKey else {
            try connection.execute("DELETE FROM content_keys WHERE video_id = ?", [videoId])
            return
        }
        try connection.execute(
            "INSERT INTO content_keys VALUES (?, ?) ON CONFLICT (video_id) DO UPDATE SET sealed_key = excluded.sealed_key",
            [videoId, sealedContentKey])
    }
}
