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

    /// An account may await several codes; groups have members, and are known without any; accounts are found by address.
    static let codesAndGroups = """
        CREATE TABLE identity_codes (
            user_id TEXT NOT NULL REFERENCES identity_users (id) ON DELETE CASCADE, purpose TEXT NOT NULL,
            code_hash BLOB NOT NULL, expires_at INTEGER NOT NULL, failures INTEGER NOT NULL,
            PRIMARY KEY (user_id, purpose)
        ) STRICT, WITHOUT ROWID;
        -- Codes of before are bound to nothing but their account: they end here, and are asked for again.
        ALTER TABLE identity_users DROP COLUMN confirmation_hash;
        ALTER TABLE identity_users DROP COLUMN confirmation_expires_at;
        ALTER TABLE identity_users DROP COLUMN confirmation_failures;

        CREATE TABLE identity_groups (
            pool_id TEXT NOT NULL, name TEXT NOT NULL, description TEXT, precedence INTEGER,
            created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
            PRIMARY KEY (pool_id, name)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE identity_members (
            pool_id TEXT NOT NULL, group_name TEXT NOT NULL,
            user_id TEXT NOT NULL REFERENCES identity_users (id) ON DELETE CASCADE,
            PRIMARY KEY (pool_id, group_name, user_id),
            FOREIGN KEY (pool_id, group_name) REFERENCES identity_groups (pool_id, name) ON DELETE CASCADE
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX identity_members_by_user ON identity_members (user_id);
        INSERT INTO identity_groups (pool_id, name, created_at, updated_at)
            SELECT DISTINCT pool_id, value, unixepoch() * 1000, unixepoch() * 1000
            FROM identity_users, json_each(identity_users.groups);
        INSERT INTO identity_members (pool_id, group_name, user_id)
            SELECT DISTINCT pool_id, value, identity_users.id FROM identity_users, json_each(identity_users.groups);
        ALTER TABLE identity_users DROP COLUMN groups;

        -- An index of SQLite's cannot look into JSON where the schema is not trusted.
        ALTER TABLE identity_users ADD COLUMN email TEXT;
        UPDATE identity_users SET email = json_extract(attributes, '$.email');
        CREATE INDEX identity_users_by_email ON identity_users (pool_id, email);
        """

    /// What a client may be told to do, and refresh tokens that are replaced when they are used.
    ///
    /// Lengths of time as they were asked for, each with its unit; NULL for the pool's own.
    static let clientOptions = """
        ALTER TABLE identity_clients ADD COLUMN secret BLOB;
        ALTER TABLE identity_clients ADD COLUMN access_validity INTEGER;
        ALTER TABLE identity_clients ADD COLUMN access_unit TEXT;
        ALTER TABLE identity_clients ADD COLUMN id_validity INTEGER;
        ALTER TABLE identity_clients ADD COLUMN id_unit TEXT;
        ALTER TABLE identity_clients ADD COLUMN refresh_validity INTEGER;
        ALTER TABLE identity_clients ADD COLUMN refresh_unit TEXT;
        ALTER TABLE identity_clients ADD COLUMN rotation_grace_seconds INTEGER;
        ALTER TABLE identity_clients ADD COLUMN conceals_users INTEGER NOT NULL DEFAULT 1;
        ALTER TABLE identity_clients ADD COLUMN can_revoke INTEGER NOT NULL DEFAULT 1;
        ALTER TABLE identity_clients ADD COLUMN created_at INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE identity_clients ADD COLUMN updated_at INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX identity_clients_by_pool ON identity_clients (pool_id, id);
        ALTER TABLE identity_token_families ADD COLUMN rotation INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE identity_token_families ADD COLUMN rotated_at INTEGER;
        CREATE INDEX identity_token_families_by_client ON identity_token_families (client_id);
        """

    /// Keys take turns. Those that are there already have begun.
    static let signingKeyTurns = """
        ALTER TABLE identity_signing_keys ADD COLUMN signs_from INTEGER NOT NULL DEFAULT 0;
        UPDATE identity_signing_keys SET signs_from = created_at;
        """

    /// Codes that are not used yet; using one removes it.
    static let recoveryCodes = """
        CREATE TABLE identity_recovery_codes (
            user_id TEXT NOT NULL REFERENCES identity_users (id) ON DELETE CASCADE, lookup TEXT NOT NULL,
            hash TEXT NOT NULL, PRIMARY KEY (user_id, lookup)
        ) STRICT, WITHOUT ROWID;
        """

    /// A sign-in may end in the session of a browser; those that have begun end in tokens.
    static let browserSessions = """
        ALTER TABLE identity_sessions ADD COLUMN goal TEXT NOT NULL DEFAULT 'tokens';
        CREATE TABLE identity_browser_sessions (
            id_hash BLOB PRIMARY KEY, user_id TEXT NOT NULL REFERENCES identity_users (id) ON DELETE CASCADE,
            pool_id TEXT NOT NULL, authenticated_at INTEGER NOT NULL, used_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX identity_browser_sessions_by_user ON identity_browser_sessions (user_id);
        CREATE INDEX identity_browser_sessions_by_expiry ON identity_browser_sessions (expires_at);
        """

    /// What a pool derives names and codes from, sealed, so that another sealing key changes none of them.
    static let poolSecrets = """
        CREATE TABLE identity_pool_secrets (id TEXT PRIMARY KEY, secret BLOB NOT NULL) STRICT, WITHOUT ROWID;
        """

    static let srp = """
        ALTER TABLE identity_users ADD COLUMN srp_verifier BLOB;
        CREATE INDEX identity_clients_with_srp ON identity_clients (pool_id)
            WHERE instr(flows, 'ALLOW_USER_SRP_AUTH') > 0;
        CREATE TABLE identity_used_once (id BLOB PRIMARY KEY, expires_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        CREATE INDEX identity_used_once_by_expiry ON identity_used_once (expires_at);
        """

    /// What a client may do with OAuth; without scopes it may not. Lists are separated by spaces.
    static let oauth = """
        ALTER TABLE identity_clients ADD COLUMN oauth_scopes TEXT;
        ALTER TABLE identity_clients ADD COLUMN callback_urls TEXT NOT NULL DEFAULT '';
        ALTER TABLE identity_clients ADD COLUMN default_redirect_uri TEXT;
        ALTER TABLE identity_clients ADD COLUMN logout_urls TEXT NOT NULL DEFAULT '';
        """

    /// Accounts whose password an administrator has taken away, or that have none of ours. A column's rule cannot be changed,
    /// and a new table in the old one's place would take along all that refers to accounts; so the column is a new one.
    static let resetRequired = """
        ALTER TABLE identity_users ADD COLUMN next_status TEXT NOT NULL DEFAULT 'UNCONFIRMED' CHECK (next_status IN (
            'UNCONFIRMED', 'CONFIRMED', 'FORCE_CHANGE_PASSWORD', 'RESET_REQUIRED', 'EXTERNAL_PROVIDER'));
        UPDATE identity_users SET next_status = status;
        ALTER TABLE identity_users DROP COLUMN status;
        ALTER TABLE identity_users RENAME COLUMN next_status TO status;
        -- Or removing an account looks through all sign-ins.
        CREATE INDEX identity_sessions_by_user ON identity_sessions (user_id);
        """

    /// Public halves of keys; ids are base 64, transports words with a space between.
    static let passkeys = """
        CREATE TABLE identity_passkeys (
            id TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES identity_users (id) ON DELETE CASCADE,
            relying_party_id TEXT NOT NULL, public_key BLOB NOT NULL, signature_count INTEGER NOT NULL,
            is_backup_eligible INTEGER NOT NULL, transports TEXT NOT NULL, attachment TEXT, created_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX identity_passkeys_by_user ON identity_passkeys (user_id, id);
        CREATE TABLE identity_passkey_challenges (
            user_id TEXT PRIMARY KEY REFERENCES identity_users (id) ON DELETE CASCADE,
            client_id TEXT NOT NULL, challenge BLOB NOT NULL, expires_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX identity_passkey_challenges_by_expiry ON identity_passkey_challenges (expires_at);
        """

    /// Codes end with the browser session that they were given in. What a family was granted is NULL where people signed in
    /// with the application itself, which has no scopes; the hash of its code stays as long as the family, so that a code
    /// that comes again is known as one.
    static let authorizationCodes = """
        CREATE TABLE identity_authorization_codes (
            code_hash BLOB PRIMARY KEY, client_id TEXT NOT NULL,
            user_id TEXT NOT NULL REFERENCES identity_users (id) ON DELETE CASCADE,
            browser_session_hash BLOB NOT NULL REFERENCES identity_browser_sessions (id_hash) ON DELETE CASCADE,
            redirect_uri TEXT NOT NULL, code_challenge TEXT NOT NULL, scopes TEXT NOT NULL, nonce TEXT,
            authenticated_at INTEGER NOT NULL, expires_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX identity_authorization_codes_by_user ON identity_authorization_codes (user_id);
        CREATE INDEX identity_authorization_codes_by_session ON identity_authorization_codes (browser_session_hash);
        CREATE INDEX identity_authorization_codes_by_expiry ON identity_authorization_codes (expires_at);
        ALTER TABLE identity_token_families ADD COLUMN scopes TEXT;
        ALTER TABLE identity_token_families ADD COLUMN code_hash BLOB;
        CREATE UNIQUE INDEX identity_token_families_by_code ON identity_token_families (code_hash)
            WHERE code_hash IS NOT NULL;
        """

    /// When and from where sign-ins were last used; unknown for those that have begun.
    static let lastUse = """
        ALTER TABLE identity_token_families ADD COLUMN last_used_at INTEGER;
        ALTER TABLE identity_token_families ADD COLUMN last_address TEXT;
        """

    /// Pools are known by more than what belongs to them; one that is there already is this installation's own.
    static let pools = """
        CREATE TABLE identity_pools (
            id TEXT PRIMARY KEY, name TEXT NOT NULL,
            second_factor TEXT CHECK (second_factor IN ('OFF', 'OPTIONAL', 'ON')),
            minimum_password_length INTEGER, temporary_password_days INTEGER, is_sign_up_closed INTEGER NOT NULL,
            is_protected INTEGER NOT NULL, is_deleted INTEGER NOT NULL, created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        INSERT INTO identity_pools
            SELECT pool_id, 'weir', NULL, NULL, NULL, 0, 1, 0, min(created_at), min(created_at)
            FROM identity_signing_keys GROUP BY pool_id;
        """
}
