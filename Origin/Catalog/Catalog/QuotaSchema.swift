/// The tables of what owners use and may use.
enum QuotaSchema {
    // What an owner uses is counted as it changes, whoever changes it: adding up a hundred thousand rows at each upload would
    // be dear, and a count beside the rows is right only if no writer can forget it.
    static let tables = """
        CREATE TABLE owner_usage (
            owner_id TEXT PRIMARY KEY, videos INTEGER NOT NULL, bytes INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        INSERT INTO owner_usage SELECT owner_id, count(*), sum(declared_size) FROM videos GROUP BY owner_id;
        CREATE TRIGGER usage_grows AFTER INSERT ON videos BEGIN
            INSERT INTO owner_usage VALUES (NEW.owner_id, 1, NEW.declared_size) ON CONFLICT (owner_id)
            DO UPDATE SET videos = videos + 1, bytes = bytes + excluded.bytes;
        END;
        CREATE TRIGGER usage_changes AFTER UPDATE OF declared_size ON videos
        WHEN OLD.declared_size <> NEW.declared_size BEGIN
            UPDATE owner_usage SET bytes = bytes + NEW.declared_size - OLD.declared_size WHERE owner_id = NEW.owner_id;
        END;
        CREATE TRIGGER usage_shrinks AFTER DELETE ON videos BEGIN
            UPDATE owner_usage SET videos = videos - 1, bytes = bytes - OLD.declared_size WHERE owner_id = OLD.owner_id;
        END;
        CREATE TABLE owner_quotas (
            owner_id TEXT PRIMARY KEY, videos INTEGER, bytes INTEGER
        ) STRICT, WITHOUT ROWID;
        """
}
