internal import SQLiteDatabase

extension SQLiteTransaction {
    func videos(_ query: VideoQuery) throws -> Page<Video> {
        if let text = query.text {
            guard let words = SearchWords(text) else { return Page(items: [], next: nil) }
            return try search(words, query)
        }
        let order = ListOrder(query.sort)
        var bindings: [(any SQLBindable)?] = []
        let shelves = query.shelves.map { shelf in
            var conditions = ["shelf = \(shelf.number)"]
            if let owner = shelf.ownerId {
                conditions.insert("owner_id = ?", at: 0)
                bindings.append(owner)
            }
            if let after = query.after {
                conditions.append("(\(order.column), id) \(order.comparison) (?, ?)")
                bindings += [after.value, after.id]
            }
            return """
                SELECT \(Self.videoColumns) FROM videos INDEXED BY \(order.index(isOwned: shelf.ownerId != nil))
                WHERE \(conditions.joined(separator: " AND "))
                """
        }
        bindings.append(query.pageSize + 1)
        let found = try connection.query(
            """
            \(shelves.joined(separator: " UNION ALL "))
            ORDER BY \(order.column) \(order.direction), id \(order.direction) LIMIT ?
            """, bindings, Self.readVideo)
        return try page(found, query.pageSize) { PageKey(value: order.value(of: $0), id: $0.id) }
    }

    /// The page that begins `found`, which has one more when there is a next one.
    func page(_ found: [Video], _ limit: Int, key: (Video) -> PageKey) throws -> Page<Video> {
        let items = try withRenditions(Array(found.prefix(limit)))
        return Page(items: items, next: found.count > limit ? items.last.map(key) : nil)
    }
}

/// One run of an index: a shelf of everybody's or of one owner's videos.
private struct Shelf {
    let number: Int
    let ownerId: String?
}

extension VideoQuery {
    /// What is asked for, within bounds.
    var pageSize: Int { min(max(limit, 1), 100) }

    fileprivate var shelves: [Shelf] {
        let listed = Shelf(number: 1, ownerId: ownerId)
        if showsUnlisted(of: ownerId) { return [listed, Shelf(number: 0, ownerId: ownerId)] }
        if ownerId == nil, case .account(let id) = audience { return [listed, Shelf(number: 0, ownerId: id)] }
        return [listed]
    }
}

/// How a list without a search is sorted.
private struct ListOrder {
    let column: String
    let direction: String
    let comparison: String

    init(_ sort: VideoQuery.Sort) {
        (column, direction, comparison) =
            switch sort {
            case .newest, .relevance: ("created_at", "DESC", "<")
            case .oldest: ("created_at", "ASC", ">")
            case .views: ("views", "DESC", "<")
            }
    }

    /// Named, so that no statistics make the planner sort instead.
    func index(isOwned: Bool) -> String {
        "videos_\(isOwned ? "owned" : "shelved")_by_\(column == "views" ? "views" : "creation")"
    }

    func value(of video: Video) -> Int64 { column == "views" ? video.views : video.createdAt }
}
