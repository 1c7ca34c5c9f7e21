internal import OAuth
internal import SQLiteDatabase

extension SQLiteIdentityTransaction {
    private static let clientColumns = """
        id, pool_id, name, flows, secret, access_validity, access_unit, id_validity, id_unit, refresh_validity,
        refresh_unit, rotation_grace_seconds, conceals_users, can_revoke, created_at, updated_at, oauth_scopes,
        callback_urls, default_redirect_uri, logout_urls, providers
        """

    func client(id: String) throws -> IdentityClient? {
        try connection.first("SELECT \(Self.clientColumns) FROM identity_clients WHERE id = ?", [id], readClient)
    }

    func clients(poolId: String, after: String, limit: Int) throws -> [IdentityClient] {
        try connection.query(
            "SELECT \(Self.clientColumns) FROM identity_clients WHERE pool_id = ? AND id > ? ORDER BY id LIMIT ?",
            [poolId, after, limit], readClient)
    }

    func save(_ client: IdentityClient) throws {
        try connection.execute(
            """
            INSERT OR REPLACE INTO identity_clients (\(Self.clientColumns))
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                client.id, client.poolId, client.name, client.flows.sorted().joined(separator: " "),
                client.sealedSecret, client.accessToken?.value, client.accessToken?.unit.rawValue,
                client.idToken?.value, client.idToken?.unit.rawValue, client.refreshToken?.value,
                client.refreshToken?.unit.rawValue, client.rotationGraceSeconds, client.concealsUsers,
                client.canRevoke, client.createdAt, client.updatedAt, client.oauth?.scopes.scopeText,
                client.oauth?.callbackURLs.joined(separator: " ") ?? "", client.oauth?.defaultRedirectURI,
                client.oauth?.logoutURLs.joined(separator: " ") ?? "", client.providers.joined(separator: " "),
            ])
        try forgetUnusedVerifiers(poolId: client.poolId)
    }

    func deleteClient(id: String) throws -> Bool {
        guard let client = try client(id: id) else { return false }
        try connection.execute("DELETE FROM identity_clients WHERE id = ?", [id])
        try forgetUnusedVerifiers(poolId: client.poolId)
        return true
    }

    func usesSRP(poolId: String) throws -> Bool {
        // The words of the partial index, so that it is used.
        try connection.first(
            "SELECT 1 FROM identity_clients WHERE pool_id = ? AND instr(flows, 'ALLOW_USER_SRP_AUTH') > 0 LIMIT 1",
            [poolId]
        ) { _ in true } ?? false
    }

    private func forgetUnusedVerifiers(poolId: String) throws {
        guard try !usesSRP(poolId: poolId) else { return }
        try connection.execute(
            "UPDATE identity_users SET srp_verifier = NULL WHERE pool_id = ? AND srp_verifier IS NOT NULL", [poolId])
    }

    private func readClient(_ row: Row) throws -> IdentityClient {
        var client = IdentityClient(
            id: try row.text(0), poolId: try row.text(1), name: try row.text(2),
            flows: Set(try row.text(3).split(separator: " ").map(String.init)), createdAt: try row.integer(14))
        client.sealedSecret = try row.optionalBytes(4)
        client.accessToken = try validity(row, at: 5)
        client.idToken = try validity(row, at: 7)
        client.refreshToken = try validity(row, at: 9)
        client.rotationGraceSeconds = try row.optionalInteger(11)
        client.concealsUsers = try row.bool(12)
        client.canRevoke = try row.bool(13)
        client.updatedAt = try row.integer(15)
        client.oauth = try oauthOptions(row)
        client.providers = try row.text(20).split(separator: " ").map(String.init)
        return client
    }

    private func oauthOptions(_ row: Row) throws -> OAuthOptions? {
        guard let scopes = try row.optionalText(16).flatMap(OAuthScope.list) else { return nil }
        return OAuthOptions(
            scopes: scopes, callbackURLs: try row.text(17).split(separator: " ").map(String.init),
            defaultRedirectURI: try row.optionalText(18),
            logoutURLs: try row.text(19).split(separator: " ").map(String.init))
    }

    /// A value and, in the column after it, its unit.
    private func validity(_ row: Row, at column: Int) throws -> IdentityClient.Validity? {
        guard let value = try row.optionalInteger(column) else { return nil }
        return IdentityClient.Validity(value, try row.choice(column + 1))
    }
}
