import Catalog
import Testing

@Suite struct StatisticsTableTests {
    private let day: Int64 = 86_400_000

    private func tally(watched: Int64, viewers: Int64 = 1, slots: [Int: Int64] = [:]) -> WatchTally {
        var tally = WatchTally()
        tally.statistics.watchedMilliseconds = watched
        tally.statistics.peakViewers = viewers
        tally.slots = slots
        return tally
    }

    @Test func `figures add up in every grain, and peaks do not`() async throws {
        try await withCatalog { catalog in
            let start = 100 * day
            try await catalog.write { transaction in
                try transaction.insert(makeVideo("v"))
                for (time, watched, viewers) in [(0, 1_000, 2), (59_999, 500, 5), (60_000, 7, 1), (3_600_000, 1, 3)]
                    as [(Int64, Int64, Int64)]
                {
                    let sessions = [makeSession("v", "s\(time)")]
                    try transaction.record(
                        sessions, tallies: ["v": tally(watched: watched, viewers: viewers)], at: start + time)
                }
            }
            func spans(_ grain: StatisticsGrain) async throws -> [[Int64]] {
                try await catalog.read { [day] reader in
                    try reader.statistics(videoId: "v", grain: grain, in: start..<start + day, limit: 99).map {
                        [
                            $0.start - start, $0.statistics.views, $0.statistics.watchedMilliseconds,
                            $0.statistics.peakViewers,
                        ]
                    }
                }
            }
            #expect(try await spans(.minute) == [[0, 2, 1_500, 5], [60_000, 1, 7, 1], [3_600_000, 1, 1, 3]])
            #expect(try await spans(.hour) == [[0, 3, 1_507, 5], [3_600_000, 1, 1, 3]])
            #expect(try await spans(.day) == [[0, 4, 1_508, 5]])
        }
    }

    @Test func `parts of a video add up, and figures of one that is gone are dropped`() async throws {
        try await withCatalog { catalog in
            let slots = try await catalog.write { transaction in
                try transaction.insert(makeVideo("v"))
                for id in ["v", "gone"] {
                    for _ in 0..<2 {
                        try transaction.record(
                            [makeSession(id, "s")], tallies: [id: tally(watched: 1, slots: [0: 10, 99: 5])], at: 1)
                    }
                }
                return try transaction.retention(videoId: "v")
            }
            #expect(slots.count == 100 && slots[0] == 20 && slots[99] == 10 && slots[1] == 0)
        }
    }

    @Test func `minutes and hours are forgotten in time, days are not`() async throws {
        try await withCatalog { catalog in
            let kept = try await catalog.write { [day] transaction in
                try transaction.insert(makeVideo("v"))
                for age in [0, 1, 3, 100] as [Int64] {
                    try transaction.record(
                        [makeSession("v", "s\(age)")], tallies: ["v": tally(watched: 1)], at: (1_000 - age) * day)
                }
                try transaction.forgetStatistics(now: 1_000 * day, limit: 100)
                return try StatisticsGrain.allCases.map {
                    try transaction.statistics(videoId: "v", grain: $0, in: 0..<(.max), limit: 99).count
                }
            }
            #expect(kept == [2, 3, 4])
        }
    }
}
