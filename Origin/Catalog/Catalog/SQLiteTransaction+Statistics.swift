internal import SQLiteDatabase

extension SQLiteTransaction {
    func statistics(videoId: String, grain: StatisticsGrain, in range: Range<Int64>, limit: Int) throws
        -> [(start: Int64, statistics: VideoStatistics)]
    {
        try connection.query(
            """
            SELECT start, views, watched_ms, peak_viewers, startups, startup_ms, stalls, stalled_ms
            FROM video_statistics WHERE video_id = ? AND grain = ? AND start >= ? AND start < ? ORDER BY start LIMIT ?
            """, [videoId, grain.rawValue, range.lowerBound, range.upperBound, limit]
        ) { row in
            var statistics = VideoStatistics()
            statistics.views = try row.integer(1)
            statistics.watchedMilliseconds = try row.integer(2)
            statistics.peakViewers = try row.integer(3)
            statistics.startups = try row.integer(4)
            statistics.startupMilliseconds = try row.integer(5)
            statistics.stalls = try row.integer(6)
            statistics.stalledMilliseconds = try row.integer(7)
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

    func add(_ tally: WatchTally, videoId: String, at time: Int64) throws {
        let figures = tally.statistics
        for grain in StatisticsGrain.allCases {
            try connection.execute(
                """
                INSERT INTO video_statistics VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (video_id, grain, start)
                DO UPDATE SET views = views + excluded.views, watched_ms = watched_ms + excluded.watched_ms,
                    peak_viewers = max(peak_viewers, excluded.peak_viewers), startups = startups + excluded.startups,
                    startup_ms = startup_ms + excluded.startup_ms, stalls = stalls + excluded.stalls,
                    stalled_ms = stalled_ms + excluded.stalled_ms
                """,
                [
                    videoId, grain.rawValue, grain.start(of: time), figures.views, figures.watchedMilliseconds,
                    figures.peakViewers, figures.startups, figures.startupMilliseconds, figures.stalls,
                    figures.stalledMilliseconds,
                ])
        }
        for (slot, milliseconds) in tally.slots {
            try connection.execute(
                """
                INSERT INTO video_retention VALUES (?, ?, ?) ON CONFLICT (video_id, slot)
                DO UPDATE SET watched_ms = watched_ms + excluded.watched_ms
                """, [videoId, slot, milliseconds])
        }
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
    }
}
