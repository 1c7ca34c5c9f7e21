internal import Audit
internal import JSON
internal import OAuth
internal import SQLiteDatabase

/// The embedded identity store: tables in the catalog's file.
public struct SQLiteIdentityStore: IdentityStore {
    private let catalog: SQLiteCatalog

    /// The identities in the file of `catalog`, with one audit log for both.
    public init(_ catalog: SQLiteCatalog) {
        self.catalog = catalog
    }

    /// Runs `body` on one snapshot.
    public func read<R: Sendable>(_ body: @escaping @Sendable (any IdentityReader) throws -> R) async throws -> R {
        let pen = AuditPen(keys: catalog.auditKeys)
        return try await catalog.database.read { try body(SQLiteIdentityTransaction(connection: $0, pen: pen)) }
    }

    /// Runs `body` alone; durable when it returns.
    public func write<R: Sendable>(_ body: @escaping @Sendable (any IdentityTransaction) throws -> R) async throws -> R
    {
        let pen = AuditPen(keys: catalog.auditKeys)
        return try await catalog.database.write { try body(SQLiteIdentityTransaction(connection: $0, pen: pen)) }
    }
}

/// An identity transaction on a SQLite connection.
struct SQLiteIdentityTransaction: SQLiteAuditing {
    let connection: Connection
    let pen: AuditPen
}

extension SQLiteIdentityTransaction: IdentityReader {
    func signingKeys(poolId: String) throws -> [IdentitySigningKey] {
        try connection.query(
            """
            SELECT id, pool_id, sealed_private_key, created_at, signs_from FROM identity_signing_keys
            WHERE pool_id = ? ORDER BY signs_from DESC, created_at DESC, id
            """, [poolId]
        ) { row in
            IdentitySigningKey(
                id: try row.text(0), poolId: try row.text(1), sealedPrivateKey: try row.bytes(2),
                createdAt: try row.integer(3), signsFrom: try row.integer(4))
        }
    }

    func sealedPoolSecret(poolId: String) throws -> [UInt8]? {
        try connection.first("SELECT secret FROM identity_pool_secrets WHERE id = ?", [poolId]) { try $0.bytes(0) }
    }

    func attempts(subject: String) throws -> IdentityAttempts {
        let found = try connection.first(
            "SELECT failures, last_failure_at, locked_until FROM identity_attempts WHERE subject = ?", [subject]
        ) { row in
            IdentityAttempts(
                subject: subject, failures: try row.int(0), lastFailureAt: try row.integer(1),
                lockedUntil: try row.integer(2))
        }
        return found ?? IdentityAttempts(subject: subject)
    }

    func wasUsed(_ id: [UInt8]) throws -> Bool {
        try connection.first("SELECT 1 FROM identity_used_once WHERE id = ?", [id]) { _ in true } ?? false
    }

    func session(idHash: [UInt8]) throws -> IdentitySession? {
        try connection.first(
            """
            SELECT user_id, client_id, step, goal, expires_at, failures FROM identity_sessions WHERE id_hash = ?
            """, [idHash]
        ) { row in
            IdentitySession(
                idHash: idHash, userId: try row.text(0), clientId: try row.text(1), step: try row.choice(2),
                goal: try row.choice(3), expiresAt: try row.integer(4), failures: try row.int(5))
        }
    }

    private static let familyColumns = """
        id, user_id, client_id, refresh_token_hash, authenticated_at, expires_at, rotation, rotated_at, scopes,
        code_hash, last_used_at, last_address
        """

    func tokenFamily(id: String) throws -> IdentityTokenFamily? {
        try connection.first(
            "SELECT \(Self.familyColumns) FROM identity_token_families WHERE id = ?", [id], readFamily)
    }

    func tokenFamily(refreshTokenHash: [UInt8]) throws -> IdentityTokenFamily? {
        try connection.first(
            "SELECT \(Self.familyColumns) FROM identity_token_families WHERE refresh_token_hash = ?",
            [refreshTokenHash], readFamily)
    }

    func tokenFamily(codeHash: [UInt8]) throws -> IdentityTokenFamily? {
        try connection.first(
            "SELECT \(Self.familyColumns) FROM identity_token_families WHERE code_hash = ?", [codeHash], readFamily)
    }

    func tokenFamilies(userId: String, now: Int64, after: String, limit: Int) throws -> [IdentityTokenFamily] {
        try connection.query(
            """
            SELECT \(Self.familyColumns) FROM identity_token_families WHERE user_id = ? AND id > ? AND expires_at > ?
            ORDER BY id LIMIT ?
            """, [userId, after, now, limit], readFamily)
    }

    private func readFamily(_ row: Row) throws -> IdentityTokenFamily {
        var family = IdentityTokenFamily(
            id: try row.text(0), userId: try row.text(1), clientId: try row.text(2), refreshTokenHash: try row.bytes(3),
            authenticatedAt: try row.integer(4), expiresAt: try row.integer(5))
        family.rotation = try row.integer(6)
        family.rotatedAt = try row.optionalInteger(7)
        family.scopes = try row.optionalText(8).flatMap(OAuthScope.list)
        family.codeHash = try row.optionalBytes(9)
        family.lastUse = try row.optionalInteger(10).map { .init(at: $0, address: try row.optionalText(11)) }
        return family
    }
}

extension SQLiteIdentityTransaction: IdentityTransaction {
    func insert(_ key: IdentitySigningKey) throws {
        try connection.execute(
            """
            INSERT INTO identity_signing_keys (id, pool_id, sealed_private_key, created_at, signs_from)
            VALUES (?, ?, ?, ?, ?)
            """, [key.id, key.poolId, key.sealedPrivateKey, key.createdAt, key.signsFrom])
    }

    func insert(sealedPoolSecret: [UInt8], poolId: String) throws {
        try connection.execute(
            "INSERT INTO identity_pool_secrets (id, secret) VALUES (?, ?) ON CONFLICT DO NOTHING",
            [poolId, sealedPoolSecret])
    }

    func deleteSigningKey(id: String) throws {
        try connection.execute("DELETE FROM identity_signing_keys WHERE id = ?", [id])
    }

    func save(_ attempts: IdentityAttempts) throws {
        guard attempts.failures > 0 else {
            try connection.execute("DELETE FROM identity_attempts WHERE subject = ?", [attempts.subject])
            return
        }
        try connection.execute(
            """
            INSERT INTO identity_attempts (subject, failures, last_failure_at, locked_until) VALUES (?, ?, ?, ?)
            ON CONFLICT (subject) DO UPDATE SET failures = excluded.failures,
                last_failure_at = excluded.last_failure_at, locked_until = excluded.locked_until
            """, [attempts.subject, attempts.failures, attempts.lastFailureAt, attempts.lockedUntil])
    }

    func insert(_ session: IdentitySession) throws {
        try connection.execute(
            """
            INSERT INTO identity_sessions (id_hash, user_id, client_id, step, goal, expires_at, failures)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            [
                session.idHash, session.userId, session.clientId, session.step.rawValue, session.goal.rawValue,
                session.expiresAt, session.failures,
            ])
    }

    func save(_ session: IdentitySession) throws {
        try connection.execute(
            "UPDATE identity_sessions SET failures = ? WHERE id_hash = ?", [session.failures, session.idHash])
    }

    func deleteSession(idHash: [UInt8]) throws -> Bool {
        try connection.execute("DELETE FROM identity_sessions WHERE id_hash = ?", [idHash]) > 0
    }

    func insert(_ family: IdentityTokenFamily) throws {
        try connection.execute(
            "INSERT INTO identity_token_families (\(Self.familyColumns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                family.id, family.userId, family.clientId, family.refreshTokenHash, family.authenticatedAt,
                family.expiresAt, family.rotation, family.rotatedAt, family.scopes?.scopeText, family.codeHash,
                family.lastUse?.at, family.lastUse?.address,
            ])
    }

    func save(_ family: IdentityTokenFamily) throws {
        try connection.execute(
            "UPDATE identity_token_families SET rotation = ?, rotated_at = ? WHERE id = ?",
            [family.rotation, family.rotatedAt, family.id])
    }

    func note(_ use: IdentityTokenFamily.Use, ofTokenFamily id: String) throws {
        try connection.execute(
            "UPDATE identity_token_families SET last_used_at = ?, last_address = ? WHERE id = ?",
            [use.at, use.address, id])
    }

    func revokeTokenFamily(id: String) throws {
        try connection.execute("DELETE FROM identity_token_families WHERE id = ?", [id])
    }

    func revokeTokenFamilies(userId: String, except kept: String?) throws {
        try connection.execute("DELETE FROM identity_browser_sessions WHERE user_id = ?", [userId])
        try connection.execute(
            "DELETE FROM identity_token_families WHERE user_id = ? AND id IS NOT ?", [userId, kept])
        try deleteSessions(userId: userId)
    }

    func revokeTokenFamilies(clientId: String) throws {
        try connection.execute("DELETE FROM identity_token_families WHERE client_id = ?", [clientId])
    }

    func use(once id: [UInt8], until expiresAt: Int64) throws -> Bool {
        try connection.execute(
            "INSERT INTO identity_used_once (id, expires_at) VALUES (?, ?) ON CONFLICT DO NOTHING", [id, expiresAt]) > 0
    }

    func pruneIdentity(now: Int64, quietSince: Int64) throws {
        try connection.execute("DELETE FROM identity_used_once WHERE expires_at <= ?", [now])
        try connection.execute("DELETE FROM identity_sessions WHERE expires_at <= ?", [now])
        try connection.execute("DELETE FROM identity_passkey_challenges WHERE expires_at <= ?", [now])
        try connection.execute("DELETE FROM identity_departures WHERE expires_at <= ?", [now])
        try connection.execute("DELETE FROM identity_token_families WHERE expires_at <= ?", [now])
        try connection.execute("DELETE FROM identity_browser_sessions WHERE expires_at <= ?", [now])
        try connection.execute("DELETE FROM identity_authorization_codes WHERE expires_at <= ?", [now])
        try connection.execute(
            "DELETE FROM identity_attempts WHERE last_failure_at < ? AND locked_until < ?", [quietSince, quietSince])
    }
}
