import HTTPWire
import JSON
import Telemetry
import TestKit
import Testing

@testable import Edge

@Suite struct AdminTests {
    @Test func `the probes need no token, everything else does`() async throws {
        try await withWorld { world in
            for target in ["/healthz", "/readyz"] {
                let probe = try await world.admin(target, method: .get, token: nil)
                #expect(probe.status == 200, "\(target)")
            }
            let calls: [(String, HTTPMethod)] = [
                ("/metrics", .get), ("/purge", .post), ("/purges/1", .get), ("/reload", .post),
                ("/explain?url=/", .get),
            ]
            for (target, method) in calls {
                for token in [nil, "a-token-for-operatorz"] {
                    let answer = try await world.admin(target, method: method, token: token)
                    #expect(answer.status == 401, "\(target)")
                }
            }
        }
    }

    @Test func `the metrics count what the cache did`() async throws {
        try await withWorld { world in
            world.origin.answer("/open/a", patterned(10))
            _ = try await world.get("/open/a")
            try await world.untilStored("/open/a")
            var page = ""
            // A request counts when its loop has seen it off, an object when its transaction is over: either may be after the
            // client has read the last byte.
            let isCounted = try await eventually {
                page = try await world.admin("/metrics", method: .get).document.string ?? ""
                return page.contains("weir_edge_requests_total{result=\"miss\"} 1")
                    && page.contains("weir_store_objects 1")
            }
            #expect(isCounted)
            for declaration in EdgeMetricTable.all where declaration.labels.isEmpty {
                #expect(page.contains("# HELP \(declaration.name) "))
            }
        }
    }

    @Test func `a reload changes what is served, without a break`() async throws {
        try await withWorld { world in
            world.origin.answer("/open/a", patterned(10))
            _ = try await world.get("/open/a")
            try await world.untilStored("/open/a")
            guard case .object(var changed) = World.distribution else { return }
            changed["CacheBehaviors"] = [
                ["PathPattern": "/open/*", "TargetOriginId": "app", "ViewerProtocolPolicy": "redirect-to-https"]
            ]
            world.write(.object(changed), to: "distribution.json")
            #expect(try await world.get("/open/a").cache == "Hit from weir")
            #expect(try await world.admin("/reload").status == 200)
            let redirected = try await world.get("/open/a?x=1")
            #expect(redirected.status == 301)
            #expect(redirected.headers.first("Location") == "https://127.0.0.1/open/a?x=1")
            #expect(redirected.cache == "Redirect from weir")
        }
    }

    @Test func `a reload names the settings that need a restart and takes the others`() async throws {
        try await withWorld { world in
            world.origin.answer("/open/a", patterned(10))
            #expect(try await world.admin("/reload").document["needsRestart"]?.array?.isEmpty == true)
            guard case .object(var changed) = World.distribution else { return }
            changed["CacheBehaviors"] = [
                ["PathPattern": "/open/*", "TargetOriginId": "app", "ViewerProtocolPolicy": "redirect-to-https"]
            ]
            world.write(.object(changed), to: "distribution.json")
            try world.reconfigure { document in
                guard case .object(var cache)? = document["cache"] else { return }
                cache["capacityMebibytes"] = 128
                document["cache"] = .object(cache)
                document["limits"] = ["ranges": 3]
                document["admin"] = ["listen": "127.0.0.1:0", "token": "another-token-for-operators"]
            }
            let answer = try await world.admin("/reload")
            #expect(answer.status == 200)
            let names = ["admin.token", "cache.capacityMebibytes", "limits.ranges"]
            #expect(answer.document["needsRestart"]?.array?.compactMap(\.string) == names)
            for name in names {
                #expect(
                    world.log.lines.contains { $0.contains("needs a restart") && $0.contains("\"key\":\"\(name)\"") })
            }
            #expect(try await world.get("/open/a").status == 301)
            #expect(try await world.metric("weir_store_capacity_bytes") == 64 << 20)
        }
    }

    @Test func `a reload warns of what is most likely not meant`() async throws {
        try await withWorld { world in
            #expect(try await world.admin("/reload").document["warnings"]?.array?.isEmpty == true)
            guard case .object(var changed) = World.distribution else { return }
            changed["CacheBehaviors"] = .array(
                [["PathPattern": "*.m3u8", "TargetOriginId": "app"]] + (changed["CacheBehaviors"]?.array ?? []))
            world.write(.object(changed), to: "distribution.json")
            let warnings = try await world.admin("/reload").document["warnings"]
            #expect(warnings?[0]?["path"]?.string == "distribution.json: $.CacheBehaviors[1].PathPattern")
            #expect(warnings?[0]?["message"]?.string?.contains("such as /media/.m3u8") == true)
            #expect(world.log.lines.contains { $0.contains("\"warning\":") && $0.contains("/media/.m3u8") })
        }
    }

    @Test func `a reload that is wrong says why and changes nothing`() async throws {
        try await withWorld { world in
            world.origin.answer("/open/a", patterned(10))
            guard case .object(var changed) = World.distribution else { return }
            changed["DefaultCacheBehavior"] = ["TargetOriginId": "nowhere"]
            world.write(.object(changed), to: "distribution.json")
            let answer = try await world.admin("/reload")
            #expect(answer.status == 422)
            let problem = answer.document["problems"]?[0]
            #expect(problem?["path"]?.string == "distribution.json: $.DefaultCacheBehavior.TargetOriginId")
            #expect(problem?["message"]?.string?.contains("nowhere") == true)
            #expect(try await world.get("/open/a").status == 200)
        }
    }

    @Test func `an explanation names behavior, key and state`() async throws {
        try await withWorld { world in
            world.origin.answer("/open/a", patterned(10))
            let absent = try await world.admin("/explain?url=/open/a%3Fx%3D1", method: .get).document
            #expect(absent["behavior"]?.string == "/open/*")
            #expect(absent["cacheKey"]?.string == "/open/a")
            #expect(absent["state"]?.string == "absent")
            _ = try await world.get("/open/a")
            try await world.untilStored("/open/a")
            let stored = try await world.admin("/explain?url=/open/a", method: .get).document
            #expect(stored["state"]?.string == "fresh")
            #expect(stored["bytes"]?.integer == 10)
        }
    }

    @Test func `each request is a line of the log, without query and cookies`() async throws {
        try await withWorld { world in
            world.origin.answer("/open/a", patterned(10))
            _ = try await world.get("/open/a?token=secret-in-query", headers: ["Cookie": "session=secret-in-cookie"])
            // The line follows the last byte, which the client may see first.
            #expect(await eventually { world.log.lines.contains { $0.contains("\"msg\":\"request\"") } })
            let line = try #require(world.log.lines.first { $0.contains("\"msg\":\"request\"") })
            let fields = try JSONValue.parse(Array(line.utf8))
            #expect(fields["path"]?.string == "/open/a")
            #expect(fields["status"]?.integer == 200)
            #expect(fields["bytes"]?.integer == 10)
            #expect(fields["cache"]?.string == "miss")
            #expect(fields["request_id"]?.string?.isEmpty == false)
            #expect(!world.log.lines.contains { $0.contains("secret-in") })
        }
    }
}
