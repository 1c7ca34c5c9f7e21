internal import SQLiteDatabase

extension SQLiteTransaction {
    /// What the index of words has of a video.
    struct IndexedTexts: Equatable {
        let number: Int64
        let title: String
        let description: String
        let audience: String

        fileprivate var bindings: [(any SQLBindable)?] { [number, title, description, audience] }
    }

    /// What the index is to have of the video; nil for none, as of one in the trash.
    func indexedTexts(of videoId: String) throws -> IndexedTexts? {
        try connection.first(
            "SELECT number, title, description, audience FROM video_texts WHERE id = ?", [videoId]
        ) { row in
            IndexedTexts(
                number: try row.integer(0), title: try row.text(1), description: try row.text(2),
                audience: try row.text(3))
        }
    }

    /// Brings the index up to date with the video as it is now, given what it was before: what is taken out must be word for
    /// word what was put in.
    func reindex(_ videoId: String, from before: IndexedTexts?) throws {
        let after = try indexedTexts(of: videoId)
        guard before != after else { return }
        if let before {
            try connection.execute(
                """
                INSERT INTO video_search (video_search, rowid, title, description, audience)
                VALUES ('delete', ?, ?, ?, ?)
                """, before.bindings)
        }
        if let after {
            try connection.execute(
                "INSERT INTO video_search (rowid, title, description, audience) VALUES (?, ?, ?, ?)", after.bindings)
        }
    }
}
