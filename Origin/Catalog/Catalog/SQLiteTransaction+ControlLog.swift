internal import SQLiteDatabase

extension SQLiteTransaction {
    func controlEntries(after sequence: Int64, limit: Int) throws -> [ControlEntry] {
        try connection.query(
            "SELECT sequence, body, created_at FROM control_log WHERE sequence > ? ORDER BY sequence LIMIT ?",
            [sequence, limit]
        ) { row in
            ControlEntry(sequence: try row.integer(0), body: try row.text(1), createdAt: try row.integer(2))
        }
    }

    func controlLogExtent() throws -> ControlLogExtent {
        let extent = try connection.first(
            """
            SELECT log_id, latest, coalesce((SELECT min(sequence) FROM control_log), latest + 1)
            FROM control_log_head
            """
        ) { row in
            ControlLogExtent(logId: try row.text(0), oldest: try row.integer(2), latest: try row.integer(1))
        }
        guard let extent else { throw DatabaseError(.unexpectedType, "control_log_head has lost its row") }
        return extent
    }

    func followingEdges(connectedAt time: Int64) throws -> [FollowingEdge] {
        try connection.query(
            "SELECT id, acknowledged, connected_until FROM following_edges WHERE connected_until >= ? ORDER BY id",
            [time]
        ) { row in
            FollowingEdge(id: try row.text(0), acknowledged: try row.integer(1), connectedUntil: try row.integer(2))
        }
    }

    func appendControlEntry(_ body: String, now: Int64) throws -> Int64 {
        try connection.execute("UPDATE control_log_head SET latest = latest + 1")
        let sequence = try controlLogExtent().latest
        try connection.execute("INSERT INTO control_log VALUES (?, ?, ?)", [sequence, body, now])
        return sequence
    }

    func trimControlLog(before time: Int64) throws {
        // By sequence and not by time, so that the log has no hole even if the clock once ran backwards.
        try connection.execute(
            """
            DELETE FROM control_log WHERE sequence <
                coalesce((SELECT min(sequence) FROM control_log WHERE created_at >= ?),
                         (SELECT latest + 1 FROM control_log_head))
            """, [time])
    }

    func note(_ edge: FollowingEdge) throws {
        try connection.execute(
            """
            INSERT INTO following_edges VALUES (?, ?, ?)
            ON CONFLICT (id) DO UPDATE
                SET acknowledged = excluded.acknowledged, connected_until = excluded.connected_until
            """, [edge.id, edge.acknowledged, edge.connectedUntil])
    }
}
