internal import SQLiteDatabase

extension SQLiteTransaction {
    private static let columns = """
        id, owner_id, scope, url, events, description, enabled, sealed_secret, sealed_old_secret, old_secret_until,
        created_at
        """
    private static let deliveryColumns = """
        id, webhook_id, event_id, event, payload, state, attempts, created_at, attempted_at, next_attempt_at, status,
        answer, failure
        """

    func webhook(id: String) throws -> Webhook? {
        try connection.first("SELECT \(Self.columns) FROM webhooks WHERE id = ?", [id], readWebhook)
    }

    func webhooks(ownerId: String?, limit: Int, after: PageKey?) throws -> Page<Webhook> {
        let found = try connection.newest(
            "SELECT \(Self.columns) FROM webhooks", ownerId.map { ("owner_id", $0) }, limit, after, readWebhook)
        return Page(found, limit: limit) { PageKey(value: $0.createdAt, id: $0.id) }
    }

    func webhookCount(ownerId: String) throws -> Int {
        try connection.first("SELECT count(*) FROM webhooks WHERE owner_id = ?", [ownerId]) { try $0.int(0) } ?? 0
    }

    func webhooks(hearingOf ownerId: String) throws -> [Webhook] {
        try connection.query(
            """
            SELECT \(Self.columns) FROM webhooks WHERE owner_id = ?1 AND scope = 'own' AND enabled
            UNION ALL SELECT \(Self.columns) FROM webhooks WHERE scope = 'all' AND enabled
            """, [ownerId], readWebhook)
    }

    func insert(_ webhook: Webhook) throws {
        try connection.execute(
            "INSERT INTO webhooks (\(Self.columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                webhook.id, webhook.ownerId, webhook.scope.rawValue, webhook.url, words(webhook.events),
                webhook.description, webhook.isEnabled, webhook.sealedSecret, webhook.sealedOldSecret,
                webhook.oldSecretUntil, webhook.createdAt,
            ])
    }

    func save(_ webhook: Webhook) throws {
        try connection.execute(
            """
            UPDATE webhooks SET url = ?, events = ?, description = ?, enabled = ?, sealed_secret = ?,
                sealed_old_secret = ?, old_secret_until = ? WHERE id = ?
            """,
            [
                webhook.url, words(webhook.events), webhook.description, webhook.isEnabled, webhook.sealedSecret,
                webhook.sealedOldSecret, webhook.oldSecretUntil, webhook.id,
            ])
    }

    func deleteWebhook(id: String) throws -> Bool {
        try connection.execute("DELETE FROM webhooks WHERE id = ?", [id]) > 0
    }

    func webhookDelivery(id: String) throws -> WebhookDelivery? {
        try connection.first(
            "SELECT \(Self.deliveryColumns) FROM webhook_deliveries WHERE id = ?", [id], readDelivery)
    }

    func webhookDeliveries(webhookId: String, limit: Int, after: PageKey?) throws -> Page<WebhookDelivery> {
        let found = try connection.newest(
            "SELECT \(Self.deliveryColumns) FROM webhook_deliveries", ("webhook_id", webhookId), limit, after,
            readDelivery)
        return Page(found, limit: limit) { PageKey(value: $0.createdAt, id: $0.id) }
    }

    func insert(_ delivery: WebhookDelivery) throws {
        try connection.execute(
            "INSERT INTO webhook_deliveries (\(Self.deliveryColumns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                delivery.id, delivery.webhookId, delivery.eventId, delivery.event, delivery.payload,
                delivery.state.rawValue, delivery.attempts, delivery.createdAt, delivery.attemptedAt,
                delivery.nextAttemptAt, delivery.status, delivery.answer, delivery.failure,
            ])
    }

    func save(_ delivery: WebhookDelivery) throws {
        try connection.execute(
            """
            UPDATE webhook_deliveries SET state = ?, attempts = ?, attempted_at = ?, next_attempt_at = ?, status = ?,
                answer = ?, failure = ? WHERE id = ?
            """,
            [
                delivery.state.rawValue, delivery.attempts, delivery.attemptedAt, delivery.nextAttemptAt,
                delivery.status, delivery.answer, delivery.failure, delivery.id,
            ])
    }

    func pruneWebhookDeliveries(madeBefore time: Int64, limit: Int) throws -> Int {
        try connection.execute(
            """
            DELETE FROM webhook_deliveries WHERE id IN (
                SELECT id FROM webhook_deliveries WHERE state <> 'pending' AND created_at < ? LIMIT ?)
            """, [time, limit])
    }

    private func words(_ events: [Webhook.Event]) -> String { events.map(\.rawValue).joined(separator: " ") }

    private func readWebhook(_ row: Row) throws -> Webhook {
        let events = try row.text(4).split(separator: " ").map { try known(Webhook.Event.self, String($0)) }
        var webhook = Webhook(
            id: try row.text(0), ownerId: try row.text(1), scope: try known(Webhook.Scope.self, try row.text(2)),
            url: try row.text(3), events: events, description: try row.text(5), sealedSecret: try row.bytes(7),
            createdAt: try row.integer(10))
        webhook.isEnabled = try row.bool(6)
        webhook.sealedOldSecret = try row.optionalBytes(8)
        webhook.oldSecretUntil = try row.optionalInteger(9)
        return webhook
    }

    private func readDelivery(_ row: Row) throws -> WebhookDelivery {
        var delivery = WebhookDelivery(
            id: try row.text(0), webhookId: try row.text(1), eventId: try row.text(2), event: try row.text(3),
            payload: try row.text(4), createdAt: try row.integer(7))
        delivery.state = try known(WebhookDelivery.State.self, try row.text(5))
        delivery.attempts = try row.int(6)
        delivery.attemptedAt = try row.optionalInteger(8)
        delivery.nextAttemptAt = try row.optionalInteger(9)
        delivery.status = try row.optionalInt(10)
        delivery.answer = try row.optionalText(11)
        delivery.failure = try row.optionalText(12)
        return delivery
    }

    private func known<Choice: RawRepresentable<String>>(_ type: Choice.Type, _ text: String) throws -> Choice {
        guard let choice = Choice(rawValue: text) else { throw DatabaseError(.unexpectedType, "\(text) is no \(type)") }
        return choice
    }
}

extension Connection {
    /// A page of a table with `created_at` and `id`, newest first, and one row more to show that there is a next page.
    fileprivate func newest<T>(
        _ select: String, _ filter: (column: String, value: String)?, _ limit: Int, _ after: PageKey?,
        _ transform: (Row) throws -> T
    ) throws -> [T] {
        var conditions = filter.map { ["\($0.column) = ?"] } ?? []
        var bindings: [(any SQLBindable)?] = filter.map { [$0.value] } ?? []
        if let after {
            conditions.append("(created_at, id) < (?, ?)")
            bindings += [after.value, after.id]
        }
        let condition = conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
        return try query(
            "\(select)\(condition) ORDER BY created_at DESC, id DESC LIMIT ?", bindings + [limit + 1], transform)
    }
}
