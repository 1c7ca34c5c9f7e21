internal import SQLiteDatabase

extension SQLiteTransaction {
    private static let columns = "id, queue, message_group, body, receives, sent_at, visible_at, dead_at, reason"

    func visibleMessages(in queue: QueueName, group: String, now: Int64, limit: Int) throws -> [QueueMessage] {
        try connection.query(
            """
            SELECT \(Self.columns) FROM queue_messages
            WHERE queue = ? AND message_group = ? AND dead_at IS NULL AND visible_at <= ?
            ORDER BY visible_at, id LIMIT ?
            """, [queue.rawValue, group, now, limit], readMessage)
    }

    func visibleGroups(in queue: QueueName, now: Int64, limit: Int) throws -> [String] {
        // From one group to the next by the index: as many steps as there are groups, however many messages.
        let next = "SELECT min(message_group) FROM queue_messages WHERE queue = ?1 AND dead_at IS NULL"
        return try connection.query(
            """
            WITH RECURSIVE groups (name) AS (
                \(next)
                UNION ALL SELECT (\(next) AND message_group > name) FROM groups WHERE name IS NOT NULL
            ), heads AS (
                SELECT name, (SELECT min(visible_at) FROM queue_messages
                    WHERE queue = ?1 AND message_group = name AND dead_at IS NULL) AS visible
                FROM groups WHERE name IS NOT NULL
            )
            SELECT name FROM heads WHERE visible <= ?2 ORDER BY visible, name LIMIT ?3
            """, [queue.rawValue, now, limit]
        ) { try $0.text(0) }
    }

    func depth(of queue: QueueName, now: Int64) throws -> QueueDepth {
        let live = try connection.first(
            """
            SELECT count(*), coalesce(sum(visible_at <= ?), 0), min(sent_at) FROM queue_messages
            WHERE queue = ? AND dead_at IS NULL
            """, [now, queue.rawValue]
        ) { (count: try $0.int(0), waiting: try $0.int(1), oldest: try $0.optionalInteger(2)) }
        let dead = try connection.first(
            "SELECT count(*) FROM queue_messages WHERE queue = ? AND dead_at IS NOT NULL", [queue.rawValue]
        ) { try $0.int(0) }
        let waiting = live?.waiting ?? 0
        return QueueDepth(
            waiting: waiting, hidden: (live?.count ?? 0) - waiting, dead: dead ?? 0, oldestSentAt: live?.oldest)
    }

    func deadMessages(in queue: QueueName, limit: Int, after: PageKey?) throws -> Page<QueueMessage> {
        let limit = min(max(limit, 1), 100)
        // The first page begins behind every key.
        let (time, id) = (after?.value ?? .max, after.flatMap { Int64($0.id) } ?? .max)
        let found = try connection.query(
            """
            SELECT \(Self.columns) FROM queue_messages
            WHERE queue = ? AND dead_at IS NOT NULL AND (dead_at, id) < (?, ?)
            ORDER BY dead_at DESC, id DESC LIMIT ?
            """, [queue.rawValue, time, id, limit + 1], readMessage)
        return Page(found, limit: limit) { PageKey(value: $0.deadAt ?? 0, id: "\($0.id)") }
    }

    func send(to queue: QueueName, group: String, now: Int64, _ body: (Int64) -> String) throws -> Int64 {
        // Nobody else writes meanwhile, so the id that comes next is known before the row is there.
        let last = try connection.first("SELECT seq FROM sqlite_sequence WHERE name = 'queue_messages'") {
            try $0.integer(0)
        }
        let id = (last ?? 0) + 1
        try connection.execute(
            "INSERT INTO queue_messages VALUES (?, ?, ?, ?, 0, ?, ?, NULL, NULL)",
            [id, queue.rawValue, group, body(id), now, now])
        return id
    }

    func receive(_ message: QueueMessage, hiddenUntil time: Int64) throws -> QueueMessage? {
        guard try change(message, "receives = receives + 1, visible_at = ?", [time]) else { return nil }
        var received = message
        received.receives += 1
        received.visibleAt = time
        return received
    }

    func delete(_ message: QueueMessage) throws -> Bool {
        try connection.execute(
            "DELETE FROM queue_messages WHERE \(Self.isTheirs)", [message.id, message.receives]) > 0
    }

    func hide(_ message: QueueMessage, until time: Int64, reason: String?) throws -> Bool {
        try change(message, "visible_at = ?, reason = coalesce(?, reason)", [time, reason])
    }

    func bury(_ message: QueueMessage, at now: Int64, reason: String) throws -> Bool {
        try change(message, "dead_at = ?, reason = ?", [now, reason])
    }

    func redrive(_ queue: QueueName, ids: [Int64]?, now: Int64, limit: Int) throws -> Int {
        let again = "UPDATE queue_messages SET dead_at = NULL, receives = 0, visible_at = ?"
        guard let ids else {
            return try connection.execute(
                """
                \(again) WHERE id IN (
                    SELECT id FROM queue_messages WHERE queue = ? AND dead_at IS NOT NULL ORDER BY dead_at, id LIMIT ?)
                """, [now, queue.rawValue, limit])
        }
        return try ids.prefix(limit).reduce(0) { count, id in
            try count
                + connection.execute(
                    "\(again) WHERE id = ? AND queue = ? AND dead_at IS NOT NULL", [now, id, queue.rawValue])
        }
    }

    func deleteDead(in queue: QueueName, diedBefore time: Int64, limit: Int) throws -> Int {
        try connection.execute(
            """
            DELETE FROM queue_messages WHERE id IN (
                SELECT id FROM queue_messages WHERE queue = ? AND dead_at IS NOT NULL AND dead_at < ? LIMIT ?)
            """, [queue.rawValue, time, limit])
    }

    func deleteDead(in queue: QueueName, id: Int64) throws -> Bool {
        try connection.execute(
            "DELETE FROM queue_messages WHERE id = ? AND queue = ? AND dead_at IS NOT NULL", [id, queue.rawValue]) > 0
    }

    /// The message as its last receiver has it.
    private static let isTheirs = "id = ? AND receives = ? AND dead_at IS NULL"

    private func change(
        _ message: QueueMessage, _ assignments: String, _ values: [(any SQLBindable)?]
    ) throws -> Bool {
        try connection.execute(
            "UPDATE queue_messages SET \(assignments) WHERE \(Self.isTheirs)",
            values + [message.id, message.receives]) > 0
    }

    private func readMessage(_ row: Row) throws -> QueueMessage {
        let name = try row.text(1)
        guard let queue = QueueName(rawValue: name) else {
            throw DatabaseError(.unexpectedType, "there is no queue \(name)")
        }
        return QueueMessage(
            id: try row.integer(0), queue: queue, group: try row.text(2), body: try row.text(3),
            receives: try row.int(4), sentAt: try row.integer(5), visibleAt: try row.integer(6),
            deadAt: try row.optionalInteger(7), reason: try row.optionalText(8))
    }
}
