import Catalog
import HTTPServer
import HTTPWire
import JSON
import Testing

@testable import EdgeControl

@Suite struct PlaybackReportTests {
    private let run = "0123456789abcdef"

    private func row(_ videoId: String, at milliseconds: Int64, bytes: Int64 = 1_000, hits: Int64 = 3) -> JSONObject {
        [
            "videoId": .string(videoId), "at": .integer(milliseconds / 1_000), "bytes": .integer(bytes),
            "hits": .integer(hits), "misses": 1, "told": 4, "starved": 1, "urgent": 2, "measured": 2,
            "measuredKilobits": 9_000,
        ]
    }

    private func report(_ number: Int64, run: String? = nil, _ rows: [JSONObject]) -> JSONValue {
        [
            "run": .string(run ?? self.run), "number": .integer(number),
            "videos": .array(rows.map { .object($0) }),
        ]
    }

    private func bench() async throws -> ControlBench {
        let bench = try ControlBench()
        try await bench.catalog.write { transaction in
            for id in ["v", "w"] {
                try transaction.insert(
                    Video(
                        id: id, ownerId: "anna", ownerName: "Anna", title: "t", fileName: "f",
                        contentType: "video/mp4", uploadKey: id, declaredSize: 1, visibility: .public,
                        createdAt: 1))
            }
        }
        return bench
    }

    private func spans(
        _ id: String, _ bench: ControlBench, grain: StatisticsGrain = .minute
    ) async throws -> [(start: Int64, statistics: VideoStatistics)] {
        try await bench.catalog.read { try $0.statistics(videoId: id, grain: grain, in: 0..<(.max), limit: 99) }
    }

    @Test func `what edges report adds up by video and span, and what comes again counts once`() async throws {
        let bench = try await bench()
        let now = bench.now
        let first = report(
            1, [row("v", at: now), row("w", at: now), row("v", at: now - 120_000), row("gone", at: now)])
        for _ in 0..<2 { #expect(await bench.report(first).status == .noContent) }
        #expect(await bench.report(first, edge: "e2").status == .noContent)
        #expect(await bench.report(report(1, run: "fedcba9876543210", [row("v", at: now)])).status == .noContent)
        #expect(await bench.report(report(2, [row("v", at: now)])).status == .noContent)
        #expect(await bench.report(first).status == .noContent)
        #expect(try await spans("v", bench).map(\.statistics.hits) == [6, 12])
        let day = try #require(try await spans("v", bench, grain: .day).last?.statistics)
        #expect(day.hits == 18 && day.misses == 6 && day.bytes == 6_000 && day.views == 0)
        #expect(day.told == 24 && day.starved == 6 && day.urgent == 12)
        #expect(day.measured == 12 && day.measuredKilobits == 54_000)
        #expect(try await spans("w", bench).map(\.statistics.hits) == [6])
    }

    @Test func `a report says when, within reason`() async throws {
        let bench = try await bench()
        let (now, day) = (bench.now, 86_400_000 as Int64)
        let rows = [row("v", at: now + 600_000), row("w", at: now - 2 * day), row("w", at: now - day)]
        #expect(await bench.report(report(1, rows)).status == .noContent)
        #expect(
            try await spans("v", bench).map(\.start) == [StatisticsGrain.minute.start(of: now)], "not in time to come")
        #expect(try await spans("w", bench).map(\.start) == [StatisticsGrain.minute.start(of: now - day)], "too old")
    }

    @Test func `only an edge reports, under its own name, what it has signed`() async throws {
        let bench = try await bench()
        let document = report(1, [row("v", at: bench.now)])
        for (edge, key) in [("e1", nil), ("e1", "ADMIN"), ("b", "EDGE-A"), ("e1", "NOBODY")] as [(String, String?)] {
            #expect(await bench.report(document, edge: edge, as: key).status == .forbidden)
        }
        #expect(await bench.report(document, edge: "a%20b").status == .badRequest)
        let forged = await bench.call(
            .post, "/edges/e1/playback", as: "EDGE", service: "weir", region: "eu-central-1",
            body: document.serialized(), sending: report(1, [row("v", at: bench.now, bytes: 7)]).serialized())
        #expect(forged.status == .forbidden)
        #expect(try await spans("v", bench).isEmpty)
        #expect(await bench.report(document, edge: "a", as: "EDGE-A").status == .noContent)
    }

    @Test func `of a report that is wrong in one place nothing counts`() async throws {
        let bench = try await bench()
        let now = bench.now
        var wrong: [JSONValue] = [
            [:], [], "report", report(0, []), report(-1, []), report(1, run: "short", []), report(1, run: "a/b…", []),
            ["run": .string(run), "number": 1], ["run": .string(run), "number": "1", "videos": []],
            report(1, Array(repeating: row("v", at: now), count: 513)),
        ]
        let changes: [(String, JSONValue?)] = [
            ("videoId", nil), ("videoId", "../v"), ("videoId", 7), ("at", nil), ("at", -1), ("at", .integer(.max)),
            ("bytes", -1), ("bytes", .integer(.max)), ("hits", 0.5), ("misses", nil), ("told", "1"), ("starved", nil),
            ("urgent", nil), ("measured", nil), ("measuredKilobits", .number(1e300)),
        ]
        for (name, value) in changes {
            var row = row("v", at: now)
            row[name] = value
            wrong.append(report(1, [self.row("v", at: now), row]))
        }
        for document in wrong {
            #expect(await bench.report(document).status == .badRequest, "\(document)")
        }
        let large = await bench.call(
            .post, "/edges/e1/playback", as: "EDGE", service: "weir", region: "eu-central-1",
            body: Array(repeating: 32, count: 262_145))
        #expect(large.status == .contentTooLarge)
        #expect(try await spans("v", bench).isEmpty)
        #expect(await bench.report(report(1, [row("v", at: now)])).status == .noContent, "the number is still free")
    }
}
