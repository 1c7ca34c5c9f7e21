import HTTPClient
import HTTPServer
import HTTPWire
import JSON
import TestKit
import Testing

@testable import Edge

/// Objects served in slices of one chunk, 262,128 bytes.
@Suite struct SliceTests {
    private static let size = 262_128
    private static let tagged: Headers = [
        "Cache-Control": "public, max-age=600, stale-if-error=600", "ETag": "\"v1\"", "Cache-Tag": "video:v1",
    ]
    private static let sliced: @Sendable (inout EdgeSettings) -> Void = {
        ($0.fills.sliceBytes, $0.fills.wholeBytes) = (size, 0)
    }

    /// Waits until every slice of the list, and nothing else, was asked for and is stored.
    private func untilStored(_ slices: Set<Int>, in world: World) async throws {
        let asked = Set(slices.map { "bytes=\($0 * Self.size)-\(($0 + 1) * Self.size - 1)" })
        let isStored = try await eventually {
            try await world.metric("weir_store_objects") == slices.count
        }
        #expect(isStored)
        #expect(Set(world.origin.requests("/open/a").compactMap { $0.headers.first("Range") }) == asked)
        #expect(world.origin.count("/open/a") == slices.count)
    }

    @Test(
        arguments: [
            ("bytes=5-9", 5..<10, [0]), ("bytes=262100-262199", 262_100..<262_200, [0, 1]),
            ("bytes=262128-524255", 262_128..<524_256, [1, 2]), ("bytes=300000-900000", 300_000..<900_001, [1, 2, 3]),
            ("bytes=900000-", 900_000..<1_000_000, [3]), ("bytes=-1000", 999_000..<1_000_000, [0, 3]),
            ("bytes=0-", 0..<1_000_000, [0, 1, 2, 3]),
        ] as [(String, Range<Int>, Set<Int>)])
    func `a range of what is not here costs its slices, once`(
        field: String, range: Range<Int>, slices: Set<Int>
    ) async throws {
        try await withWorld(change: Self.sliced) { world in
            let bytes = patterned(1_000_000)
            world.origin.answerRanges("/open/a", bytes)
            for expected in ["Miss from weir", "Hit from weir"] {
                let part = try await world.get("/open/a", headers: ["Range": field])
                #expect(part.status == 206)
                #expect(part.cache == expected)
                #expect(part.body == Array(bytes[range]))
                #expect(
                    part.headers.first("Content-Range") == "bytes \(range.lowerBound)-\(range.upperBound - 1)/1000000")
                #expect(part.headers.first("ETag") == "\"v1\"")
                try await untilStored(slices, in: world)
            }
        }
    }

    @Test func `fifty clients of one range cost the origin one request`() async throws {
        try await withWorld(change: Self.sliced) { world in
            let bytes = patterned(1_000_000)
            let gate = Gate()
            world.origin.answer("/open/a") { request in
                await gate.wait()
                return Response(ranged: bytes, headers: Self.tagged, for: request)
            }
            try await withThrowingTaskGroup(of: Answer.self) { group in
                for _ in 0..<50 { group.addTask { try await world.get("/open/a", headers: ["Range": "bytes=0-99"]) } }
                #expect(await eventually { world.origin.count("/open/a") == 1 })
                gate.open()
                for try await answer in group { #expect(answer.body == Array(bytes[..<100])) }
            }
            #expect(world.origin.count("/open/a") == 1)
        }
    }

    @Test func `an origin without ranges is asked once, and its answer is stored whole`() async throws {
        try await withWorld(change: Self.sliced) { world in
            let bytes = patterned(600_000)
            world.origin.answer("/open/a", bytes, headers: Self.tagged)
            let part = try await world.get("/open/a", headers: ["Range": "bytes=262100-262299"])
            #expect(part.status == 206)
            #expect(part.body == Array(bytes[262_100..<262_300]))
            try await world.untilStored("/open/a")
            let hit = try await world.get("/open/a", headers: ["Range": "bytes=-200"])
            #expect(hit.cache == "Hit from weir")
            #expect(hit.body == Array(bytes[599_800...]))
            #expect(world.origin.count("/open/a") == 1)
        }
    }

    @Test func `an object of one slice is stored whole`() async throws {
        try await withWorld(change: Self.sliced) { world in
            let bytes = patterned(100_000)
            world.origin.answerRanges("/open/a", bytes)
            #expect(try await world.get("/open/a", headers: ["Range": "bytes=-5"]).body == Array(bytes.suffix(5)))
            try await world.untilStored("/open/a")
            #expect(try await world.get("/open/a").body == bytes)
            #expect(world.origin.count("/open/a") == 1)
        }
    }

    @Test(arguments: ["bytes=0-1", "bytes=500000-"])
    func `a small object is fetched whole once a range tells how small it is`(field: String) async throws {
        try await withWorld(change: { ($0.fills.sliceBytes, $0.fills.wholeBytes) = (Self.size, 1 << 20) }) { world in
            let bytes = patterned(1_000_000)
            world.origin.answerRanges("/open/a", bytes)
            let part = try await world.get("/open/a", headers: ["Range": field])
            #expect(part.status == 206)
            #expect(part.body == (field == "bytes=0-1" ? Array(bytes[..<2]) : Array(bytes[500_000...])))
            try await world.untilStored("/open/a")
            #expect(try await world.get("/open/a", headers: ["Range": "bytes=9-"]).cache == "Hit from weir")
            #expect(world.origin.count("/open/a") == 2)
        }
    }

    @Test func `parts of two versions are never mixed`() async throws {
        try await withWorld(change: Self.sliced) { world in
            let (old, new) = (patterned(1_000_000), patterned(1_000_000, seed: 2))
            world.origin.answerRanges("/open/a", old)
            _ = try await world.get("/open/a", headers: ["Range": "bytes=0-9"])
            try await untilStored([0], in: world)
            world.origin.answerRanges(
                "/open/a", new, headers: ["Cache-Control": "public, max-age=600", "ETag": "\"v2\""])
            let cut = try await world.send("/open/a", headers: ["Range": "bytes=262000-300000"])
            #expect(cut.headers.first("ETag") == "\"v1\"")
            await #expect(throws: ClientError.self) { _ = try await cut.body.collect(upTo: 1 << 20) }
            let isNew = try await eventually {
                let answer = try await world.get("/open/a", headers: ["Range": "bytes=262000-300000"])
                return answer.headers.first("ETag") == "\"v2\"" && answer.body == Array(new[262_000...300_000])
            }
            #expect(isNew)
        }
    }

    @Test(
        arguments: [
            "bytes 1-262128/1000000", "bytes 0-99/1000000", "bytes 0-262127/100", "bytes */1000000", "pages 1-2/3", "",
        ])
    func `a part that is not the one asked for is passed on and never stored`(field: String) async throws {
        try await withWorld(change: Self.sliced) { world in
            world.origin.answer("/open/a") { request in
                var headers = Self.tagged
                if !field.isEmpty { headers.set("Content-Range", field) }
                return Response(status: .partialContent, headers: headers, body: .bytes(patterned(Self.size)))
            }
            for _ in 0..<2 {
                let part = try await world.get("/open/a", headers: ["Range": "bytes=5-9"])
                #expect(part.status == 206)
                #expect(part.headers.first("Cache-Status") == "weir; fwd=uri-miss")
            }
            #expect(world.origin.requests("/open/a").compactMap { $0.headers.first("Range") }.contains("bytes=5-9"))
            #expect(try await world.metric("weir_store_objects") == 0)
        }
    }

    @Test(arguments: [nil, "W/\"v1\""])
    func `without a strong entity tag there are no slices`(etag: String?) async throws {
        try await withWorld(change: Self.sliced) { world in
            let bytes = patterned(600_000)
            var headers: Headers = ["Cache-Control": "public, max-age=600"]
            if let etag { headers.set("ETag", etag) }
            world.origin.answerRanges("/open/a", bytes, headers: headers)
            let part = try await world.get("/open/a", headers: ["Range": "bytes=5-9"])
            #expect(part.status == 206)
            #expect(part.body == Array(bytes[5...9]))
            try await world.untilStored("/open/a")
            #expect(try await world.get("/open/a").body == bytes)
            #expect(world.origin.count("/open/a") == 2)
        }
    }

    @Test(arguments: ["bytes=1000000-", "bytes=5000000-6000000"])
    func `a range behind the end is 416`(field: String) async throws {
        try await withWorld(change: Self.sliced) { world in
            world.origin.answerRanges("/open/a", patterned(1_000_000))
            let answer = try await world.get("/open/a", headers: ["Range": field])
            #expect(answer.status == 416)
            #expect(answer.headers.first("Content-Range") == "bytes */1000000")
        }
    }

    @Test func `an error in place of a slice is shared and not stored`() async throws {
        try await withWorld(change: Self.sliced) { world in
            world.origin.answer("/open/a") { _ in
                Response(status: .notFound, headers: ["Cache-Control": "max-age=600"], body: .bytes(Array("no".utf8)))
            }
            for _ in 0..<2 {
                let answer = try await world.get("/open/a", headers: ["Range": "bytes=5-9"])
                #expect(answer.status == 404)
                #expect(answer.text == "no")
            }
            #expect(try await world.metric("weir_store_objects") == 0)
        }
    }

    @Test(
        arguments: [
            ["urls": ["/open/a"]], ["prefixes": ["/open/"]], ["tags": ["video:v1"]], ["all": true],
        ] as [JSONValue])
    func `a purge covers slices, stored and on their way`(order: JSONValue) async throws {
        try await withWorld(change: Self.sliced) { world in
            let (old, new) = (patterned(1_000_000), patterned(1_000_000, seed: 2))
            world.origin.answerRanges("/open/a", old, headers: Self.tagged)
            _ = try await world.get("/open/a", headers: ["Range": "bytes=0-9"])
            try await untilStored([0], in: world)
            let gate = Gate()
            world.origin.answer("/open/a") { request in
                Response(
                    status: .partialContent,
                    headers: [
                        "Cache-Control": "max-age=600", "ETag": "\"v1\"", "Cache-Tag": "video:v1",
                        "Content-Range": "bytes 262128-524255/1000000",
                    ],
                    body: .stream(length: Self.size) { writer in
                        try await writer.write(Array(old[Self.size..<300_000]))
                        await gate.wait()
                        try await writer.write(Array(old[300_000..<2 * Self.size]))
                    })
            }
            let early = try await world.send("/open/a", headers: ["Range": "bytes=262128-400000"])
            #expect(early.status == .partialContent)
            var headers = Self.tagged
            headers.set("ETag", "\"v2\"")
            world.origin.answerRanges("/open/a", new, headers: headers)
            try await world.purge(order)
            for field in ["bytes=0-9", "bytes=262128-400000"] {
                let after = try await world.get("/open/a", headers: ["Range": field])
                #expect(after.headers.first("ETag") == "\"v2\"")
            }
            gate.open()
            #expect(try await early.body.collect(upTo: 1 << 20) == Array(old[262_128...400_000]))
            let after = try await world.get("/open/a", headers: ["Range": "bytes=0-999998"])
            #expect(after.body == Array(new[...999_998]))
        }
    }

    @Test func `an expired slice is confirmed, and stands in for an origin that is gone`() async throws {
        try await withWorld(change: Self.sliced) { world in
            let bytes = patterned(1_000_000)
            world.origin.answerRanges("/open/a", bytes, headers: Self.tagged)
            _ = try await world.get("/open/a", headers: ["Range": "bytes=0-9"])
            try await untilStored([0], in: world)
            try await world.purge(["all": true, "soft": true])
            let confirmed = try await world.get("/open/a", headers: ["Range": "bytes=0-9"])
            #expect(confirmed.cache == "RefreshHit from weir")
            #expect(confirmed.body == Array(bytes[...9]))
            #expect(world.origin.requests("/open/a").last?.headers.first("If-None-Match") == "\"v1\"")
            #expect(try await world.get("/open/a", headers: ["Range": "bytes=0-9"]).cache == "Hit from weir")
            #expect(world.origin.count("/open/a") == 2)
            try await world.purge(["all": true, "soft": true])
            await world.origin.stop()
            let stale = try await world.get("/open/a", headers: ["Range": "bytes=0-9"])
            #expect(stale.body == Array(bytes[...9]))
            #expect(stale.headers.first("Cache-Status")?.contains("detail=stale-if-error") == true)
            #expect(try await world.get("/open/a", headers: ["Range": "bytes=600000-600009"]).status == 502)
        }
    }

    @Test func `an object too large to be stored whole is served and stored in slices`() async throws {
        try await withWorld(objectMebibytes: 1, change: Self.sliced) { world in
            let bytes = patterned(1_500_000)
            world.origin.answerRanges("/open/a", bytes)
            for _ in 0..<2 {
                let whole = try await world.get("/open/a")
                #expect(whole.status == 200)
                #expect(whole.headers.first("Content-Length") == "1500000")
                #expect(whole.body == bytes)
                #expect(try await eventually { try await world.metric("weir_store_objects") == 6 })
            }
            // The first request, which told the size, and six slices.
            #expect(world.origin.count("/open/a") == 7)
        }
    }
}
