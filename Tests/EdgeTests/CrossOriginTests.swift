import HTTPServer
import HTTPWire
import JSON
import TestKit
import Testing

@testable import Edge

/// A page of another origin must be able to read every answer of a behavior that lets it, errors above all.
@Suite struct CrossOriginTests {
    private static let page = "https://player.example"

    private static func distribution(origins: [JSONValue] = ["https://player.example"], credentials: Bool = true)
        -> JSONValue
    {
        let cors: JSONValue = [
            "AccessControlAllowOrigins": .array(origins), "AccessControlAllowCredentials": .bool(credentials),
            "AccessControlAllowMethods": ["GET", "HEAD"], "AccessControlAllowHeaders": ["Range"],
            "AccessControlExposeHeaders": ["ETag"], "AccessControlMaxAgeSec": 60,
        ]
        return World.distribution(
            behavior: ["ResponseHeadersPolicyId": "open"], headers: ["CorsConfig": cors])
    }

    private func expectReadable(_ answer: Answer, _ status: Int, _ comment: String) {
        #expect(answer.status == status, "\(comment)")
        #expect(answer.headers.values("Access-Control-Allow-Origin") == [Self.page], "\(comment)")
        #expect(answer.headers.values("Access-Control-Allow-Credentials") == ["true"], "\(comment)")
        #expect(answer.headers.values("Vary").contains("Origin"), "\(comment)")
    }

    @Test func `hits, misses and every kind of error can be read`() async throws {
        try await withWorld(distribution: Self.distribution()) { world async throws in
            let page: Headers = ["Origin": Self.page]
            world.origin.answer(
                "/open/a", [1, 2, 3],
                headers: ["Cache-Control": "max-age=60", "Access-Control-Allow-Origin": "*", "ETag": "\"v\""])
            expectReadable(try await world.get("/open/a", headers: page), 200, "miss")
            try await world.untilStored("/open/a")
            let hit = try await world.get("/open/a", headers: page)
            expectReadable(hit, 200, "hit")
            #expect(hit.headers.first("Access-Control-Expose-Headers") == "ETag")
            expectReadable(
                try await world.get("/open/a", headers: ["Origin": Self.page, "If-None-Match": "\"v\""]), 304, "304")
            expectReadable(
                try await world.get("/open/a", headers: ["Origin": Self.page, "Range": "bytes=9-"]), 416, "416")
            expectReadable(
                try await world.get("/open/a", headers: ["Origin": Self.page, "Range": "bytes=0-0"]), 206, "206")
            expectReadable(try await world.get("/open/none", headers: page), 404, "404")
            expectReadable(try await world.get("/open/a", method: .put, headers: page), 405, "405")
            world.origin.answer("/open/broken") { _ in Response(status: .internalServerError) }
            expectReadable(try await world.get("/open/broken", headers: page), 500, "500")
            world.origin.answer("/open/moved") { _ in Response(status: .found, headers: ["Location": "/open/a"]) }
            expectReadable(try await world.get("/open/moved", headers: page), 302, "302")
            await world.origin.stop()
            expectReadable(try await world.get("/open/away", headers: page), 502, "502")
        }
    }

    @Test func `a refused signature and a redirect to https can be read`() async throws {
        try await withWorld { world async throws in
            expectReadable(try await world.get("/media/v/a", headers: ["Origin": Self.page]), 403, "403")
        }
        let redirecting = World.distribution(
            behavior: ["ResponseHeadersPolicyId": "media", "ViewerProtocolPolicy": "redirect-to-https"])
        try await withWorld(distribution: redirecting) { world async throws in
            expectReadable(try await world.get("/open/a", headers: ["Origin": Self.page]), 301, "301")
        }
    }

    @Test func `a page that is not allowed, or none, gets no leave but is told that it matters`() async throws {
        try await withWorld(distribution: Self.distribution()) { world async throws in
            world.origin.answer("/open/a", [1])
            for headers: Headers in [[:], ["Origin": "https://evil.example"], ["Origin": "null"]] {
                let answer = try await world.get("/open/a", headers: headers)
                #expect(!answer.headers.contains("Access-Control-Allow-Origin"))
                #expect(answer.headers.values("Vary") == ["Origin"])
            }
        }
    }

    @Test func `a preflight is answered by the edge, without signature and without origin`() async throws {
        try await withWorld { world async throws in
            let question: Headers = ["Origin": Self.page, "Access-Control-Request-Method": "GET"]
            let answer = try await world.get("/media/v/a", method: .options, headers: question)
            expectReadable(answer, 204, "preflight")
            #expect(answer.headers.first("Access-Control-Allow-Methods") == "GET, HEAD")
            #expect(answer.headers.first("Access-Control-Allow-Headers") == "Range")
            #expect(answer.headers.first("Access-Control-Max-Age") == "600")
            #expect(world.origin.total == 0)
        }
    }

    @Test func `where every field is allowed, a preflight names those it was asked for`() async throws {
        let cors: JSONValue = [
            "AccessControlAllowOrigins": ["*"], "AccessControlAllowCredentials": true,
            "AccessControlAllowHeaders": ["*"],
        ]
        let distribution = World.distribution(
            behavior: ["ResponseHeadersPolicyId": "open"], headers: ["CorsConfig": cors])
        try await withWorld(distribution: distribution) { world async throws in
            let question: Headers = [
                "Origin": Self.page, "Access-Control-Request-Method": "GET",
                "Access-Control-Request-Headers": "range,x-a",
            ]
            let answer = try await world.get("/open/a", method: .options, headers: question)
            #expect(answer.headers.first("Access-Control-Allow-Headers") == "range,x-a")
            #expect(answer.headers.values("Vary").contains("Access-Control-Request-Headers"))
        }
    }
}
