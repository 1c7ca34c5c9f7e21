/// The tables of the identities, one step of the catalog's schema.
enum IdentitySchema {
    // Times are epoch milliseconds. Attributes and groups are JSON.
    static let tables = """
        CREATE TABLE identity_clients (
            id TEXT PRIMARY KEY, pool_id TEXT NOT NULL, name TEXT NOT NULL, flows TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE identity_signing_keys (
            id TEXT PRIMARY KEY, pool_id TEXT NOT NULL, sealed_private_key BLOB NOT NULL, created_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE identity_users (
            id TEXT PRIMARY KEY, pool_id TEXT NOT NULL, username TEXT NOT NULL, username_key TEXT NOT NULL,
            attributes TEXT NOT NULL, groups TEXT NOT NULL, password_hash TEXT, password_expires_at INTEGER,
            status TEXT NOT NULL CHECK (status IN ('UNCONFIRMED', 'CONFIRMED', 'FORCE_CHANGE_PASSWORD')),
            is_enabled INTEGER NOT NULL,
            confirmation_hash BLOB, confirmation_expires_at INTEGER, confirmation_failures INTEGER,
            totp_secret BLOB, totp_last_step INTEGER, totp_pending_secret BLOB,
            totp_enabled INTEGER NOT NULL, totp_preferred INTEGER NOT NULL,
            created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
            UNIQUE (pool_id, username_key)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE identity_attempts (
            subject TEXT PRIMARY KEY, failures INTEGER NOT NULL, last_failure_at INTEGER NOT NULL,
            locked_until INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX identity_attempts_by_age ON identity_attempts (last_failure_at);
        CREATE TABLE identity_sessions (
            id_hash BLOB PRIMARY KEY, user_id TEXT NOT NULL REFERENCES identity_users (id) ON DELETE CASCADE,
            client_id TEXT NOT NULL, step TEXT NOT NULL, expires_at INTEGER NOT NULL, failures INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX identity_sessions_by_expiry ON identity_sessions (expires_at);
        CREATE TABLE identity_token_families (
            id TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES identity_users (id) ON DELETE CASCADE,
            client_id TEXT NOT NULL, refresh_token_hash BLOB NOT NULL UNIQUE, authenticated_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX identity_token_families_by_user ON identity_token_families (user_id);
        CREATE INDEX identity_token_families_by_expiry ON identity_token_families (expires_at);
        """
}
