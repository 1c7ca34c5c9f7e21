import EventLoop
import HTTPClient
import HTTPServer
import HTTPWire
import JSON
import Synchronization
import Telemetry
import TestKit
import Testing

@testable import Edge

/// Players, an edge that fetches ahead, and an origin that counts.
@Suite struct PrefetchTests {
    private static func distribution(segments: Int = 1) -> JSONValue {
        World.distribution(behavior: ["Prefetch": ["Enabled": true, "Segments": .integer(Int64(segments))]])
    }

    /// One loop, so that a playlist and its segments meet there whichever connection asks.
    private func withPlayer(
        segments: Int = 1, ahead: Int = 4, origins: JSONObject = [:], _ body: (World) async throws -> Void
    ) async throws {
        try await withWorld(
            distribution: Self.distribution(segments: segments),
            configure: { document in
                document["loops"] = 1
                document["fills"] = ["aheadFills": .integer(Int64(ahead))]
                guard case .object(var entries)? = document["origins"], case .object(var app)? = entries["app"] else {
                    return
                }
                for member in origins.members { app[member.key] = member.value }
                entries["app"] = .object(app)
                document["origins"] = .object(entries)
            }, body)
    }

    private static let playlist = """
        #EXTM3U
        #EXT-X-TARGETDURATION:4
        #EXT-X-MAP:URI="init.mp4"
        #EXTINF:4,
        0.m4s
        #EXTINF:4,
        1.m4s
        #EXTINF:4,
        2.m4s
        #EXTINF:4,
        3.m4s
        #EXT-X-ENDLIST

        """

    private func publish(_ world: World, _ playlist: String = playlist, at path: String = "/open/v/index.m3u8") {
        world.origin.answer(path, Array(playlist.utf8))
        for name in ["init.mp4"] + (0..<6).map({ "\($0).m4s" }) {
            world.origin.answer("/open/v/\(name)", patterned(10_000, seed: name.utf8.count))
        }
    }

    private func metric(_ world: World, _ name: String) async throws -> Double? {
        let page = try await world.admin("/metrics", method: .get).document.string ?? ""
        let line = page.split(separator: "\n").first { $0.hasPrefix("\(name) ") }
        return line.flatMap { Double($0.split(separator: " ")[1]) }
    }

    private func untilPrefetched(_ world: World, _ count: Double) async throws {
        let isDone = try await eventually { () async throws in
            try await metric(world, "weir_edge_prefetched_objects_total") == count
        }
        #expect(isDone, "\(count) objects prefetched")
    }

    @Test func `a playlist brings where its player begins, each segment the next one, each of them once`() async throws
    {
        try await withPlayer { (world) async throws in
            publish(world)
            _ = try await world.get("/open/v/index.m3u8")
            try await untilPrefetched(world, 2)
            #expect(world.origin.count("/open/v/init.mp4") == 1)
            #expect(world.origin.count("/open/v/0.m4s") == 1)
            for number in 0..<4 {
                let answer = try await world.get("/open/v/\(number).m4s")
                #expect(answer.cache == "Hit from weir", "\(number) was there before it was asked for")
                #expect(answer.body == patterned(10_000, seed: 5))
                try await untilPrefetched(world, Double(min(3 + number, 5)))
            }
            for name in ["index.m3u8", "0.m4s", "1.m4s", "2.m4s", "3.m4s"] {
                #expect(world.origin.count("/open/v/\(name)") == 1, "\(name)")
            }
            #expect(world.origin.count("/open/v/4.m4s") == 0, "the playlist ends before")
            _ = try await world.get("/open/v/init.mp4")
            #expect(try await metric(world, "weir_edge_prefetched_used_total") == 5)
            #expect(try await metric(world, "weir_edge_prefetched_bytes_total") == 50_000)
            #expect(try await metric(world, "weir_edge_prefetch_hit_ratio") == 1)
        }
    }

    @Test func `a live playlist brings its newest segment at every version`() async throws {
        try await withPlayer { (world) async throws in
            let live: @Sendable (Int) -> String = { last in
                "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-MEDIA-SEQUENCE:\(last)\n"
                    + (0...last).map { "#EXTINF:4,\n\($0).m4s\n" }.joined()
            }
            let last = Atomic<Int>(1)
            publish(world)
            world.origin.answer("/open/v/live.m3u8") { _ in
                Response(
                    status: .ok, headers: ["Cache-Control": "max-age=1"],
                    body: .bytes(Array(live(last.load(ordering: .relaxed)).utf8)))
            }
            _ = try await world.get("/open/v/live.m3u8")
            try await untilPrefetched(world, 1)
            #expect(world.origin.count("/open/v/1.m4s") == 1)
            last.store(2, ordering: .relaxed)
            let hasNewest = try await eventually { () async throws in
                _ = try await world.get("/open/v/live.m3u8")
                return world.origin.count("/open/v/2.m4s") == 1
            }
            #expect(hasNewest)
            #expect(world.origin.count("/open/v/0.m4s") == 0)
        }
    }

    @Test func `no more is on its way than the budget allows`() async throws {
        try await withPlayer(segments: 4, ahead: 1) { (world) async throws in
            publish(world)
            let gate = Gate()
            let underWay = Atomic<Int>(0)
            let most = Atomic<Int>(0)
            for name in ["init.mp4", "0.m4s", "1.m4s", "2.m4s", "3.m4s"] {
                world.origin.answer("/open/v/\(name)") { _ in
                    let now = underWay.wrappingAdd(1, ordering: .relaxed).newValue
                    most.max(now, ordering: .relaxed)
                    await gate.wait()
                    underWay.wrappingSubtract(1, ordering: .relaxed)
                    return Response(
                        status: .ok, headers: ["Cache-Control": "max-age=600"], body: .bytes(patterned(1000)))
                }
            }
            _ = try await world.get("/open/v/index.m3u8")
            #expect(await eventually { world.origin.count("/open/v/init.mp4") == 1 })
            #expect(world.origin.count("/open/v/0.m4s") == 0)
            gate.open()
            try await untilPrefetched(world, 5)
            #expect(most.load(ordering: .relaxed) == 1)
        }
    }

    @Test func `what is on its way during a purge is not found afterwards`() async throws {
        try await withPlayer { (world) async throws in
            publish(world)
            let gate = Gate()
            world.origin.answer("/open/v/0.m4s") { _ in
                await gate.wait()
                return Response(status: .ok, headers: ["Cache-Control": "max-age=600"], body: .bytes(patterned(1000)))
            }
            _ = try await world.get("/open/v/index.m3u8")
            #expect(await eventually { world.origin.count("/open/v/0.m4s") == 1 })
            try await world.purge(["all": true])
            gate.open()
            world.origin.answer("/open/v/0.m4s", patterned(1000, seed: 9))
            let answer = try await world.get("/open/v/0.m4s")
            #expect(answer.body == patterned(1000, seed: 9))
            #expect(world.origin.count("/open/v/0.m4s") == 2)
        }
    }

    @Test func `a hostile playlist is served and makes the edge ask for nothing`() async throws {
        try await withPlayer(segments: 10) { (world) async throws in
            let other = try await ScriptedOrigin()
            let references = [
                "http://127.0.0.1:\(other.port)/a.ts", "//127.0.0.1:\(other.port)/a.ts", "/api/v1/delete-everything",
                "../../../../etc/passwd", "%2e%2e/%2e%2e/a", "/media/secret.m4s", "\\\\host\\a",
            ]
            let hostile =
                "#EXTM3U\n#EXT-X-TARGETDURATION:4\n"
                + references.map { "#EXTINF:4,\n\($0)\n" }.joined() + "#EXT-X-ENDLIST\n"
            publish(world, hostile)
            world.origin.answer("/open/v/garbage.m3u8", patterned(100_000))
            let many = String(repeating: "#EXTINF:4,\nx.ts\n", count: 60_000)
            world.origin.answer("/open/v/huge.m3u8", Array("#EXTM3U\n#EXT-X-TARGETDURATION:4\n\(many)".utf8))
            for name in ["index", "garbage", "huge"] {
                for _ in 0..<2 { #expect(try await world.get("/open/v/\(name).m3u8").status == 200) }
                try await world.untilStored("/open/v/\(name).m3u8")
            }
            // Playlists are looked at in the order they were stored: when the last one has led somewhere, all have been.
            publish(world, at: "/open/v/good.m3u8")
            _ = try await world.get("/open/v/good.m3u8")
            try await untilPrefetched(world, 5)
            #expect(other.total == 0)
            #expect(world.origin.total == 3 + 1 + 5)
            await other.stop()
        }
    }

    @Test func `a viewer without access makes the edge fetch nothing, one with access does`() async throws {
        let media: JSONValue = [
            "PathPattern": "/media/*", "TargetOriginId": "media", "CachePolicyId": "media",
            "TrustedKeyGroups": ["Enabled": true, "Items": ["playback"]], "Prefetch": ["Enabled": true],
        ]
        try await withWorld(
            distribution: World.distribution(top: ["CacheBehaviors": [media]]),
            configure: { $0["loops"] = 1 }
        ) { (world) async throws in
            for name in ["init.mp4", "0.m4s"] { world.origin.answer("/bucket/media/v/\(name)", patterned(1000)) }
            world.origin.answer("/bucket/media/v/index.m3u8", Array(Self.playlist.utf8))
            #expect(try await world.get("/media/v/index.m3u8").status == 403)
            #expect(world.origin.total == 0)
            _ = try await world.play("/media/v/index.m3u8")
            try await untilPrefetched(world, 2)
            #expect(try await world.get("/media/v/0.m4s").status == 403, "fetched is not allowed")
            #expect(try await world.play("/media/v/0.m4s").cache == "Hit from weir")
        }
    }

    @Test func `an origin in trouble gets no request but those of clients`() async throws {
        let ejection: JSONObject = ["ejection": ["failures": 1, "seconds": 600, "longestSeconds": 600]]
        try await withPlayer(origins: ejection) { (world) async throws in
            publish(world)
            world.origin.answer("/open/busy") { _ in .text(.serviceUnavailable, "busy") }
            _ = try await world.get("/open/busy")
            _ = try await world.get("/open/v/index.m3u8")
            try await world.untilStored("/open/v/index.m3u8")
            for number in 0..<3 { #expect(try await world.get("/open/v/\(number).m4s").cache == "Miss from weir") }
            #expect(world.origin.count("/open/v/3.m4s") == 0)
            #expect(try await metric(world, "weir_edge_prefetched_objects_total") == 0)
        }
    }
}
