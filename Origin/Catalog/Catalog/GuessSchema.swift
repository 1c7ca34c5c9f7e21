/// What is kept of guesses, one step of the catalog's schema.
enum GuessSchema {
    /// Guesses at second factors are counted until one is right, however long it takes; `IdentityUser.decoy` is a row.
    static let tables = """
        CREATE TABLE identity_second_factor_failures (
            user_id TEXT PRIMARY KEY REFERENCES identity_users (id) ON DELETE CASCADE, failures INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        INSERT INTO identity_users (
            id, pool_id, username, username_key, attributes, email, password_hash, status, is_enabled, totp_enabled,
            totp_preferred, created_at, updated_at)
        VALUES (
            'decoy', '', 'decoy@example.invalid', 'decoy@example.invalid',
            '{"email":"decoy@example.invalid","email_verified":"true"}', 'decoy@example.invalid',
            '$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
            'CONFIRMED', 0, 0, 0, 0, 0);
        """
}
