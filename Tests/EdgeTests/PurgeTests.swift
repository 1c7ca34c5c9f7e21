import HTTPClient
import HTTPServer
import HTTPWire
import JSON
import Synchronization
import Telemetry
import TestKit
import Testing

@testable import Edge

@Suite struct PurgeTests {
    private static let tagged: Headers = [
        "Cache-Control": "public, max-age=600, stale-if-error=600", "ETag": "\"v1\"", "Cache-Tag": "video:v1, Shelf",
    ]

    @Test(
        arguments: [
            ["urls": ["/open/v1/a"]], ["urls": ["http://edge.example/open/v1/%61?ignored=1"]],
            ["prefixes": ["/open/v1/"]],
            ["prefixes": ["https://edge.example/open/v*"]], ["tags": ["video:v1"]], ["tags": ["none", "shelf"]],
            ["tags": ["VIDEO:V1"]], ["tags": ["sHeLf"]], ["all": true],
        ] as [JSONValue])
    func `after a purge the next request asks the origin`(order: JSONValue) async throws {
        try await withWorld { world in
            world.origin.answer("/open/v1/a", patterned(300_000), headers: Self.tagged)
            _ = try await world.get("/open/v1/a")
            try await world.untilStored("/open/v1/a")
            world.origin.answer("/open/v1/a", patterned(200_000, seed: 2), headers: Self.tagged)
            try await world.purge(order)
            let after = try await world.get("/open/v1/a")
            #expect(after.cache == "Miss from weir")
            #expect(after.body == patterned(200_000, seed: 2))
        }
    }

    @Test(
        arguments: [
            ["urls": ["/open/v1"]], ["urls": ["/open/v1/b"]], ["prefixes": ["/open/v2/"]], ["tags": ["video:v2"]],
        ] as [JSONValue])
    func `a purge leaves everything else alone`(order: JSONValue) async throws {
        try await withWorld { world in
            world.origin.answer("/open/v1/a", patterned(300_000), headers: Self.tagged)
            _ = try await world.get("/open/v1/a")
            try await world.untilStored("/open/v1/a")
            try await world.purge(order)
            #expect(try await world.get("/open/v1/a").cache == "Hit from weir")
        }
    }

    @Test(arguments: ["public, max-age=600", "public, max-age=0, stale-while-revalidate=600", "no-cache"])
    func `whoever asks after a purge gets what is newer, however many ask all the time`(control: String) async throws {
        let versions = Versions()
        try await withWorld { world in
            world.origin.answer("/open/v1/a") { _ in
                let current = versions.current.load(ordering: .acquiring)
                return Response(
                    status: .ok,
                    headers: ["Cache-Control": control, "ETag": "\"\(current)\"", "Cache-Tag": "video:v1"],
                    body: .bytes(Array("\(current)".utf8)))
            }
            try await withThrowingTaskGroup(of: Int.self) { viewers in
                for _ in 0..<4 {
                    viewers.addTask {
                        var answers = 0
                        while versions.purged.load(ordering: .acquiring) < 40 {
                            let least = versions.purged.load(ordering: .acquiring)
                            let answer = try await world.get("/open/v1/a")
                            #expect(Int(answer.text) ?? -1 >= least, "\(answer.cache)")
                            answers += 1
                        }
                        return answers
                    }
                }
                let orders: [JSONValue] = [["urls": ["/open/v1/a"]], ["prefixes": ["/open/"]], ["tags": ["video:v1"]]]
                for next in 1...40 {
                    versions.current.store(next, ordering: .releasing)
                    try await world.purge(orders[next % 3])
                    versions.purged.store(next, ordering: .releasing)
                    _ = try await world.get("/open/v1/a")
                }
                let answers = try await viewers.reduce(0, +)
                #expect(answers > 40)
            }
        }
    }

    @Test func `an object has at most fifty tags of at most 256 bytes, and one in two cases is one`() {
        let long = String(repeating: "a", count: 256)
        #expect(FillJudge.tags(["Cache-Tag": "\(long), \(long)a, Ab, aB"], in: "cache-tag").map(\.count) == [256, 2])
        let many = (1...60).map { "t\($0)" }.joined(separator: ",")
        #expect(FillJudge.tags(["Cache-Tag": many], in: "cache-tag").last == Array("t50".utf8))
    }

    @Test func `a distribution may name the field that holds its tags, and clients do not see it`() async throws {
        let named = World.distribution(top: ["CacheTagConfig": ["HeaderName": "Edge-Tag"]])
        try await withWorld(distribution: named) { world in
            for (path, field) in [("/open/a", "Edge-Tag"), ("/open/b", "Cache-Tag"), ("/open/c", "Surrogate-Key")] {
                world.origin.answer(path, [1], headers: ["Cache-Control": "max-age=600", field: "t"])
                #expect(try await world.get(path).headers.first(field) == nil)
                try await world.untilStored(path)
                #expect(try await world.get(path).headers.first(field) == nil)
            }
            try await world.purge(["tags": ["t"]])
            for (path, state) in [("/open/a", "Miss"), ("/open/b", "Hit"), ("/open/c", "Miss")] {
                #expect(try await world.get(path).cache == "\(state) from weir", "\(path)")
            }
        }
    }

    @Test func `the log says what a purge reclaimed, not each thing it named`() async throws {
        try await withWorld { world in
            try await world.purge(["urls": .array((0..<500).map { .string("/open/number-\($0)") })])
            let isThere = await eventually { world.log.lines.contains { $0.contains("purge reclaimed") } }
            #expect(isThere)
            let line = try #require(world.log.lines.first { $0.contains("purge reclaimed") })
            let document = try JSONValue.parse(Array(line.utf8))
            #expect(document["generation"]?.integer == 1 && document["objects"]?.integer == 0)
            #expect(line.utf8.count < 300)
        }
    }

    @Test func `tags are cut at commas and blanks, whatever character they combine with`() {
        let headers: Headers = ["Cache-Tag": "a,\u{301}b, c", "Surrogate-Key": "d \u{301}e"]
        #expect(
            FillJudge.tags(headers, in: "cache-tag") == ["a", "\u{301}b", "c", "d", "\u{301}e"].map { Array($0.utf8) })
    }

    @Test(
        arguments: [
            ["urls": ["/open/a"]], ["prefixes": ["/open/"]], ["tags": ["video:v1"]], ["all": true],
        ] as [JSONValue])
    func `a purge during a fill: who began is served, who comes later gets the new object`(order: JSONValue)
        async throws
    {
        try await withWorld { world in
            let (old, new) = (patterned(600_000), patterned(400_000, seed: 2))
            let gate = Gate()
            world.origin.answer("/open/a") { _ in
                Response(
                    status: .ok, headers: Self.tagged,
                    body: .stream(length: old.count) { writer in
                        try await writer.write(Array(old[..<300_000]))
                        await gate.wait()
                        try await writer.write(Array(old[300_000...]))
                    })
            }
            let early = try await world.send("/open/a")
            world.origin.answer("/open/a", new, headers: Self.tagged)
            try await world.purge(order)
            #expect(try await world.get("/open/a").body == new)
            gate.open()
            #expect(try await early.body.collect(upTo: 1 << 20) == old)
            try await world.untilStored("/open/a")
            #expect(try await world.get("/open/a").body == new)
            #expect(world.origin.count("/open/a") == 2)
        }
    }

    @Test func `a soft purge asks the origin whether the object is still the same`() async throws {
        try await withWorld { world in
            let bytes = patterned(300_000)
            world.origin.answer("/open/a") { request in
                if request.headers.first("If-None-Match") == "\"v1\"" { return Response(status: .notModified) }
                return Response(status: .ok, headers: Self.tagged, body: .bytes(bytes))
            }
            _ = try await world.get("/open/a")
            try await world.untilStored("/open/a")
            try await world.purge(["tags": ["video:v1"], "soft": true])
            let confirmed = try await world.get("/open/a")
            #expect(confirmed.status == 200)
            #expect(confirmed.cache == "RefreshHit from weir")
            #expect(confirmed.body == bytes)
            #expect(try await world.get("/open/a").cache == "Hit from weir")
            #expect(world.origin.count("/open/a") == 2)
        }
    }

    @Test func `a soft purge whose object has changed brings the new one`() async throws {
        try await withWorld { world in
            world.origin.answer("/open/a", patterned(300_000), headers: Self.tagged)
            _ = try await world.get("/open/a")
            try await world.untilStored("/open/a")
            world.origin.answer("/open/a", patterned(10, seed: 3), headers: ["Cache-Control": "max-age=60"])
            try await world.purge(["urls": ["/open/a"], "soft": true])
            #expect(try await world.get("/open/a").body == patterned(10, seed: 3))
        }
    }

    @Test(arguments: [["urls": ["/open/a"]], ["tags": ["video:v1"]], ["all": true]] as [JSONValue])
    func `a purge during a revalidation: what is confirmed meanwhile does not come back`(order: JSONValue) async throws
    {
        try await withWorld { world in
            let (old, new) = (patterned(300_000), patterned(200_000, seed: 2))
            world.origin.answer("/open/a", old, headers: Self.tagged)
            _ = try await world.get("/open/a")
            try await world.untilStored("/open/a")
            try await world.purge(["all": true, "soft": true])
            let gate = Gate()
            world.origin.answer("/open/a") { request in
                guard request.headers.contains("If-None-Match") else {
                    return Response(status: .ok, headers: Self.tagged, body: .bytes(new))
                }
                await gate.wait()
                return Response(status: .notModified, headers: Self.tagged)
            }
            async let early = world.get("/open/a")
            #expect(await eventually { world.origin.count("/open/a") == 2 })
            try await world.purge(order)
            let late = try await world.get("/open/a")
            #expect(late.body == new)
            gate.open()
            let answer = try await early
            #expect(answer.body == old || answer.body == new)
            #expect(try await world.get("/open/a").body == new)
        }
    }

    @Test func `a purge during a read: the reader gets the old object or its beginning, never a mixture`() async throws
    {
        try await withWorld { world in
            let (old, new) = (patterned(14_000_000), patterned(14_000_000, seed: 2))
            world.origin.answer("/open/a", old, headers: Self.tagged)
            _ = try await world.get("/open/a")
            try await world.untilStored("/open/a")
            let reader = try await world.send("/open/a")
            #expect(reader.headers.first("X-Cache") == "Hit from weir")
            world.origin.answer("/open/a", new, headers: Self.tagged)
            try await world.purge(["urls": ["/open/a"]])
            let after = try await world.get("/open/a")
            #expect(after.body == new)
            var received: [UInt8] = []
            do {
                for try await piece in reader.body { received += piece }
                #expect(received.count == old.count)
            } catch {
                #expect(received.count < old.count)
            }
            #expect(old.starts(with: received))
        }
    }

    @Test func `a purge can be looked up, with what it reclaimed`() async throws {
        try await withWorld { world in
            world.origin.answer("/open/a", patterned(300_000), headers: Self.tagged)
            _ = try await world.get("/open/a")
            try await world.untilStored("/open/a")
            let made = try await world.admin("/purge", body: ["tags": ["video:v1"]])
            #expect(made.document["generation"]?.integer == 1)
            #expect(made.document["elapsedMicroseconds"]?.integer ?? -1 >= 0)
            let id = try #require(made.document["id"]?.string)
            #expect(
                try await eventually {
                    try await world.admin("/purges/\(id)", method: .get).document["complete"] == true
                })
            let status = try await world.admin("/purges/\(id)", method: .get).document
            #expect(status["objects"]?.integer == 1)
            #expect(status["bytes"]?.integer == 300_000)
            #expect(try await world.admin("/purges/999", method: .get).status == 404)
        }
    }

    @Test(
        arguments: [
            ([:], "nothing to purge"), (["url": ["/a"]], "\"url\" is not a known key"),
            (["urls": "/a"], "\"urls\" must be"),
            (["urls": ["/a/../b"]], "\"/a/../b\" is not"), (["prefixes": ["/a*b"]], "\"/a*b\" is not"),
            // A slash under a combining accent is one character to Swift; it must not be overlooked, or `/` is purged.
            (["prefixes": ["http://edge.example/\u{301}"]], "is not a path prefix"),
            (["all": "yes"], "\"all\" must be true or false"), ([1], "must be a JSON object"),
        ] as [(JSONValue, String)])
    func `an order that cannot be meant is refused with the reason`(order: JSONValue, reason: String) async throws {
        try await withWorld { world in
            let answer = try await world.admin("/purge", body: order)
            #expect(answer.status == 400)
            #expect(answer.document["error"]?.string?.contains(reason) == true)
        }
    }
}

/// What the origin answers with, and up to which all clients must have heard of it.
private final class Versions: Sendable {
    let current = Atomic(0)
    let purged = Atomic(0)
}
