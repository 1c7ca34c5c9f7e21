internal import SQLiteDatabase

extension SQLiteTransaction {
    private static let sums = VideoStatistics.sums.map(\.column)
    /// Where a sum stops, far from what would make it no integer any more, and a failure of everything that adds to it.
    private static let ceiling: Int64 = 1 << 53

    private static let columns: String = sums.joined(separator: ", ")
    private static let values: String = String(repeating: ", ?", count: sums.count)
    private static let raises: [String] = sums.map { "\($0) = min(\(ceiling), \($0) + excluded.\($0))" }

    private static let selection = """
        SELECT start, peak_viewers, \(columns) FROM video_statistics
        WHERE video_id = ? AND grain = ? AND start >= ? AND start < ? ORDER BY start LIMIT ?
        """

    private static let addition = """
        INSERT INTO video_statistics (video_id, grain, start, peak_viewers, \(columns)) VALUES (?, ?, ?, ?\(values))
        ON CONFLICT (video_id, grain, start) DO UPDATE SET
            peak_viewers = max(peak_viewers, excluded.peak_viewers), \(raises.joined(separator: ", "))
        """

    func statistics(videoId: String, grain: StatisticsGrain, in range: Range<Int64>, limit: Int) throws
        -> [(start: Int64, statistics: VideoStatistics)]
    {
        try connection.query(
            Self.selection, [videoId, grain.rawValue, range.lowerBound, range.upperBound, limit]
        ) { row in
            var statistics = VideoStatistics()
            statistics.peakViewers = try row.integer(1)
            for (column, sum) in VideoStatistics.sums.enumerated() {
                statistics[keyPath: sum.figure] = try row.integer(2 + column)
            }
            return (try row.integer(0), statistics)
        }
    }

    func retention(videoId: String) throws -> [Int64] {
        var slots = [Int64](repeating: 0, count: WatchTally.slots)
        _ = try connection.query("SELECT slot, watched_ms FROM video_retention WHERE video_id = ?", [videoId]) { row in
            slots[try row.int(0)] = try row.integer(1)
        }
        return slots
    }

    func isNew(_ batch: StatisticsBatch, at time: Int64) throws -> Bool {
        try connection.execute(
            """
            INSERT INTO statistics_sources VALUES (?, ?, ?) ON CONFLICT (source)
            DO UPDATE SET number = excluded.number, seen_at = excluded.seen_at WHERE excluded.number > number
            """, [batch.source, batch.number, time]) > 0
    }

    @discardableResult
    func add(_ tally: WatchTally, videoId: String, at time: Int64) throws -> Bool {
        guard try connection.first("SELECT 1 FROM videos WHERE id = ?", [videoId], { _ in true }) != nil else {
            return false
        }
        let figures = tally.statistics
        for grain in StatisticsGrain.allCases {
            var bindings: [(any SQLBindable)?] = [
                videoId, grain.rawValue, grain.start(of: time), figures.peakViewers,
            ]
            for (_, figure) in VideoStatistics.sums { bindings.append(figures[keyPath: figure]) }
            try connection.execute(Self.addition, bindings)
        }
        for (slot, milliseconds) in tally.slots {
            try connection.execute(
                """
                INSERT INTO video_retention VALUES (?, ?, ?) ON CONFLICT (video_id, slot)
                DO UPDATE SET watched_ms = watched_ms + excluded.watched_ms
                """, [videoId, slot, milliseconds])
        }
        return true
    }

    func forgetStatistics(now: Int64, limit: Int) throws {
        for grain in StatisticsGrain.allCases {
            guard let kept = grain.kept else { continue }
            try connection.execute(
                """
                DELETE FROM video_statistics WHERE (video_id, grain, start) IN
                    (SELECT video_id, grain, start FROM video_statistics WHERE grain = ? AND start < ? ORDER BY start LIMIT ?)
                """, [grain.rawValue, now - kept, limit])
        }
        guard let kept = StatisticsGrain.minute.kept else { return }
        try connection.execute("DELETE FROM statistics_sources WHERE seen_at < ?", [now - kept])
    }
}
