internal import SQLiteDatabase

extension SQLiteTransaction {
    func sealedValues(_ column: SealedColumn, after id: String, limit: Int) throws -> [SealedValue] {
        let place = column.place
        return try connection.query(
            """
            SELECT \(place.id), \(place.owner), \(place.scope), \(place.value) FROM \(place.table)
            WHERE \(place.id) > ? AND \(place.value) IS NOT NULL ORDER BY \(place.id) LIMIT ?
            """, [id, limit]
        ) { row in
            SealedValue(
                id: try row.text(0), owner: try row.text(1), scope: try row.text(2), sealed: try row.bytes(3))
        }
    }

    func replace(_ value: SealedValue, in column: SealedColumn, with sealed: [UInt8]) throws {
        let place = column.place
        try connection.execute(
            "UPDATE \(place.table) SET \(place.value) = ? WHERE \(place.id) = ? AND \(place.value) = ?",
            [sealed, value.id, value.sealed])
    }
}

extension SealedColumn {
    /// Where in the schema the values are; all but the table are expressions.
    struct Place {
        let table: String
        let value: String
        let id: String
        let owner: String
        let scope: String

        /// - Parameters:
        ///   - id: the column that tells rows apart, and whose they are unless `owner` does.
        init(_ table: String, _ value: String, id: String = "id", owner: String? = nil, scope: String = "pool_id") {
            self.table = table
            self.value = value
            self.id = id
            self.owner = owner ?? id
            self.scope = scope
        }
    }

    var place: Place {
        switch self {
        case .authenticator: Place("identity_users", "totp_secret")
        case .pendingAuthenticator: Place("identity_users", "totp_pending_secret")
        case .verifier: Place("identity_users", "srp_verifier")
        case .clientSecret: Place("identity_clients", "secret")
        case .providerSecret:
            Place("identity_providers", "client_secret", id: "pool_id || '/' || name", owner: "name")
        case .tokenKey: Place("identity_signing_keys", "sealed_private_key")
        case .poolSecret: Place("identity_pool_secrets", "secret", scope: "id")
        case .signingKey: Place("signing_keys", "sealed_private_key", scope: "group_id")
        case .contentKey: Place("content_keys", "sealed_key", id: "video_id", scope: "''")
        case .accessKeySecret: Place("service_account_keys", "sealed_secret", owner: "account", scope: "''")
        case .idempotentAnswer:
            Place("idempotent_calls", "sealed_answer", id: "caller || '/' || key", scope: "''")
        case .webhookSecret: Place("webhooks", "sealed_secret", scope: "''")
        case .oldWebhookSecret: Place("webhooks", "sealed_old_secret", scope: "''")
        }
    }
}
