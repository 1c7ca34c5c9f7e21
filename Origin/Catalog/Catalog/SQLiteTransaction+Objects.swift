internal import SQLiteDatabase

extension SQLiteTransaction {
    static let objectColumns =
        "bucket, key, blob, size, etag, checksums, content_type, headers, metadata, created_at, own_size"

    func object(bucket: String, key: String) throws -> StoredObject? {
        try connection.first(
            "SELECT \(Self.objectColumns) FROM objects WHERE bucket = ? AND key = ?", [bucket, key], readObject)
    }

    func objects(bucket: String, prefix: String, from start: String, limit: Int) throws -> [StoredObject] {
        // U+10FFFF sorts after every other character, so this range is the prefix, and the index serves it.
        try connection.query(
            """
            SELECT \(Self.objectColumns) FROM objects WHERE bucket = ? AND key >= ? AND key >= ? AND key < ?
            ORDER BY key LIMIT ?
            """, [bucket, start, prefix, prefix + "\u{10FFFF}", limit], readObject)
    }

    func knowsBlob(_ blob: String) throws -> Bool {
        try connection.first(
            """
            SELECT 1 FROM objects WHERE blob = ?1 UNION ALL SELECT 1 FROM object_pieces WHERE blob = ?1
            UNION ALL SELECT 1 FROM upload_parts WHERE blob = ?1 UNION ALL SELECT 1 FROM discarded_blobs WHERE blob = ?1
            """, [blob]
        ) { _ in true } ?? false
    }

    func discardedBlobs(limit: Int) throws -> [String] {
        try connection.query("SELECT blob FROM discarded_blobs ORDER BY id LIMIT ?", [limit]) { try $0.text(0) }
    }

    func put(_ object: StoredObject) throws {
        _ = try deleteObject(bucket: object.bucket, key: object.key)
        try connection.execute(
            "INSERT INTO objects (\(Self.objectColumns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                object.bucket, object.key, object.blob, object.size, object.etag, encodeFields(object.checksums),
                object.contentType, encodeFields(object.headers), encodeFields(object.metadata), object.createdAt,
                object.ownSize,
            ])
    }

    func objectPart(blob: String, holding place: Int64) throws -> ObjectPart? {
        let part = try connection.first(
            """
            SELECT start, key, etag, part_offset, part_size FROM object_parts WHERE blob = ? AND start <= ?
            ORDER BY start DESC LIMIT 1
            """, [blob, place]
        ) { row in
            ObjectPart(
                start: try row.integer(0), key: try row.text(1), etag: try row.text(2), offset: try row.integer(3),
                count: try row.integer(4))
        }
        return part.flatMap { place - $0.start < $0.count ? $0 : nil }
    }

    func insert(_ parts: [ObjectPart], ofObjectWithBlob blob: String) throws {
        for part in parts {
            try connection.execute(
                "INSERT INTO object_parts VALUES (?, ?, ?, ?, ?, ?)",
                [blob, part.start, part.key, part.etag, part.offset, part.count])
        }
    }

    func deleteObject(bucket: String, key: String) throws -> StoredObject? {
        guard let object = try object(bucket: bucket, key: key) else { return nil }
        try discardBlobs("SELECT ?1 UNION ALL SELECT blob FROM object_pieces WHERE owner = ?1", [object.blob])
        try connection.execute("DELETE FROM objects WHERE bucket = ? AND key = ?", [bucket, key])
        return object
    }

    func deleteObjects(bucket: String, prefix: String) throws -> Int {
        let range = "WHERE bucket = ? AND key >= ? AND key < ?"
        let bindings: [(any SQLBindable)?] = [bucket, prefix, prefix + "\u{10FFFF}"]
        try discardBlobs(
            "SELECT p.blob FROM objects CROSS JOIN object_pieces p ON p.owner = objects.blob \(range)",
            bindings)
        try discardBlobs("SELECT blob FROM objects \(range)", bindings)
        return try connection.execute("DELETE FROM objects \(range)", bindings)
    }

    func moveObjects(prefix: String, from bucket: String, to other: String) throws {
        try connection.execute(
            "UPDATE objects SET bucket = ? WHERE bucket = ? AND key >= ? AND key < ?",
            [other, bucket, prefix, prefix + "\u{10FFFF}"])
    }

    func forgetDiscarded(blobs: [String]) throws {
        for blob in blobs { try connection.execute("DELETE FROM discarded_blobs WHERE blob = ?", [blob]) }
    }

    /// Puts the blobs that a query finds on the reclaim list.
    func discardBlobs(_ query: String, _ bindings: [(any SQLBindable)?]) throws {
        try connection.execute("INSERT INTO discarded_blobs (blob) \(query)", bindings)
    }

    /// A row of `objectColumns`.
    func readObject(_ row: Row) throws -> StoredObject {
        var object = StoredObject(
            bucket: try row.text(0), key: try row.text(1), blob: try row.text(2), size: try row.integer(3),
            etag: try row.text(4), checksums: try row.fields(5), contentType: try row.text(6),
            headers: try row.fields(7), metadata: try row.fields(8),
            createdAt: try row.integer(9))
        object.ownSize = try row.optionalInteger(10)
        return object
    }
}
