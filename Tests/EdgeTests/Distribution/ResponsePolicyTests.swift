import HTTPServer
import HTTPWire
import JSON
import TestKit
import Testing

@testable import Edge

/// What a response headers policy takes away and adds.
@Suite struct ResponsePolicyTests {
    @Test func `fields are removed from what is stored and from what passes by`() async throws {
        let distribution = World.distribution(
            policy: ["DefaultTTL": 600], behavior: ["ResponseHeadersPolicyId": "open"],
            headers: [
                "RemoveHeaders": ["X-Powered-By", "server"], "CustomHeaders": [["Header": "X-A", "Value": "1"]],
            ])
        try await withWorld(distribution: distribution) { world async throws in
            for control in ["max-age=600", "private"] {
                world.origin.answer(
                    "/open/\(control)", [1],
                    headers: ["Cache-Control": control, "X-Powered-By": "old", "X-Kept": "yes"])
                for _ in 1...2 {
                    let answer = try await world.get("/open/\(control)")
                    #expect(answer.headers.first("X-Powered-By") == nil)
                    #expect(answer.headers.first("X-Kept") == "yes")
                    #expect(answer.headers.first("X-A") == "1")
                }
            }
        }
    }

    @Test func `Server-Timing tells a browser what the cache did`() async throws {
        let distribution = World.distribution(
            behavior: ["ResponseHeadersPolicyId": "open"],
            headers: ["ServerTimingHeadersConfig": ["Enabled": true]])
        try await withWorld(distribution: distribution) { world async throws in
            world.origin.answer("/open/a", [1])
            let id: Headers = ["X-Request-Id": "abc"]
            #expect(
                try await world.get("/open/a", headers: id).headers.first("Server-Timing")
                    == "cdn-cache-miss, cdn-rid;desc=\"abc\"")
            try await world.untilStored("/open/a")
            #expect(
                try await world.get("/open/a", headers: id).headers.first("Server-Timing")
                    == "cdn-cache-hit, cdn-rid;desc=\"abc\"")
        }
    }
}
