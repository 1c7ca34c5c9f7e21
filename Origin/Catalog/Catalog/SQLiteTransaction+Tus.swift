internal import SQLiteDatabase

extension SQLiteTransaction {
    private static let columns = "id, owner_id, video_id, length, metadata, partials, created_at"

    func tusUpload(id: String) throws -> TusUpload? {
        try connection.first("SELECT \(Self.columns) FROM tus_uploads WHERE id = ?", [id], readTusUpload)
    }

    func tusUpload(of ownerId: String, joining partials: [String]) throws -> TusUpload? {
        try connection.first(
            "SELECT \(Self.columns) FROM tus_uploads WHERE owner_id = ? AND partials = ? AND partials <> ''",
            [ownerId, partials.joined(separator: " ")], readTusUpload)
    }

    func insert(_ upload: TusUpload) throws {
        try connection.execute(
            "INSERT INTO tus_uploads (\(Self.columns)) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                upload.id, upload.ownerId, upload.videoId, upload.length, upload.metadata,
                upload.partials.joined(separator: " "), upload.createdAt,
            ])
    }

    func setLength(_ length: Int64, ofTusUpload id: String) throws {
        try connection.execute("UPDATE tus_uploads SET length = ? WHERE id = ?", [length, id])
    }

    func deleteTusUpload(id: String) throws {
        _ = try deleteUpload(id: id)
        let videoId = try tusUpload(id: id)?.videoId
        try forgetTusUpload(id: id)
        if let videoId, try video(id: videoId)?.status == .awaitingUpload { _ = try deleteVideo(id: videoId) }
    }

    func forgetTusUpload(id: String) throws {
        try connection.execute("DELETE FROM tus_uploads WHERE id = ?", [id])
    }

    private func readTusUpload(_ row: Row) throws -> TusUpload {
        TusUpload(
            id: try row.text(0), ownerId: try row.text(1), videoId: try row.optionalText(2),
            length: try row.optionalInteger(3), metadata: try row.text(4),
            partials: try row.text(5).split(separator: " ").map(String.init), createdAt: try row.integer(6))
    }
}
