internal import SQLiteDatabase

extension SQLiteTransaction {
    func trending(limit: Int) throws -> [String] {
        try connection.query(
            """
            SELECT video_id FROM trending CROSS JOIN videos ON videos.id = video_id WHERE \(Self.isListed)
            ORDER BY heat DESC LIMIT ?
            """, [limit]
        ) { try $0.text(0) }
    }

    /// Adds to the heat of a video; logarithms are added without their powers, which no number could hold.
    func heat(videoId: String, views: Int, at time: Int64) throws {
        try connection.execute(
            """
            INSERT INTO trending (video_id, heat) VALUES (?, log2(?) + ? / ?) ON CONFLICT (video_id)
            DO UPDATE SET heat = max(heat, excluded.heat) + log2(1 + pow(2, -abs(heat - excluded.heat)))
            """, [videoId, views, Double(time), Heat.halfLife])
    }
}
