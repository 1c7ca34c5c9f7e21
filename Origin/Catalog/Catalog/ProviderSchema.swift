/// The tables of outside providers, one step of the catalog's schema.
enum ProviderSchema {
    // Times are epoch milliseconds. A mapping is JSON; lists are separated by spaces.
    /// Who else may say who somebody is; whose account that is; who is on the way there and back.
    static let tables = """
        CREATE TABLE identity_providers (
            pool_id TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, issuer TEXT NOT NULL,
            client_id TEXT NOT NULL, client_secret BLOB, scopes TEXT NOT NULL, user_info_method TEXT NOT NULL,
            mapping TEXT NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
            PRIMARY KEY (pool_id, name)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE identity_links (
            pool_id TEXT NOT NULL, provider TEXT NOT NULL, subject TEXT NOT NULL,
            user_id TEXT NOT NULL REFERENCES identity_users (id) ON DELETE CASCADE,
            is_enabled INTEGER NOT NULL, created_at INTEGER NOT NULL,
            PRIMARY KEY (pool_id, provider, subject),
            FOREIGN KEY (pool_id, provider) REFERENCES identity_providers (pool_id, name) ON DELETE CASCADE
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX identity_links_by_user ON identity_links (user_id);
        CREATE TABLE identity_departures (
            state_hash BLOB PRIMARY KEY, pool_id TEXT NOT NULL, provider TEXT NOT NULL, browser_hash BLOB NOT NULL,
            journey BLOB NOT NULL, expires_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX identity_departures_by_expiry ON identity_departures (expires_at);
        ALTER TABLE identity_clients ADD COLUMN providers TEXT NOT NULL DEFAULT '';
        """
}
