import HTTPClient
import HTTPServer
import HTTPWire
import JSON
import TestKit
import Testing

@testable import Edge

/// `CustomErrorResponses`: pages of the distribution in place of errors.
@Suite struct ErrorPageTests {
    private static func distribution(_ responses: [JSONValue], behavior: JSONObject = [:]) -> JSONValue {
        World.distribution(behavior: behavior, top: ["CustomErrorResponses": .array(responses)])
    }

    private static let notFound: JSONValue = ["ErrorCode": 404, "ResponsePagePath": "/open/404.html"]

    private func answerPage(_ world: World, _ path: String = "/open/404.html") {
        world.origin.answer(
            path, Array("so sorry".utf8),
            headers: ["Content-Type": "text/html", "Cache-Control": "max-age=600", "ETag": "\"p\""])
    }

    @Test func `clients get the page, with the error's status and no lifetime of the page's`() async throws {
        try await withWorld(distribution: Self.distribution([Self.notFound])) { world async throws in
            answerPage(world)
            for _ in 1...2 {
                let answer = try await world.get(
                    "/open/missing", headers: ["Range": "bytes=0-1", "If-None-Match": "\"p\""])
                #expect(answer.status == 404)
                #expect(answer.text == "so sorry")
                #expect(answer.headers.first("Content-Type") == "text/html")
                #expect(answer.headers.values("Cache-Control") == ["no-store"])
                #expect(answer.headers.first("ETag") == nil)
            }
            #expect(try await world.get("/open/missing", method: .head).headers.first("Content-Length") == "8")
            try await world.untilStored("/open/404.html")
            try await world.untilStored("/open/missing")
            let asked = world.origin.total
            let answer = try await world.get("/open/missing")
            #expect(answer.text == "so sorry")
            #expect(answer.cache == "Hit from weir")
            #expect(world.origin.total == asked)
            #expect(try await world.get("/open/404.html").status == 200)
        }
    }

    @Test func `an operator may give another status, as applications in one page need`() async throws {
        let application: JSONValue = ["ErrorCode": 404, "ResponsePagePath": "/open/index.html", "ResponseCode": 200]
        try await withWorld(distribution: Self.distribution([application])) { world async throws in
            answerPage(world, "/open/index.html")
            let answer = try await world.get("/open/some/view")
            #expect(answer.status == 200)
            #expect(answer.text == "so sorry")
            #expect(answer.headers.values("Cache-Control") == ["max-age=600"])
        }
    }

    @Test func `the error's own status comes when the page fails, and no circle begins`() async throws {
        let responses: [JSONValue] = [
            Self.notFound, ["ErrorCode": 500, "ResponsePagePath": "/open/500.html"],
            ["ErrorCode": 503, "ResponsePagePath": "/open/missing-too"],
        ]
        try await withWorld(distribution: Self.distribution(responses)) { world async throws in
            for code in [500, 503] {
                world.origin.answer("/open/\(code)") { _ in .text(HTTPStatus(code: code), "broken") }
            }
            world.origin.answer("/open/500.html") { _ in .text(.internalServerError, "broken as well") }
            for (path, code) in [("missing", 404), ("500", 500), ("503", 503), ("404.html", 404), ("500.html", 500)] {
                for _ in 1...2 {
                    let answer = try await world.get("/open/\(path)")
                    #expect(answer.status == code)
                    #expect(answer.text == "Error \(code).\n")
                }
            }
        }
    }

    @Test func `an origin that cannot be reached has a page too, once it is stored`() async throws {
        let page: JSONValue = ["ErrorCode": 502, "ResponsePagePath": "/open/502.html"]
        try await withWorld(distribution: Self.distribution([page])) { world async throws in
            answerPage(world, "/open/502.html")
            _ = try await world.get("/open/502.html")
            try await world.untilStored("/open/502.html")
            await world.origin.stop()
            let answer = try await world.get("/open/a")
            #expect(answer.status == 502)
            #expect(answer.text == "so sorry")
            #expect(try await world.get("/api/a").text == "so sorry")
        }
    }

    @Test func `what passes by and what is for one client get the page as well, and other methods the answer`()
        async throws
    {
        try await withWorld(distribution: Self.distribution([Self.notFound])) { world async throws in
            answerPage(world)
            world.origin.answer("/open/private") { _ in
                Response(status: .notFound, headers: ["Cache-Control": "private"], body: .bytes(Array("no".utf8)))
            }
            for path in ["/api/missing", "/open/private"] {
                let answer = try await world.get(path)
                #expect(answer.status == 404)
                #expect(answer.text == "so sorry")
            }
            let posted = try await world.send("/api/missing", method: .post, body: .bytes([1]))
            #expect(posted.status == .notFound)
            #expect(String(decoding: try await posted.body.collect(upTo: 100), as: UTF8.self) == "not here\n")
        }
    }

    @Test func `a page may pass by, and stand for a refusal of signed access`() async throws {
        let distribution = Self.distribution([["ErrorCode": 403, "ResponsePagePath": "/api/403"]])
        try await withWorld(distribution: distribution) { world async throws in
            answerPage(world, "/api/403")
            let answer = try await world.get(
                "/media/v1/index.m3u8", headers: ["Range": "bytes=0-1", "If-None-Match": "\"p\""])
            #expect(answer.status == 403)
            #expect(answer.text == "so sorry")
            #expect(world.origin.requests("/api/403").first?.headers.contains("Range") == false)
            #expect(world.origin.count("/bucket/media/v1/index.m3u8") == 0)
        }
    }

    /// Pages under `/kept/` are stored, those under `/api/` pass by; both have a policy of their own, `/open/*` another one,
    /// and `/plain/*` none.
    private static let withPolicies: JSONValue = {
        let policies: [JSONValue] = [
            [
                "Id": "asked", "CorsConfig": ["AccessControlAllowOrigins": ["*"]], "RemoveHeaders": ["X-Inner"],
                "CustomHeaders": [["Header": "X-Of", "Value": "asked", "Override": true]],
            ],
            ["Id": "page", "CustomHeaders": [["Header": "X-Of", "Value": "page", "Override": true]]],
        ]
        func behavior(_ pattern: String, cache: String?, headers: String?) -> JSONValue {
            var behavior: JSONObject = ["PathPattern": .string(pattern), "TargetOriginId": "app"]
            if let cache { behavior["CachePolicyId"] = .string(cache) }
            if let headers { behavior["ResponseHeadersPolicyId"] = .string(headers) }
            return .object(behavior)
        }
        return [
            "Id": "EPAGES", "Origins": [["Id": "media"], ["Id": "app"]], "CachePolicies": [["Id": "media"]],
            "ResponseHeadersPolicies": .array(policies),
            "CacheBehaviors": [
                behavior("/open/*", cache: "media", headers: "asked"),
                behavior("/plain/*", cache: "media", headers: nil),
                behavior("/kept/*", cache: "media", headers: "page"), behavior("/api/*", cache: nil, headers: "page"),
            ],
            "CustomErrorResponses": [
                ["ErrorCode": 404, "ResponsePagePath": "/kept/404.html"],
                ["ErrorCode": 410, "ResponsePagePath": "/api/410.html"],
            ],
            "DefaultCacheBehavior": ["TargetOriginId": "app", "CachePolicyId": "media"],
        ]
    }()

    @Test(arguments: [404, 410])
    func `the response fields are those of what the client asked for, not of the page's path`(code: Int) async throws {
        try await withWorld(distribution: Self.withPolicies) { world async throws in
            for path in ["/kept/404.html", "/api/410.html"] {
                world.origin.answer(
                    path, Array("so sorry".utf8),
                    headers: ["Access-Control-Allow-Origin": "https://inner.example", "X-Inner": "1"])
            }
            for folder in ["open", "plain"] {
                world.origin.answer("/\(folder)/a") { _ in .text(HTTPStatus(code: code), "no") }
            }
            let question: Headers = ["Origin": "https://player.example"]
            // From the origin, and where they are stored from there.
            for _ in 1...2 {
                let asked = try await world.get("/open/a", headers: question)
                #expect(asked.status == code)
                #expect(asked.text == "so sorry")
                #expect(asked.headers.values("X-Of") == ["asked"])
                #expect(asked.headers.values("Access-Control-Allow-Origin") == ["https://player.example"])
                #expect(asked.headers.first("X-Inner") == nil)
                let plain = try await world.get("/plain/a", headers: question)
                #expect(plain.text == "so sorry")
                #expect(plain.headers.first("X-Of") == nil)
                if code == 404 { try await world.untilStored("/kept/404.html") }
            }
            let page = try await world.get(code == 404 ? "/kept/404.html" : "/api/410.html")
            #expect(page.headers.values("X-Of") == ["page"])
        }
    }

    @Test func `the error in place of a page that fails has the fields of what the client asked for`() async throws {
        try await withWorld(distribution: Self.withPolicies) { world async throws in
            world.origin.answer("/kept/404.html") { _ in .text(.internalServerError, "broken") }
            let answer = try await world.get("/open/missing", headers: ["Origin": "https://player.example"])
            #expect(answer.status == 404)
            #expect(answer.text == "Error 404.\n")
            #expect(answer.headers.values("X-Of") == ["asked"])
            #expect(answer.headers.first("Access-Control-Allow-Origin") == "https://player.example")
        }
    }

    @Test func `many who meet one error wait for one page`() async throws {
        try await withWorld(distribution: Self.distribution([Self.notFound])) { world async throws in
            answerPage(world)
            try await withThrowingTaskGroup(of: Answer.self) { group in
                for _ in 0..<16 { group.addTask { try await world.get("/open/missing") } }
                for try await answer in group {
                    #expect(answer.status == 404)
                    #expect(answer.text == "so sorry")
                }
            }
            #expect(world.origin.count("/open/404.html") == 1)
        }
    }
}
