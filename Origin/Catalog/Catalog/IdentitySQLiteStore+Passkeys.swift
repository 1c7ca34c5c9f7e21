internal import SQLiteDatabase

extension SQLiteIdentityTransaction {
    private static let passkeyColumns = """
        id, user_id, relying_party_id, public_key, signature_count, is_backup_eligible, transports, attachment, created_at
        """

    func passkey(id: String) throws -> IdentityPasskey? {
        try connection.first(
            "SELECT \(Self.passkeyColumns) FROM identity_passkeys WHERE id = ?", [id], readPasskey)
    }

    func passkeys(userId: String, after: String, limit: Int) throws -> [IdentityPasskey] {
        try connection.query(
            """
            SELECT \(Self.passkeyColumns) FROM identity_passkeys WHERE user_id = ? AND id > ? ORDER BY id LIMIT ?
            """, [userId, after, limit], readPasskey)
    }

    func passkeyChallenge(userId: String) throws -> IdentityPasskeyChallenge? {
        try connection.first(
            "SELECT client_id, challenge, expires_at FROM identity_passkey_challenges WHERE user_id = ?", [userId]
        ) { row in
            IdentityPasskeyChallenge(
                userId: userId, clientId: try row.text(0), challenge: try row.bytes(1), expiresAt: try row.integer(2))
        }
    }

    func insert(_ passkey: IdentityPasskey) throws -> Bool {
        try connection.execute(
            """
            INSERT INTO identity_passkeys (\(Self.passkeyColumns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO NOTHING
            """,
            [
                passkey.id, passkey.userId, passkey.relyingPartyId, passkey.publicKey, passkey.signatureCount,
                passkey.isBackupEligible, passkey.transports.joined(separator: " "), passkey.attachment,
                passkey.createdAt,
            ]) > 0
    }

    func save(_ passkey: IdentityPasskey) throws {
        try connection.execute(
            "UPDATE identity_passkeys SET signature_count = ? WHERE id = ?", [passkey.signatureCount, passkey.id])
    }

    func deletePasskey(id: String, userId: String) throws -> Bool {
        try connection.execute("DELETE FROM identity_passkeys WHERE id = ? AND user_id = ?", [id, userId]) > 0
    }

    func save(_ challenge: IdentityPasskeyChallenge) throws {
        try connection.execute(
            """
            INSERT INTO identity_passkey_challenges (user_id, client_id, challenge, expires_at) VALUES (?, ?, ?, ?)
            ON CONFLICT (user_id) DO UPDATE SET client_id = excluded.client_id, challenge = excluded.challenge,
                expires_at = excluded.expires_at
            """, [challenge.userId, challenge.clientId, challenge.challenge, challenge.expiresAt])
    }

    func deletePasskeyChallenge(userId: String) throws {
        try connection.execute("DELETE FROM identity_passkey_challenges WHERE user_id = ?", [userId])
    }

    private func readPasskey(_ row: Row) throws -> IdentityPasskey {
        IdentityPasskey(
            id: try row.text(0), userId: try row.text(1), relyingPartyId: try row.text(2),
            publicKey: try row.bytes(3), signatureCount: try row.integer(4), isBackupEligible: try row.bool(5),
            transports: try row.text(6).split(separator: " ").map { String($0) }, attachment: try row.optionalText(7),
            createdAt: try row.integer(8))
    }
}
