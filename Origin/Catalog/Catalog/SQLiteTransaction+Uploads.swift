internal import SQLiteDatabase

extension SQLiteTransaction {
    private static let uploadColumns = """
        id, bucket, key, content_type, headers, metadata, checksum_algorithm, checksum_type, maximum_part_bytes,
        created_at, tags
        """
    private static let partColumns = "number, blob, size, etag, checksums, created_at"

    func upload(id: String) throws -> MultipartUpload? {
        try connection.first("SELECT \(Self.uploadColumns) FROM uploads WHERE id = ?", [id], readUpload)
    }

    func uploads(
        bucket: String, prefix: String, after: (key: String, id: String), limit: Int
    ) throws -> [MultipartUpload] {
        // U+10FFFF sorts after every other character, as in the list of objects.
        try connection.query(
            """
            SELECT \(Self.uploadColumns) FROM uploads
            WHERE bucket = ? AND (key, id) > (?, ?) AND key >= ? AND key < ? ORDER BY key, id LIMIT ?
            """, [bucket, after.key, after.id, prefix, prefix + "\u{10FFFF}", limit], readUpload)
    }

    func uploadParts(of id: String, after number: Int, limit: Int) throws -> [UploadPart] {
        try connection.query(
            """
            SELECT \(Self.partColumns) FROM upload_parts WHERE upload_id = ? AND number > ? ORDER BY number LIMIT ?
            """, [id, number, limit], readPart)
    }

    func lastUploadParts(of id: String, limit: Int) throws -> [UploadPart] {
        try connection.query(
            "SELECT \(Self.partColumns) FROM upload_parts WHERE upload_id = ? ORDER BY number DESC LIMIT ?",
            [id, limit], readPart)
    }

    func uploadedBytes(of id: String) throws -> Int64 {
        try connection.first("SELECT coalesce(sum(size), 0) FROM upload_parts WHERE upload_id = ?", [id]) {
            try $0.integer(0)
        } ?? 0
    }

    func completedUpload(id: String) throws -> CompletedUpload? {
        try connection.first(
            "SELECT id, bucket, key, request, etag, checksums, completed_at FROM completed_uploads WHERE id = ?", [id]
        ) { row in
            CompletedUpload(
                id: try row.text(0), bucket: try row.text(1), key: try row.text(2), request: try row.text(3),
                etag: try row.text(4), checksums: try row.fields(5), completedAt: try row.integer(6))
        }
    }

    func insert(_ upload: MultipartUpload) throws {
        let object = upload.object
        try connection.execute(
            "INSERT INTO uploads (\(Self.uploadColumns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                upload.id, object.bucket, object.key, object.contentType, encodeFields(object.headers),
                encodeFields(object.metadata), upload.checksum?.algorithm, upload.checksum?.type.rawValue,
                upload.maximumPartBytes, object.createdAt, encodeFields(upload.tags),
            ])
    }

    func save(_ part: UploadPart, of uploadId: String) throws {
        try put(part, of: uploadId, inPlaceOf: "number = ?")
    }

    func append(_ part: UploadPart, to uploadId: String) throws {
        try put(part, of: uploadId, inPlaceOf: "number >= ?")
    }

    func moveUploadParts(of id: String, to other: String, after last: Int) throws {
        try connection.execute(
            "UPDATE upload_parts SET upload_id = ?, number = number + ? WHERE upload_id = ?", [other, last, id])
    }

    /// `others` compares the numbers of the parts that it replaces with its own.
    private func put(_ part: UploadPart, of uploadId: String, inPlaceOf others: String) throws {
        let places: [(any SQLBindable)?] = [uploadId, part.number]
        try discardBlobs("SELECT blob FROM upload_parts WHERE upload_id = ? AND \(others)", places)
        try connection.execute("DELETE FROM upload_parts WHERE upload_id = ? AND \(others)", places)
        try connection.execute(
            "INSERT INTO upload_parts (upload_id, \(Self.partColumns)) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                uploadId, part.number, part.blob, part.size, part.etag, encodeFields(part.checksums), part.createdAt,
            ])
    }

    func complete(
        with parts: [UploadPart], as object: StoredObject, remembering completed: CompletedUpload
    ) throws {
        for part in parts {
            try connection.execute(
                "DELETE FROM upload_parts WHERE upload_id = ? AND number = ?", [completed.id, part.number])
        }
        try put(object)
        var start = object.ownSize ?? object.size
        for part in parts.dropFirst() {
            try insert([ObjectPiece(start: start, blob: part.blob, size: part.size)], ofObjectWithBlob: object.blob)
            start += part.size
        }
        _ = try deleteUpload(id: completed.id)
        try connection.execute(
            "INSERT INTO completed_uploads VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                completed.id, completed.bucket, completed.key, completed.request, completed.etag,
                encodeFields(completed.checksums), completed.completedAt,
            ])
    }

    func deleteUpload(id: String) throws -> Bool {
        try discardBlobs("SELECT blob FROM upload_parts WHERE upload_id = ?", [id])
        return try connection.execute("DELETE FROM uploads WHERE id = ?", [id]) > 0
    }

    func deleteUploads(bucket: String, key: String) throws {
        let ids = try connection.query("SELECT id FROM uploads WHERE bucket = ? AND key = ?", [bucket, key]) {
            try $0.text(0)
        }
        for id in ids { _ = try deleteUpload(id: id) }
    }

    func expireUploads(before time: Int64, limit: Int) throws -> Int {
        let ids = try connection.query(
            "SELECT id FROM uploads WHERE created_at < ? ORDER BY created_at, id LIMIT ?", [time, limit]
        ) { try $0.text(0) }
        for id in ids { try deleteTusUpload(id: id) }
        try connection.execute("DELETE FROM completed_uploads WHERE completed_at < ?", [time])
        try connection.execute(
            "DELETE FROM tus_uploads WHERE created_at < ? AND id NOT IN (SELECT id FROM uploads)", [time])
        return ids.count
    }

    private func readPart(_ row: Row) throws -> UploadPart {
        UploadPart(
            number: try row.int(0), blob: try row.text(1), size: try row.integer(2), etag: try row.text(3),
            checksums: try row.fields(4), createdAt: try row.integer(5))
    }

    private func readUpload(_ row: Row) throws -> MultipartUpload {
        let algorithm = try row.optionalText(6)
        return MultipartUpload(
            id: try row.text(0),
            object: StoredObject(
                bucket: try row.text(1), key: try row.text(2), blob: "", size: 0, etag: "",
                contentType: try row.text(3), headers: try row.fields(4), metadata: try row.fields(5),
                createdAt: try row.integer(9)),
            tags: try row.fields(10),
            checksum: try algorithm.map { try MultipartUpload.Checksum(algorithm: $0, type: row.choice(7)) },
            maximumPartBytes: try row.optionalInteger(8))
    }
}
