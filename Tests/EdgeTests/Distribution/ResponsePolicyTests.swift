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

    @Test func `browsers are told what to insist on`() async throws {
        let distribution = World.distribution(
            behavior: ["ResponseHeadersPolicyId": "open"],
            headers: [
                "SecurityHeadersConfig": [
                    "ContentTypeOptions": ["Override": true], "FrameOptions": ["FrameOption": "DENY"],
                    "ReferrerPolicy": ["ReferrerPolicy": "same-origin"],
                    "ContentSecurityPolicy": ["ContentSecurityPolicy": "default-src 'self'"],
                    "XSSProtection": ["Protection": true, "ModeBlock": true],
                    "StrictTransportSecurity": ["AccessControlMaxAgeSec": 60],
                ]
            ])
        let expected = [
            "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin",
            "Content-Security-Policy": "default-src 'self'", "X-XSS-Protection": "1; mode=block",
        ]
        try await withWorld(distribution: distribution) { world async throws in
            world.origin.answer(
                "/open/a", [1], headers: ["Cache-Control": "max-age=60", "X-Frame-Options": "SAMEORIGIN"])
            for path in ["/open/a", "/open/missing"] {
                let answer = try await world.get(path)
                for (name, value) in expected { #expect(Array(answer.headers.values(name)) == [value], "\(path)") }
                #expect(answer.headers.first("Strict-Transport-Security") == nil, "without TLS it means nothing")
            }
        }
    }

    @Test func `a field that does not replace the origin's stands only where the origin has none`() async throws {
        let distribution = World.distribution(
            policy: ["DefaultTTL": 600], behavior: ["ResponseHeadersPolicyId": "open"],
            headers: [
                "CustomHeaders": [["Header": "X-A", "Value": "edge", "Override": false]],
                "SecurityHeadersConfig": ["FrameOptions": ["FrameOption": "DENY", "Override": false]],
            ])
        try await withWorld(distribution: distribution) { world async throws in
            for control in ["max-age=600", "private"] {
                world.origin.answer(
                    "/open/said/\(control)", [1],
                    headers: ["Cache-Control": control, "x-a": "origin", "X-Frame-Options": "SAMEORIGIN"])
                world.origin.answer("/open/silent/\(control)", [1], headers: ["Cache-Control": control])
                for _ in 1...2 {
                    let said = try await world.get("/open/said/\(control)").headers
                    #expect(Array(said.values("X-A")) == ["origin"])
                    #expect(Array(said.values("X-Frame-Options")) == ["SAMEORIGIN"])
                    let silent = try await world.get("/open/silent/\(control)").headers
                    #expect(Array(silent.values("X-A")) == ["edge"])
                    #expect(Array(silent.values("X-Frame-Options")) == ["DENY"])
                }
            }
        }
    }
}
