extension Page {
    /// The first `limit` of what was found, and where the next page starts if one more than that was found.
    init(_ found: [Item], limit: Int, key: (Item) -> PageKey) {
        let items = Array(found.prefix(limit))
        self.init(items: items, next: found.count > limit ? items.last.map(key) : nil)
    }
}
