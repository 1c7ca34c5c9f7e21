import Catalog
import Testing

@Suite struct StatisticsTableTests {
    private let day: Int64 = 86_400_000

    private func batch(_ number: Int64, of source: String = "origin:1", _ tallies: [String: WatchTally]) -> [TallyBatch]
    {
        [TallyBatch(StatisticsBatch(source: source, number: number), tallies)]
    }

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
                        sessions, tallies: batch(time + 1, ["v": tally(watched: watched, viewers: viewers)]),
                        at: start + time)
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
                    for number in 1...2 {
                        try transaction.record(
                            [makeSession(id, "s")],
                            tallies: batch(Int64(number), of: id, [id: tally(watched: 1, slots: [0: 10, 99: 5])]), at: 1
                        )
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
                for age in [100, 3, 1, 0] as [Int64] {
                    try transaction.record(
                        [makeSession("v", "s\(age)")], tallies: batch(1_000 - age, ["v": tally(watched: 1)]),
                        at: (1_000 - age) * day)
                }
                try transaction.forgetStatistics(now: 1_000 * day, limit: 100)
                return try StatisticsGrain.allCases.map {
                    try transaction.statistics(videoId: "v", grain: $0, in: 0..<(.max), limit: 99).count
                }
            }
            #expect(kept == [2, 3, 4])
        }
    }

    @Test func `a batch that comes again adds nothing, nor does an older one`() async throws {
        try await withCatalog { catalog in
            let added = try await catalog.write { transaction in
                try transaction.insert(makeVideo("v"))
                for (source, number) in [("a", 1), ("a", 1), ("a", 3), ("a", 2), ("b", 1)] as [(String, Int64)] {
                    try transaction.record(
                        [makeSession("v", "s")], tallies: batch(number, of: source, ["v": tally(watched: 10)]), at: 5)
                }
                return try transaction.statistics(videoId: "v", grain: .day, in: 0..<(.max), limit: 9)
            }
            #expect(added.map(\.statistics.watchedMilliseconds) == [30] && added.map(\.statistics.views) == [1])
        }
    }

    @Test func `sources are forgotten once all they could repeat is refused for its age`() async throws {
        try await withCatalog { catalog in
            let isNew = try await catalog.write { [day] transaction in
                let old = StatisticsBatch(source: "a", number: 1)
                var isNew = [try transaction.isNew(old, at: 0), try transaction.isNew(old, at: 1)]
                try transaction.forgetStatistics(now: 2 * day, limit: 1)
                isNew.append(try transaction.isNew(old, at: 2 * day))
                try transaction.forgetStatistics(now: 2 * day + 1, limit: 1)
                isNew.append(try transaction.isNew(old, at: 2 * day + 1))
                return isNew
            }
            #expect(isNew == [true, false, false, true])
        }
    }

    @Test func `a sum never becomes too large to be added to`() async throws {
        try await withCatalog { catalog in
            let sums = try await catalog.write { transaction in
                try transaction.insert(makeVideo("v"))
                var tally = WatchTally()
                tally.statistics.bytes = .max / 2
                for _ in 0..<4 { #expect(try transaction.add(tally, videoId: "v", at: 0)) }
                #expect(try !transaction.add(tally, videoId: "gone", at: 0))
                return try transaction.statistics(videoId: "v", grain: .day, in: 0..<1, limit: 1)
            }
            #expect(sums.map(\.statistics.bytes) == [1 << 53])
        }
    }
}
