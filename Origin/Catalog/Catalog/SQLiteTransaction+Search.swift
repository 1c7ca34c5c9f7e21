internal import SQLiteDatabase

extension SQLiteTransaction {
    /// A video that a search finds.
    private struct Match {
        /// Its place among all videos by the time of making.
        let number: Int64
        let videoId: String
        let fit: SearchWords.Fit
    }

    func search(_ words: SearchWords, _ query: VideoQuery) throws -> Page<Video> {
        let matches =
            switch query.sort {
            case .relevance: try bestMatches(words, query, after: query.after, limit: query.pageSize + 1)
            case .newest, .oldest:
                try matches(
                    words.query(audience: query.searchAudience), after: query.after?.value,
                    isNewestFirst: query.sort == .newest, limit: query.pageSize + 1)
            case .views: try bestMatches(words, query, after: nil, limit: VideoQuery.rankedMatches)
            }
        guard query.sort != .views else { return try mostViewed(of: matches, query) }
        let found = try videos(matches.map(\.videoId))
        let last = matches.prefix(query.pageSize).last
        return try page(found, query.pageSize) { _ in
            PageKey(value: last?.number ?? 0, id: query.sort == .relevance ? "\(last?.fit.rawValue ?? 0)" : "")
        }
    }

    /// Matches from the best fit to the least, within one fit the newest first.
    private func bestMatches(
        _ words: SearchWords, _ query: VideoQuery, after: PageKey?, limit: Int
    ) throws -> [Match] {
        let begun = after.flatMap { Int($0.id) }.flatMap(SearchWords.Fit.init(rawValue:))
        var found: [Match] = []
        for fit in words.fits where found.count < limit && fit.rawValue >= begun?.rawValue ?? 0 {
            found += try matches(
                words.query(fit, audience: query.searchAudience), fit: fit, after: fit == begun ? after?.value : nil,
                isNewestFirst: true, limit: limit - found.count)
        }
        return found
    }

    private func matches(
        _ expression: String, fit: SearchWords.Fit = .anywhere, after: Int64?, isNewestFirst: Bool, limit: Int
    ) throws -> [Match] {
        let (comparison, direction, start) = isNewestFirst ? ("<", "DESC", Int64.max) : (">", "ASC", -1)
        return try connection.query(
            """
            SELECT s.rowid, n.video_id FROM video_search AS s CROSS JOIN video_numbers AS n ON n.number = s.rowid
            WHERE s.video_search MATCH ? AND s.rowid \(comparison) ? ORDER BY s.rowid \(direction) LIMIT ?
            """, [expression, after ?? start, limit]
        ) { Match(number: try $0.integer(0), videoId: try $0.text(1), fit: fit) }
    }

    private func mostViewed(of matches: [Match], _ query: VideoQuery) throws -> Page<Video> {
        let views = try connection.query(
            "SELECT views, id FROM videos WHERE id IN (SELECT value FROM json_each(?))",
            [matches.map(\.videoId).sqlList]
        ) { (views: try $0.integer(0), id: try $0.text(1)) }
        let rest = views.sorted { $0 > $1 }.filter { place in
            query.after.map { place < ($0.value, $0.id) } ?? true
        }
        return try page(try videos(rest.prefix(query.pageSize + 1).map(\.id)), query.pageSize) {
            PageKey(value: $0.views, id: $0.id)
        }
    }

    /// The videos of these ids, in their order.
    private func videos(_ ids: [String]) throws -> [Video] {
        let found = try connection.query(
            "SELECT \(Self.videoColumns) FROM videos WHERE id IN (SELECT value FROM json_each(?))", [ids.sqlList],
            Self.readVideo)
        let byId = Dictionary(uniqueKeysWithValues: found.map { ($0.id, $0) })
        return ids.compactMap { byId[$0] }
    }
}
