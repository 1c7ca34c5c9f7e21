internal import JSON
internal import SQLiteDatabase

extension SQLiteIdentityTransaction {
    private static let providerColumns = """
        pool_id, name, kind, issuer, client_id, client_secret, scopes, user_info_method, mapping, created_at, updated_at
        """
    private static let linkColumns = "pool_id, provider, subject, user_id, is_enabled, created_at"

    func provider(poolId: String, name: String) throws -> IdentityProvider? {
        try connection.first(
            "SELECT \(Self.providerColumns) FROM identity_providers WHERE pool_id = ? AND name = ?", [poolId, name],
            readProvider)
    }

    func providers(poolId: String, after: String, limit: Int) throws -> [IdentityProvider] {
        try connection.query(
            """
            SELECT \(Self.providerColumns) FROM identity_providers WHERE pool_id = ? AND name > ?
            ORDER BY name LIMIT ?
            """, [poolId, after, limit], readProvider)
    }

    func insert(_ provider: IdentityProvider) throws -> Bool {
        try connection.execute(
            """
            INSERT INTO identity_providers (\(Self.providerColumns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT DO NOTHING
            """,
            [provider.poolId, provider.name, provider.kind.rawValue, provider.issuer] + mutableValues(of: provider)
                + [provider.createdAt, provider.updatedAt]) > 0
    }

    func save(_ provider: IdentityProvider) throws {
        try connection.execute(
            """
            UPDATE identity_providers SET client_id = ?, client_secret = ?, scopes = ?, user_info_method = ?,
                mapping = ?, updated_at = ?
            WHERE pool_id = ? AND name = ?
            """, mutableValues(of: provider) + [provider.updatedAt, provider.poolId, provider.name])
    }

    func deleteProvider(poolId: String, name: String) throws -> Bool {
        try connection.execute("DELETE FROM identity_providers WHERE pool_id = ? AND name = ?", [poolId, name]) > 0
    }

    func link(poolId: String, provider: String, subject: String) throws -> IdentityLink? {
        try connection.first(
            "SELECT \(Self.linkColumns) FROM identity_links WHERE pool_id = ? AND provider = ? AND subject = ?",
            [poolId, provider, subject], readLink)
    }

    func save(_ link: IdentityLink) throws {
        try connection.execute(
            """
            INSERT INTO identity_links (\(Self.linkColumns)) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (pool_id, provider, subject) DO UPDATE SET user_id = excluded.user_id,
                is_enabled = excluded.is_enabled, created_at = excluded.created_at
            """, [link.poolId, link.provider, link.subject, link.userId, link.isEnabled, link.createdAt])
    }

    func insert(_ departure: IdentityDeparture) throws {
        try connection.execute(
            """
            INSERT INTO identity_departures (state_hash, pool_id, provider, browser_hash, journey, expires_at)
            VALUES (?, ?, ?, ?, ?, ?)
            """,
            [
                departure.stateHash, departure.poolId, departure.provider, departure.browserHash,
                departure.sealedJourney, departure.expiresAt,
            ])
    }

    func takeDeparture(stateHash: [UInt8]) throws -> IdentityDeparture? {
        try connection.first(
            """
            DELETE FROM identity_departures WHERE state_hash = ?
            RETURNING pool_id, provider, browser_hash, journey, expires_at
            """, [stateHash]
        ) { row in
            IdentityDeparture(
                stateHash: stateHash, poolId: try row.text(0), provider: try row.text(1),
                browserHash: try row.bytes(2), sealedJourney: try row.bytes(3), expiresAt: try row.integer(4))
        }
    }

    /// The values of the columns from `client_id` to `mapping`.
    private func mutableValues(of provider: IdentityProvider) -> [(any SQLBindable)?] {
        [
            provider.clientId, provider.sealedSecret, provider.scopes.joined(separator: " "), provider.userInfoMethod,
            attributesText(provider.mapping),
        ]
    }

    private func readProvider(_ row: Row) throws -> IdentityProvider {
        var provider = IdentityProvider(
            poolId: try row.text(0), name: try row.text(1), kind: try row.choice(2), issuer: try row.text(3),
            clientId: try row.text(4), sealedSecret: try row.optionalBytes(5),
            scopes: try row.text(6).split(separator: " ").map(String.init), userInfoMethod: try row.text(7),
            mapping: try attributes(row.text(8)), createdAt: try row.integer(9))
        provider.updatedAt = try row.integer(10)
        return provider
    }

    private func readLink(_ row: Row) throws -> IdentityLink {
        var link = IdentityLink(
            poolId: try row.text(0), provider: try row.text(1), subject: try row.text(2), userId: try row.text(3),
            createdAt: try row.integer(5))
        link.isEnabled = try row.bool(4)
        return link
    }
}
