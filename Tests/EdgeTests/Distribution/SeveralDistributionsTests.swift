import HTTPClient
import HTTPServer
import HTTPWire
import JSON
import TestKit
import Testing

@testable import Edge

/// One edge that serves several distributions, chosen by the host of a request.
@Suite struct SeveralDistributionsTests {
    private static let second: JSONValue = [
        "Id": "ESECOND", "Aliases": ["second.test", "*.second.test"], "DefaultRootObject": "index.html",
        "Origins": [["Id": "app"]], "CachePolicies": [["Id": "all"]],
        "DefaultCacheBehavior": ["TargetOriginId": "app", "CachePolicyId": "all"],
    ]

    private func withTwo(
        unknownHosts: String = "default", second: JSONValue = Self.second, _ body: (World) async throws -> Void
    ) async throws {
        let first = World.distribution(top: ["Aliases": ["first.test"]])
        // The second origin is the same server under another prefix, known only once that runs.
        try await withWorld(
            distribution: first, documents: ["second.json": second],
            configure: { document in
                guard case .object(var origins)? = document["origins"], let url = origins["app"]?["url"] else { return }
                origins["ESECOND/app"] = ["url": url, "path": "/2"]
                document["origins"] = .object(origins)
                document["distributions"] = ["second.json"]
                document["unknownHosts"] = .string(unknownHosts)
            }, body)
    }

    private func get(_ world: World, _ host: String, _ target: String) async throws -> Answer {
        try await world.get(target, headers: ["Host": host])
    }

    private func untilHit(_ world: World, _ host: String, _ target: String) async throws {
        let isHit = try await eventually { try await self.get(world, host, target).cache == "Hit from weir" }
        if !isHit { throw Unexpected(what: "\(host)\(target) was never stored") }
    }

    private func prepare(_ world: World) async throws {
        for (path, text) in [("/open/a", "first"), ("/2/open/a", "second")] {
            world.origin.answer(path, Array(text.utf8), headers: ["Cache-Control": "max-age=600", "Cache-Tag": "t"])
        }
        for host in ["first.test", "second.test"] { try await untilHit(world, host, "/open/a") }
    }

    @Test func `the host decides, and the caches are apart`() async throws {
        try await withTwo { world async throws in
            try await prepare(world)
            for (host, text) in [
                ("first.test", "first"), ("second.test", "second"), ("WWW.Second.Test.:80", "second"),
                ("other", "first"),
            ] {
                let answer = try await get(world, host, "/open/a")
                #expect(answer.text == text)
                #expect(answer.cache == "Hit from weir")
            }
            #expect(world.origin.count("/open/a") == 1)
            #expect(world.origin.count("/2/open/a") == 1)
        }
    }

    @Test func `a host that none names may be refused`() async throws {
        try await withTwo(unknownHosts: "refuse") { world async throws in
            try await prepare(world)
            #expect(try await get(world, "other.test", "/open/a").status == 421)
            #expect(try await get(world, "second.test", "/open/a").status == 200)
        }
    }

    @Test(
        arguments: [
            (["urls": ["/open/a"]], [true, true]), (["urls": ["http://second.test/open/a"]], [false, true]),
            (["urls": ["https://first.test/open/a"]], [true, false]),
            (["urls": ["/open/a"], "distribution": "ESECOND"], [false, true]),
            (["prefixes": ["/open/*"]], [true, true]), (["prefixes": ["https://x.second.test/op*"]], [false, true]),
            (["prefixes": ["/"], "distribution": "ETEST"], [true, false]), (["tags": ["t"]], [true, true]),
            (["tags": ["t"], "distribution": "ETEST"], [true, false]),
            (["tags": ["t"], "distribution": "ESECOND"], [false, true]), (["all": true], [true, true]),
            (["all": true, "distribution": "ESECOND"], [false, true]),
            (["all": true, "distribution": "ETEST"], [true, false]),
        ] as [(JSONValue, [Bool])])
    func `a purge reaches the distribution it names, or all`(order: JSONValue, purged: [Bool]) async throws {
        try await withTwo { world async throws in
            try await prepare(world)
            try await world.purge(order)
            for (host, isPurged) in zip(["first.test", "second.test"], purged) {
                #expect(try await get(world, host, "/open/a").cache == (isPurged ? "Miss from weir" : "Hit from weir"))
            }
        }
    }

    @Test func `a purge for nobody here is refused with the names that are`() async throws {
        try await withTwo(unknownHosts: "refuse") { world async throws in
            let unknown = try await world.admin("/purge", body: ["all": true, "distribution": "EOTHER"])
            #expect(unknown.status == 400)
            #expect(
                unknown.document["error"]?.string
                    == "\"EOTHER\" is not a distribution of this edge; known ones: ETEST, ESECOND")
            let stranger = try await world.admin("/purge", body: ["urls": ["http://other.test/a"]])
            #expect(stranger.document["error"]?.string?.contains("answers for other.test") == true)
        }
    }

    @Test func `an explanation is of the distribution that answers for the host`() async throws {
        try await withTwo { world async throws in
            try await prepare(world)
            let second = try await world.admin("/explain?url=http://second.test/open/a", method: .get).document
            #expect(second["distribution"]?.string == "ESECOND")
            #expect(second["cacheKey"]?.string == "ESECOND/open/a")
            #expect(second["state"]?.string == "fresh")
            let first = try await world.admin("/explain?url=/open/a", method: .get).document
            #expect(first["distribution"]?.string == "ETEST")
            #expect(first["cacheKey"]?.string == "/open/a")
            let origins = try await world.admin("/origins", method: .get).document
            #expect(origins["origins"]?.array?.compactMap { $0["id"]?.string } == ["media", "app", "ESECOND/app"])
        }
    }

    @Test func `the root stands for an object, and only the root`() async throws {
        try await withTwo { world async throws in
            world.origin.answer("/2/index.html", Array("home".utf8))
            world.origin.answer("/2/open/", Array("folder".utf8))
            #expect(try await get(world, "second.test", "/").text == "home")
            #expect(try await get(world, "second.test", "/open/").text == "folder")
            try await untilHit(world, "second.test", "/index.html")
            try await world.purge(["urls": ["http://second.test/"]])
            #expect(try await get(world, "second.test", "/index.html").cache == "Miss from weir")
            let explained = try await world.admin("/explain?url=http://second.test/", method: .get).document
            #expect(explained["defaultRootObject"]?.string == "/index.html")
        }
    }

    @Test func `an unsafe method invalidates in its own distribution alone`() async throws {
        var second = try #require(Self.second.object)
        second["DefaultCacheBehavior"] = [
            "TargetOriginId": "app", "CachePolicyId": "all", "AllowedMethods": ["GET", "HEAD", "PUT"],
        ]
        try await withTwo(second: .object(second)) { world async throws in
            try await prepare(world)
            let changed = try await world.send(
                "/open/a", method: .put, headers: ["Host": "second.test"], body: .bytes([1]))
            #expect(changed.status == .ok)
            #expect(try await get(world, "first.test", "/open/a").cache == "Hit from weir")
            #expect(try await get(world, "second.test", "/open/a").cache == "Miss from weir")
        }
    }

    @Test func `a reload brings a distribution and takes it away`() async throws {
        try await withTwo { world async throws in
            try await prepare(world)
            try world.reconfigure { $0["distributions"] = [] }
            #expect(try await world.admin("/reload").status == 422)
            try world.reconfigure { document in
                guard case .object(let origins)? = document["origins"] else { return }
                document["origins"] = .object(
                    origins.members.filter { $0.key != "ESECOND/app" }.reduce(into: JSONObject()) {
                        $0[$1.key] = $1.value
                    })
            }
            #expect(try await world.admin("/reload").status == 200)
            #expect(try await get(world, "second.test", "/open/a").text == "first")
        }
    }
}
