internal import SQLiteDatabase

extension SQLiteTransaction {
    func buckets() throws -> [Bucket] {
        try connection.query("SELECT name, created_at FROM buckets ORDER BY name", [], readBucket)
    }

    func bucket(_ name: String) throws -> Bucket? {
        try connection.first("SELECT name, created_at FROM buckets WHERE name = ?", [name], readBucket)
    }

    func insert(_ bucket: Bucket) throws -> Bool {
        try connection.execute("INSERT OR IGNORE INTO buckets VALUES (?, ?)", [bucket.name, bucket.createdAt]) > 0
    }

    func deleteBucket(_ name: String) throws {
        try connection.execute("DELETE FROM buckets WHERE name = ?", [name])
        for kind in BucketDocument.allCases { try setDocument(kind, ofBucket: name, to: nil) }
    }

    func document(_ kind: BucketDocument, ofBucket bucket: String) throws -> String? {
        try connection.first(
            "SELECT document FROM bucket_documents WHERE kind = ? AND bucket = ?", [kind.rawValue, bucket]
        ) { try $0.text(0) }
    }

    func documents(_ kind: BucketDocument) throws -> [String: String] {
        let rows = try connection.query(
            "SELECT bucket, document FROM bucket_documents WHERE kind = ?", [kind.rawValue]
        ) { (try $0.text(0), try $0.text(1)) }
        return Dictionary(uniqueKeysWithValues: rows)
    }

    func setDocument(_ kind: BucketDocument, ofBucket bucket: String, to document: String?) throws {
        guard let document else {
            try connection.execute(
                "DELETE FROM bucket_documents WHERE kind = ? AND bucket = ?", [kind.rawValue, bucket])
            return
        }
        try connection.execute(
            """
            INSERT INTO bucket_documents (bucket, kind, document) VALUES (?, ?, ?)
            ON CONFLICT (kind, bucket) DO UPDATE SET document = excluded.document
            """, [bucket, kind.rawValue, document])
    }

    func tags(ofObjectWithBlob blob: String) throws -> [String: String] {
        let rows = try connection.query("SELECT name, value FROM object_tags WHERE blob = ?", [blob]) {
            (try $0.text(0), try $0.text(1))
        }
        return Dictionary(uniqueKeysWithValues: rows)
    }

    func setTags(_ tags: [String: String], ofObjectWithBlob blob: String) throws {
        try connection.execute("DELETE FROM object_tags WHERE blob = ?", [blob])
        for (name, value) in tags {
            try connection.execute("INSERT INTO object_tags VALUES (?, ?, ?)", [blob, name, value])
        }
    }

    private func readBucket(_ row: Row) throws -> Bucket {
        Bucket(name: try row.text(0), createdAt: try row.integer(1))
    }
}
