internal import SQLiteDatabase

extension SQLiteTransaction {
    /// What everybody sees in lists.
    static let isListed = "shelf = 1"

    func channel(of accountId: String) throws -> Channel? {
        let name = try connection.first(
            """
            SELECT owner_name FROM videos WHERE owner_id = ? AND \(Self.isListed)
            ORDER BY created_at DESC, id DESC LIMIT 1
            """, [accountId]
        ) { try $0.text(0) }
        guard let name else { return nil }
        let figures = try connection.first(
            """
            SELECT (SELECT count(*) FROM videos WHERE owner_id = ?1 AND \(Self.isListed)),
                coalesce((SELECT subscribers FROM channels WHERE account_id = ?1), 0)
            """, [accountId]
        ) { (videos: try $0.integer(0), subscribers: try $0.integer(1)) }
        return Channel(
            accountId: accountId, name: name, videos: figures?.videos ?? 0, subscribers: figures?.subscribers ?? 0)
    }

    func isSubscribed(_ accountId: String, to channelId: String) throws -> Bool {
        try connection.first(
            "SELECT 1 FROM subscriptions WHERE account_id = ? AND channel_id = ?", [accountId, channelId], { _ in true }
        )
            ?? false
    }

    func subscriptionCount(of accountId: String) throws -> Int {
        try connection.first("SELECT count(*) FROM subscriptions WHERE account_id = ?", [accountId]) { try $0.int(0) }
            ?? 0
    }

    func subscriptions(of accountId: String, limit: Int, after: PageKey?) throws -> Page<Subscription> {
        let found = try connection.query(
            """
            SELECT channel_id, created_at FROM subscriptions WHERE account_id = ? AND (created_at, channel_id) < (?, ?)
            ORDER BY created_at DESC, channel_id DESC LIMIT ?
            """, [accountId, after?.value ?? .max, after?.id ?? "", limit + 1]
        ) { Subscription(channelId: try $0.text(0), createdAt: try $0.integer(1)) }
        return Page(found, limit: limit) { PageKey(value: $0.createdAt, id: $0.channelId) }
    }

    /// Asks each channel for its next video and takes the newest of them, until there are enough: as many short looks into an
    /// index as there are channels and videos on the page, however many videos there are.
    func feed(of accountId: String, limit: Int, after: PageKey?) throws -> Page<String> {
        let channels = try connection.query("SELECT channel_id FROM subscriptions WHERE account_id = ?", [accountId]) {
            try $0.text(0)
        }
        let start = after ?? PageKey(value: .max, id: "")
        var heads = try channels.compactMap { channel in
            try newest(of: channel, before: start).map { (channel: channel, key: $0) }
        }
        var found: [PageKey] = []
        while found.count <= limit, let next = heads.indices.max(by: { heads[$0].key.isBefore(heads[$1].key) }) {
            found.append(heads[next].key)
            if let key = try newest(of: heads[next].channel, before: heads[next].key) {
                heads[next].key = key
            } else {
                heads.swapAt(next, heads.count - 1)
                heads.removeLast()
            }
        }
        let page = Page(found, limit: limit) { $0 }
        return Page(items: page.items.map(\.id), next: page.next)
    }

    func subscribe(_ accountId: String, to channelId: String, at time: Int64) throws {
        try connection.execute(
            "INSERT INTO subscriptions VALUES (?, ?, ?) ON CONFLICT DO NOTHING", [accountId, channelId, time])
    }

    func unsubscribe(_ accountId: String, from channelId: String) throws {
        try connection.execute(
            "DELETE FROM subscriptions WHERE account_id = ? AND channel_id = ?", [accountId, channelId])
    }

    private func newest(of channel: String, before key: PageKey) throws -> PageKey? {
        try connection.first(
            """
            SELECT created_at, id FROM videos
            WHERE owner_id = ? AND \(Self.isListed) AND (created_at, id) < (?, ?)
            ORDER BY created_at DESC, id DESC LIMIT 1
            """, [channel, key.value, key.id]
        ) { PageKey(value: try $0.integer(0), id: try $0.text(1)) }
    }
}

extension PageKey {
    fileprivate func isBefore(_ other: PageKey) -> Bool { (value, id) < (other.value, other.id) }
}
