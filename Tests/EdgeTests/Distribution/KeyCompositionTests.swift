import HTTPClient
import HTTPServer
import HTTPWire
import JSON
import TestKit
import Testing

@testable import Edge

/// Request fields in the cache key, and what the origin sees of a request.
@Suite struct KeyCompositionTests {
    private static func distribution(key: JSONObject, request: JSONObject? = nil) -> JSONValue {
        var top: JSONObject = [:]
        if var request {
            request["Id"] = "request"
            top["OriginRequestPolicies"] = [.object(request)]
        }
        return World.distribution(
            policy: ["ParametersInCacheKeyAndForwardedToOrigin": .object(key)],
            behavior: request == nil ? [:] : ["OriginRequestPolicyId": "request"], top: top)
    }

    /// Answers with what it sees of the request.
    private func echo(_ world: World, _ names: [String], vary: String? = nil) {
        world.origin.answer("/open/a") { request in
            let seen = names.map { "\($0)=\(request.headers.joined($0) ?? "-")" }.joined(separator: "|")
            var headers: Headers = ["Cache-Control": "max-age=600"]
            if let vary { headers.set("Vary", vary) }
            return Response(
                status: .ok, headers: headers, body: .bytes(Array("\(request.query ?? "")|\(seen)".utf8)))
        }
    }

    private func untilHit(_ world: World, _ target: String, _ headers: Headers) async throws -> Answer {
        var answer = try await world.get(target, headers: headers)
        let isHit = try await eventually {
            answer = try await world.get(target, headers: headers)
            return answer.cache == "Hit from weir"
        }
        if !isHit { throw Unexpected(what: "\(target) was never stored") }
        return answer
    }

    @Test func `a header field in the key makes objects of their own, and the origin sees it and no other`()
        async throws
    {
        let key: JSONObject = ["HeadersConfig": ["HeaderBehavior": "whitelist", "Headers": ["X-Device"]]]
        try await withWorld(distribution: Self.distribution(key: key)) { world async throws in
            echo(world, ["x-device", "x-other", "cookie"])
            for (headers, seen) in [
                (["X-Device": "tv", "X-Other": "1", "Cookie": "a=1"], "x-device=tv"),
                (["x-device": "phone"], "x-device=phone"),
                ([:], "x-device=-"),
            ] as [(Headers, String)] {
                #expect(try await world.get("/open/a", headers: headers).text == "|\(seen)|x-other=-|cookie=-")
                #expect(try await untilHit(world, "/open/a", headers).text == "|\(seen)|x-other=-|cookie=-")
            }
            #expect(world.origin.count("/open/a") == 3)
            #expect(try await world.get("/open/a", headers: ["X-Device": " tv "]).cache == "Hit from weir")
            let long: Headers = ["X-Device": String(repeating: "x", count: 300)]
            for _ in 1...2 { #expect(try await world.get("/open/a", headers: long).cache == "Miss from weir") }
            try await world.purge(["urls": ["/open/a"]])
            #expect(try await world.get("/open/a", headers: ["X-Device": "tv"]).cache == "Miss from weir")
        }
    }

    @Test func `cookies in the key are those that are named, never those of signed access`() async throws {
        let key: JSONObject = ["CookiesConfig": ["CookieBehavior": "allExcept", "Cookies": ["ads"]]]
        try await withWorld(distribution: Self.distribution(key: key)) { world async throws in
            echo(world, ["cookie"])
            let first = try await world.get(
                "/open/a",
                headers: [
                    "Cookie": "lang=de; CloudFront-Policy=p; ads=1; CloudFront-Signature=s; CloudFront-Key-Pair-Id=k"
                ])
            #expect(first.text == "|cookie=lang=de")
            #expect(try await untilHit(world, "/open/a", ["Cookie": "ads=2; lang=de"]).text == "|cookie=lang=de")
            #expect(try await world.get("/open/a", headers: ["Cookie": "lang=fr"]).text == "|cookie=lang=fr")
            #expect(try await world.get("/open/a", headers: ["Cookie": "CloudFront-Expires=1"]).text == "|cookie=-")
        }
    }

    @Test func `named cookies are in the key in one order, whatever theirs`() async throws {
        let key: JSONObject = ["CookiesConfig": ["CookieBehavior": "whitelist", "Cookies": ["b", "a"]]]
        try await withWorld(distribution: Self.distribution(key: key)) { world async throws in
            echo(world, ["cookie"])
            #expect(try await world.get("/open/a", headers: ["Cookie": "b=2; x=3; a=1"]).text == "|cookie=a=1; b=2")
            #expect(try await untilHit(world, "/open/a", ["Cookie": "a=1; b=2"]).text == "|cookie=a=1; b=2")
            #expect(world.origin.count("/open/a") == 1)
        }
    }

    @Test func `a response that varies is told apart within each key`() async throws {
        let key: JSONObject = ["HeadersConfig": ["HeaderBehavior": "whitelist", "Headers": ["X-Device"]]]
        try await withWorld(distribution: Self.distribution(key: key)) { world async throws in
            echo(world, ["x-device", "accept-language"], vary: "X-Device, Accept-Language")
            for device in ["tv", "phone"] {
                for language in ["de", "fr"] {
                    let headers: Headers = ["X-Device": device, "Accept-Language": language]
                    let text = "|x-device=\(device)|accept-language=\(language)"
                    #expect(try await world.get("/open/a", headers: headers).text == text)
                    #expect(try await untilHit(world, "/open/a", headers).text == text)
                }
            }
        }
    }

    @Test func `what an origin request policy names is forwarded, and one response is for all`() async throws {
        let request: JSONObject = [
            "HeadersConfig": ["HeaderBehavior": "whitelist", "Headers": ["X-Tenant"]],
            "CookiesConfig": ["CookieBehavior": "whitelist", "Cookies": ["session"]],
            "QueryStringsConfig": ["QueryStringBehavior": "whitelist", "QueryStrings": ["trace"]],
        ]
        let key: JSONObject = ["QueryStringsConfig": ["QueryStringBehavior": "whitelist", "QueryStrings": ["v"]]]
        try await withWorld(distribution: Self.distribution(key: key, request: request)) { world async throws in
            echo(world, ["x-tenant", "x-other", "cookie"])
            let headers: Headers = ["X-Tenant": "a", "X-Other": "b", "Cookie": "x=1; session=s; CloudFront-Policy=p"]
            let seen = "v=1&trace=2|x-tenant=a|x-other=-|cookie=session=s"
            #expect(try await world.get("/open/a?v=1&trace=2&z=3", headers: headers).text == seen)
            #expect(try await untilHit(world, "/open/a?v=1", [:]).text == seen)
            #expect(world.origin.count("/open/a") == 1)
        }
    }

    @Test func `a response that varies by what was forwarded is of the client whose it was`() async throws {
        let request: JSONObject = ["HeadersConfig": ["HeaderBehavior": "whitelist", "Headers": ["X-Tenant"]]]
        try await withWorld(distribution: Self.distribution(key: [:], request: request)) { world async throws in
            echo(world, ["x-tenant"], vary: "X-Tenant")
            for tenant in ["a", "b"] {
                #expect(try await world.get("/open/a", headers: ["X-Tenant": tenant]).text == "|x-tenant=\(tenant)")
                #expect(try await untilHit(world, "/open/a", ["X-Tenant": tenant]).text == "|x-tenant=\(tenant)")
            }
            #expect(try await world.get("/open/a").text == "|x-tenant=-")
        }
    }

    @Test func `what players say of themselves makes no other object and does not reach the origin`() async throws {
        let key: JSONObject = ["QueryStringsConfig": ["QueryStringBehavior": "all"]]
        try await withWorld(distribution: Self.distribution(key: key)) { world async throws in
            world.origin.answer("/open/a") { .text(.ok, $0.query ?? "-") }
            let first = try await world.get("/open/a?v=1&CMCD=bl%3D2100%2Csid%3D%22one%22")
            #expect(first.text == "v=1")
            try await world.untilStored("/open/a?v=1")
            for said in ["CMCD=bl%3D900%2Csid%3D%22two%22&v=1", "v=1&CMCD=", "v=1"] {
                let answer = try await world.get("/open/a?\(said)", headers: ["CMCD-Session": "sid=\"three\""])
                #expect(answer.cache == "Hit from weir")
                #expect(answer.text == "v=1")
            }
            #expect(world.origin.count("/open/a") == 1)
            #expect(try await world.metric(EdgeMetricTable.fillsBegun) == 1)
            #expect(try await world.get("/open/a?v=2&CMCD=bl%3D2100").text == "v=2")
        }
    }

    @Test func `what passes by keeps its fields, but for the cookies of signed access`() async throws {
        try await withWorld { world async throws in
            world.origin.answer("/api/a") { request in
                .text(.ok, "\(request.query ?? "")|\(request.headers.first("Cookie") ?? "-")")
            }
            let answer = try await world.get(
                "/api/a?x=1&CMCD=2", headers: ["Cookie": "a=1; CloudFront-Signature=s; odd; CloudFront-Other=2"])
            #expect(answer.text == "x=1&CMCD=2|a=1; odd; CloudFront-Other=2")
            #expect(try await world.get("/api/a", headers: ["Cookie": "CloudFront-Signature=s"]).text == "|-")
        }
    }

    @Test func `an origin request policy limits what passes by`() async throws {
        let distribution = World.distribution(
            behavior: [
                "CachePolicyId": "CachingDisabled", "OriginRequestPolicyId": "request",
                "AllowedMethods": ["GET", "POST"],
            ],
            top: [
                "OriginRequestPolicies": [
                    [
                        "Id": "request",
                        "HeadersConfig": ["HeaderBehavior": "allExcept", "Headers": ["X-Secret"]],
                        "QueryStringsConfig": ["QueryStringBehavior": "allExcept", "QueryStrings": ["ad"]],
                    ]
                ]
            ])
        try await withWorld(distribution: distribution) { world async throws in
            world.origin.answer("/open/a") { request in
                let seen = ["x-a", "x-secret", "cookie", "content-type"].map { request.headers.first($0) ?? "-" }
                return .text(.ok, "\(request.query ?? "")|\(seen.joined(separator: "|"))")
            }
            let response = try await world.send(
                "/open/a?x=1&ad=2", method: .post,
                headers: ["X-A": "1", "X-Secret": "2", "Cookie": "a=1", "Content-Type": "text/x"], body: .bytes([1]))
            let text = String(decoding: try await response.body.collect(upTo: 1000), as: UTF8.self)
            #expect(text == "x=1|1|-|-|text/x")
        }
    }

    @Test func `a crowd for one key is one request, for two keys two`() async throws {
        let key: JSONObject = ["HeadersConfig": ["HeaderBehavior": "whitelist", "Headers": ["X-Device"]]]
        try await withWorld(distribution: Self.distribution(key: key)) { world async throws in
            let gate = Gate()
            world.origin.answer("/open/a") { request in
                await gate.wait()
                return Response(
                    status: .ok, headers: ["Cache-Control": "max-age=600"],
                    body: .bytes(Array((request.headers.first("X-Device") ?? "").utf8)))
            }
            try await withThrowingTaskGroup(of: (String, String).self) { group in
                for number in 0..<20 {
                    let device = number % 2 == 0 ? "tv" : "phone"
                    group.addTask { (device, try await world.get("/open/a", headers: ["X-Device": device]).text) }
                }
                #expect(await eventually { world.origin.count("/open/a") == 2 })
                gate.open()
                for try await (device, text) in group { #expect(text == device) }
            }
            #expect(world.origin.count("/open/a") == 2)
        }
    }
}
