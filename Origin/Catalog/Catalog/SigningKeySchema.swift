/// The table of the keys that sign access to media.
enum SigningKeySchema {
    // `sequence` is the entry of the control log by which edges learn the key's last change of trust.
    static let tables = """
        CREATE TABLE signing_keys (
            id TEXT PRIMARY KEY, group_id TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('trusted', 'signing', 'verifying', 'retired')),
            algorithm TEXT NOT NULL, public_key TEXT NOT NULL,
            sealed_private_key BLOB CHECK (state <> 'retired' OR sealed_private_key IS NULL),
            sequence INTEGER NOT NULL, signs_when_trusted INTEGER NOT NULL, grant_seconds INTEGER NOT NULL,
            created_at INTEGER NOT NULL, created_by TEXT NOT NULL, signs_from INTEGER, signed_until INTEGER,
            verifies_until INTEGER, retired_at INTEGER, retired_by TEXT
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX signing_keys_by_group ON signing_keys (group_id, created_at, id);
        CREATE INDEX signing_keys_by_age ON signing_keys (created_at, id);
        CREATE UNIQUE INDEX signing_keys_one_signer ON signing_keys (group_id) WHERE state = 'signing';
        """
}
