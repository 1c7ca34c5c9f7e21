import Catalog
import HTTPServer
import HTTPWire
import JSON
import TestKit
import Testing
import Viewing

@testable import API

@Suite struct ViewTests {
    private func ping(
        _ bench: Bench, _ id: String, as account: String? = nil, session: String = "session-1", at position: Double = 0,
        event: JSONValue = "progress"
    ) async -> Response {
        await bench.call(
            .post, "/videos/\(id)/views", as: account,
            ["sessionId": .string(session), "positionSeconds": .number(position), "event": event])
    }

    @Test func `a session counts once, whoever it is of`() async throws {
        let bench = try await Bench()
        let id = try await bench.playing()
        for position in [0, 4.5, 9] { #expect(await ping(bench, id, at: position).status == .noContent) }
        #expect(await ping(bench, id, as: "token-ben", session: "session-2").status == .noContent)
        await bench.viewing.finish()
        #expect(await bench.call(.get, "/videos/\(id)").json["views"] == 2)
    }

    @Test func `pings are counted as pings, not as other changes`() async throws {
        var limits = CallLimits()
        limits.writes = 1
        let bench = try await Bench(limits: limits)
        let id = try await bench.playing()
        for number in 0..<3 {
            #expect(await ping(bench, id, as: "token-ben", at: Double(number)).status == .noContent)
            #expect(await ping(bench, id, at: Double(number)).status == .noContent)
        }
    }

    @Test func `a ping is refused by the field that is wrong`() async throws {
        let bench = try await Bench()
        let id = try await bench.playing()
        for (session, position, event, field, status) in [
            ("short", 0, "play", "sessionId", 400), ("session 1", 0, "play", "sessionId", 400),
            ("session-1", -1, "play", "positionSeconds", 400), ("session-1", 22.1, "play", "positionSeconds", 422),
            ("session-1", 0, "explode", "event", 400), ("session-1", 0, 7, "event", 400),
        ] as [(String, Double, JSONValue, String, Int)] {
            let answer = await ping(bench, id, session: session, at: position, event: event)
            #expect(answer.status.code == status)
            #expect(answer.code == (status == 400 ? "invalid_request" : "unprocessable"))
            #expect(answer.json["detail"]?.string?.hasPrefix(field) == true)
        }
        #expect(await bench.call(.post, "/videos/\(id)/views", ["sessionId": "session-1"]).code == "invalid_request")
        #expect(await ping(bench, id, at: 21.9).status == .noContent, "lengths are told rounded")
        #expect(await ping(bench, await bench.upload()).code == "not_playable")
        #expect(await ping(bench, "none").code == "video_not_found")
    }

    @Test func `history has what was watched, last first, with where to go on`() async throws {
        let bench = try await Bench()
        var ids: [String] = []
        for number in 0..<3 {
            ids.append(try await bench.playing(title: "film \(number)"))
            _ = await ping(bench, ids[number], as: "token-ben", at: Double(number + 1))
            await bench.viewing.finish()
            bench.clock.advance(seconds: 1)
        }
        let first = await bench.call(.get, "/me/history?limit=2", as: "token-ben").json
        #expect(first["items"]?.array?.compactMap { $0["video"]?["title"]?.string } == ["film 2", "film 1"])
        #expect(first["items"]?.array?.compactMap { $0["positionSeconds"]?.number } == [3, 2])
        let key = try #require(first["lastEvaluatedKey"]?.string)
        let second = await bench.call(.get, "/me/history?limit=2&startKey=\(key)", as: "token-ben").json
        #expect(second["items"]?.array?.count == 1 && second["lastEvaluatedKey"] == nil)
        #expect(await bench.call(.get, "/me/history", as: "token-anna").json["items"] == [])
        #expect(await bench.call(.get, "/me/history").code == "unauthenticated")

        #expect(await bench.call(.delete, "/me/history/\(ids[1])", as: "token-ben").status == .noContent)
        #expect(await bench.call(.get, "/me/history", as: "token-ben").json["items"]?.array?.count == 2)
        #expect(await bench.call(.delete, "/me/history", as: "token-ben").status == .noContent)
        #expect(await bench.call(.get, "/me/history", as: "token-ben").json["items"] == [])
    }

    @Test func `what has become private leaves the history of others`() async throws {
        let bench = try await Bench()
        let id = try await bench.playing()
        for account in ["token-anna", "token-ben"] { _ = await ping(bench, id, as: account, session: account) }
        await bench.viewing.finish()
        _ = await bench.call(.patch, "/videos/\(id)", as: "token-anna", ["visibility": "private"])
        #expect(await bench.call(.get, "/me/history", as: "token-ben").json["items"] == [])
        #expect(await bench.call(.get, "/me/history", as: "token-anna").json["items"]?.array?.count == 1)
        bench.clock.advance(seconds: 1)
        #expect(await ping(bench, id, as: "token-ben").code == "video_not_found")
    }

    @Test(arguments: [(0, nil), (5, 5), (11.3, 11.3), (11.5, nil), (12, nil)] as [(Double, Double?)])
    func `a video says where its viewer stopped, while something is left of it`(_ position: Double, _ resume: Double?)
        async throws
    {
        let bench = try await Bench()
        let id = try await bench.playing()
        _ = await ping(bench, id, as: "token-ben", at: position)
        await bench.viewing.finish()
        #expect(await bench.call(.get, "/videos/\(id)", as: "token-ben").json["resumeSeconds"]?.number == resume)
        #expect(await bench.call(.get, "/videos/\(id)", as: "token-anna").json["resumeSeconds"] == nil)
        #expect(await bench.call(.get, "/videos/\(id)").json["resumeSeconds"] == nil)
    }
}
