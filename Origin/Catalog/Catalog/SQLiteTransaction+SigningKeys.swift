internal import SQLiteDatabase

extension SQLiteTransaction {
    private static let columns = """
        id, group_id, state, algorithm, public_key, sealed_private_key, sequence, signs_when_trusted, grant_seconds,
        created_at, created_by, signs_from, signed_until, verifies_until, retired_at, retired_by
        """

    func signingKey(id: String) throws -> SigningKey? {
        try connection.first("SELECT \(Self.columns) FROM signing_keys WHERE id = ?", [id], readSigningKey)
    }

    func signer(ofGroup groupId: String) throws -> SigningKey? {
        try connection.first(
            "SELECT \(Self.columns) FROM signing_keys WHERE group_id = ? AND state = 'signing'", [groupId],
            readSigningKey)
    }

    func unretiredSigningKeys() throws -> [SigningKey] {
        try connection.query(
            """
            SELECT \(Self.columns) FROM signing_keys WHERE state <> 'retired' ORDER BY group_id, created_at, id
            """, [], readSigningKey)
    }

    func signingKeyGroups() throws -> [String] {
        try connection.query("SELECT DISTINCT group_id FROM signing_keys ORDER BY group_id", []) { try $0.text(0) }
    }

    func signingKeys(groupId: String?, limit: Int, after: PageKey?) throws -> Page<SigningKey> {
        let keys = try connection.query(
            """
            SELECT \(Self.columns) FROM signing_keys
            WHERE (?1 IS NULL OR group_id = ?1) AND (?2 IS NULL OR (created_at, id) < (?2, ?3))
            ORDER BY created_at DESC, id DESC LIMIT ?4
            """, [groupId, after?.value, after?.id, limit + 1], readSigningKey)
        let items = Array(keys.prefix(limit))
        let next = keys.count > limit ? items.last.map { PageKey(value: $0.createdAt, id: $0.id) } : nil
        return Page(items: items, next: next)
    }

    func insert(_ key: SigningKey) throws {
        try connection.execute(
            "INSERT INTO signing_keys (\(Self.columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                key.id, key.groupId, key.state.rawValue, key.algorithm, key.publicKey, key.sealedPrivateKey,
                key.sequence, key.signsWhenTrusted, key.grantSeconds, key.createdAt, key.createdBy, key.signsFrom,
                key.signedUntil, key.verifiesUntil, key.retiredAt, key.retiredBy,
            ])
    }

    func update(_ key: SigningKey) throws {
        try connection.execute(
            """
            UPDATE signing_keys SET state = ?, sealed_private_key = ?, sequence = ?, signs_when_trusted = ?,
                grant_seconds = ?, signs_from = ?, signed_until = ?, verifies_until = ?, retired_at = ?, retired_by = ?
            WHERE id = ?
            """,
            [
                key.state.rawValue, key.sealedPrivateKey, key.sequence, key.signsWhenTrusted, key.grantSeconds,
                key.signsFrom, key.signedUntil, key.verifiesUntil, key.retiredAt, key.retiredBy, key.id,
            ])
    }

    private func readSigningKey(_ row: Row) throws -> SigningKey {
        guard let state = SigningKey.State(rawValue: try row.text(2)) else {
            throw DatabaseError(.unexpectedType, "a stored signing key has an unknown state")
        }
        var key = SigningKey(
            id: try row.text(0), groupId: try row.text(1), algorithm: try row.text(3), publicKey: try row.text(4),
            sealedPrivateKey: try row.optionalBytes(5), signsWhenTrusted: try row.bool(7),
            createdAt: try row.integer(9), createdBy: try row.text(10))
        key.state = state
        key.sequence = try row.integer(6)
        key.grantSeconds = try row.integer(8)
        key.signsFrom = try row.optionalInteger(11)
        key.signedUntil = try row.optionalInteger(12)
        key.verifiesUntil = try row.optionalInteger(13)
        key.retiredAt = try row.optionalInteger(14)
        key.retiredBy = try row.optionalText(15)
        return key
    }
}
