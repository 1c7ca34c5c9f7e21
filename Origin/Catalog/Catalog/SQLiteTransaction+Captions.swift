internal import SQLiteDatabase

extension SQLiteTransaction {
    func captions(videoId: String) throws -> [Caption] {
        try connection.query(
            """
            SELECT language, kind, name, cues, revision, updated_at, folder FROM captions WHERE video_id = ?
            ORDER BY language
            """, [videoId]
        ) { row in
            var caption = Caption(
                videoId: videoId, language: try row.text(0), kind: try row.choice(1), name: try row.optionalText(2),
                cues: try row.int(3), revision: try row.text(4), updatedAt: try row.integer(5))
            caption.folder = try row.optionalText(6)
            return caption
        }
    }

    func captionText(videoId: String, language: String) throws -> String? {
        try connection.first("SELECT text FROM captions WHERE video_id = ? AND language = ?", [videoId, language]) {
            try $0.text(0)
        }
    }

    func put(_ caption: Caption, text: String) throws {
        try connection.execute(
            """
            INSERT OR REPLACE INTO captions (video_id, language, kind, name, cues, revision, folder, updated_at, text)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                caption.videoId, caption.language, caption.kind.rawValue, caption.name, caption.cues, caption.revision,
                caption.folder, caption.updatedAt, text,
            ])
    }

    func publishCaption(videoId: String, language: String, in folder: String) throws {
        try connection.execute(
            "UPDATE captions SET folder = ? WHERE video_id = ? AND language = ?", [folder, videoId, language])
    }

    func deleteCaption(videoId: String, language: String) throws {
        try connection.execute("DELETE FROM captions WHERE video_id = ? AND language = ?", [videoId, language])
    }
}
