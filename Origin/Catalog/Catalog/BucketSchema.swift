/// Buckets beside the two that are configured, what is set for any bucket, and tags of objects: one step of the schema.
enum BucketSchema {
    // Tags are of a version of an object, which its blob names, and go with it; they are stored in the transaction that makes
    // the object visible, before or after it.
    static let tables = """
        CREATE TABLE buckets (name TEXT PRIMARY KEY, created_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE bucket_documents (
            bucket TEXT NOT NULL, kind TEXT NOT NULL CHECK (kind IN ('cors', 'lifecycle')), document TEXT NOT NULL,
            PRIMARY KEY (kind, bucket)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE object_tags (
            blob TEXT NOT NULL REFERENCES objects (blob) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
            name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (blob, name)
        ) STRICT, WITHOUT ROWID;
        """
}
