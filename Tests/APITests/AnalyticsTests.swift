import Catalog
import HTTPServer
import HTTPWire
import JSON
import TestKit
import Testing
import Viewing

@testable import API

@Suite struct AnalyticsTests {
    /// Two people watch the first half, one of them the rest.
    private func watched(_ bench: Bench) async throws -> String {
        let id = try await bench.playing()
        for (session, event, position, more) in [
            ("session-1", "play", 0, ["startupMilliseconds": 400]),
            ("session-2", "play", 0, ["startupMilliseconds": 600]),
            ("session-1", "progress", 6, [:]), ("session-2", "ended", 6, ["stalledMilliseconds": 2_000]),
            ("session-1", "ended", 12, [:]),
        ] as [(String, String, Double, JSONObject)] {
            if event != "play" { bench.clock.advance(seconds: 3) }
            var body: JSONObject = [
                "sessionId": .string(session), "event": .string(event), "positionSeconds": .number(position),
            ]
            for member in more.members { body[member.key] = member.value }
            #expect(await bench.call(.post, "/videos/\(id)/views", .object(body)).status == .noContent)
            await bench.viewing.finish()
        }
        return id
    }

    @Test func `a video's owner sees how it is watched`() async throws {
        let bench = try await Bench()
        let id = try await watched(bench)
        let answer = await bench.call(.get, "/videos/\(id)/analytics?granularity=day", as: "token-anna").json
        let days = try #require(answer["items"]?.array)
        #expect(days.reduce(0) { $0 + ($1["views"]?.integer ?? 0) } == 2)
        #expect(days.reduce(0) { $0 + ($1["watchedSeconds"]?.number ?? 0) } == 18)
        #expect(days.map { $0["peakViewers"]?.integer ?? 0 }.max() == 2)
        #expect(days.first?["startupSeconds"] == 0.5 && days.first?["rebufferRatio"] == 0.1)
        #expect(answer["viewers"] == 0)
        let retention = try #require(answer["retention"]?.array).compactMap(\.number)
        #expect(retention.count == 100)
        #expect(abs((retention.first ?? 0) - 1) < 0.02 && abs((retention.last ?? 0) - 0.5) < 0.02)
    }

    @Test func `figures come as CSV for who prefers that`() async throws {
        let bench = try await Bench()
        let id = try await watched(bench)
        let answer = await bench.call(
            .get, "/videos/\(id)/analytics", as: "token-anna", fields: [("Accept", "text/csv")])
        #expect(answer.headers.first("Content-Type") == "text/csv; charset=utf-8")
        #expect(answer.headers.first("Content-Disposition")?.hasPrefix("attachment") == true)
        for (query, accept, isCSV) in [
            ("?format=csv", "application/json", true), ("?format=json", "text/csv", false),
            ("", "text/csv, application/json", false),
        ] {
            let type = await bench.call(
                .get, "/videos/\(id)/analytics\(query)", as: "token-anna", fields: [("Accept", accept)]
            ).headers.first("Content-Type")
            #expect(type?.hasPrefix("text/csv") == isCSV, "\(query) \(accept)")
        }
        guard case .bytes(let bytes) = answer.body else { return }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n")
        let header =
            "start,views,watchedSeconds,peakViewers,startups,startupSeconds,stalls,stalledSeconds,rebufferRatio,"
            + "bytes,hits,misses,hitRatio,playerRequests,starvedRequests,urgentRequests,throughputKilobitsPerSecond"
        #expect(lines.first.map(String.init) == header)
        #expect(lines.last?.hasSuffix(",2,18.0,2,2,0.5,1,2.0,0.1,0,0,0,,0,0,0,") == true)
    }

    @Test func `what edges have served stands beside what players tell`() async throws {
        let bench = try await Bench()
        let id = try await watched(bench)
        let now = bench.clock.now
        try await bench.catalog.write { transaction in
            var tally = WatchTally()
            (tally.statistics.bytes, tally.statistics.hits, tally.statistics.misses) = (1_000, 3, 1)
            (tally.statistics.told, tally.statistics.starved, tally.statistics.urgent) = (4, 1, 2)
            (tally.statistics.measured, tally.statistics.measuredKilobits) = (2, 9_000)
            try transaction.add(tally, videoId: id, at: now)
        }
        let answer = await bench.call(.get, "/videos/\(id)/analytics", as: "token-anna").json
        let day = try #require(answer["items"]?.array?.last)
        #expect(day["bytes"] == 1_000 && day["hits"] == 3 && day["misses"] == 1 && day["hitRatio"] == 0.75)
        #expect(day["playerRequests"] == 4 && day["starvedRequests"] == 1 && day["urgentRequests"] == 2)
        #expect(day["throughputKilobitsPerSecond"]?.number == 4_500)
    }

    @Test(arguments: ["1969-12-31T23:00:00Z&to=1969-12-31T23:30:00Z", "0001-01-01T00:00:00Z&to=0001-01-02T00:00:00Z"])
    func `times before there were videos have no spans`(_ times: String) async throws {
        let bench = try await Bench()
        let id = try await watched(bench)
        let answer = await bench.call(.get, "/videos/\(id)/analytics?from=\(times)", as: "token-anna")
        #expect(answer.status == .ok && answer.json["items"]?.array?.isEmpty == true)
    }

    @Test func `nobody else sees them, and spans are limited`() async throws {
        let bench = try await Bench()
        let id = try await bench.playing()
        let hidden = try await bench.playing(visibility: "private")
        #expect(await bench.call(.get, "/videos/\(id)/analytics", as: "token-ben").code == "forbidden")
        #expect(await bench.call(.get, "/videos/\(hidden)/analytics", as: "token-ben").code == "video_not_found")
        #expect(await bench.call(.get, "/videos/\(hidden)/analytics", as: "token-admin").status == .ok)
        for (query, code) in [
            ("granularity=year", "invalid_request"), ("format=xml", "invalid_request"),
            ("to=", "invalid_request"),
            ("from=yesterday", "unprocessable"),
            ("from=2026-11-22T00:00:00Z&to=2026-11-21T00:00:00Z", "unprocessable"),
            ("granularity=minute&from=2020-01-01T00:00:00Z", "unprocessable"),
        ] {
            let answer = await bench.call(.get, "/videos/\(id)/analytics?\(query)", as: "token-anna")
            #expect(answer.code == code && answer.json["parameter"] != nil, "\(query)")
        }
    }
}
