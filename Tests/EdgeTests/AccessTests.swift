import Crypto
import EventLoop
import HTTPServer
import HTTPWire
import Telemetry
import Testing

@testable import Edge

@Suite struct AccessTests {
    static let missingKey =
        #"<?xml version="1.0" encoding="UTF-8"?><Error><Code>MissingKey</Code><Message>Missing Key-Pair-Id query "#
        + "parameter or cookie value</Message></Error>"
    static let accessDenied =
        #"<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code>"#
        + "<Message>Access denied</Message></Error>"
    static let unknownKey =
        #"<?xml version="1.0" encoding="UTF-8"?><Error><Code>InvalidKey</Code><Message>Unknown Key</Message></Error>"#

    private func refused(_ cookie: String?, _ target: String = "/media/v1/a") async throws -> String {
        var text = ""
        try await withWorld { world in
            world.origin.answer("/bucket/media/v1/a", [1])
            var headers: Headers = ["Origin": "https://player.example"]
            if let cookie { headers.set("Cookie", cookie) }
            let answer = try await world.get(target, headers: headers)
            #expect(answer.status == 403)
            #expect(answer.cache == "Error from weir")
            #expect(answer.headers.first("Content-Type") == "text/xml")
            #expect(answer.headers.first("Access-Control-Allow-Origin") == "https://player.example")
            #expect(answer.headers.first("Access-Control-Allow-Credentials") == "true")
            #expect(world.origin.total == 0)
            text = answer.text
        }
        return text
    }

    @Test func `no cookies: CloudFront's 146 bytes`() async throws {
        let text = try await refused(nil)
        #expect(text == Self.missingKey)
        #expect(text.utf8.count == 146)
    }

    @Test func `expired cookies`() async throws {
        #expect(try await refused(World.cookies("*", expires: WallClock.epochSeconds() - 1)) == Self.accessDenied)
    }

    @Test func `cookies for another resource`() async throws {
        #expect(try await refused(World.cookies("http*://*/media/v2/*")) == Self.accessDenied)
    }

    @Test func `cookies of a key that is not trusted`() async throws {
        #expect(try await refused(World.cookies("http*://*/media/*", keyPairId: "K2")) == Self.unknownKey)
    }

    @Test func `cookies signed with another key`() async throws {
        let stranger = try PrivateKey.generateRSA()
        #expect(try await refused(World.cookies("http*://*/media/*", key: stranger)) == Self.accessDenied)
    }

    @Test func `a policy that was altered after signing`() async throws {
        let own = try World.cookies("http*://*/media/v2/*").split(separator: ";")
        let foreign = try World.cookies("http*://*/media/v1/*").split(separator: ";")
        #expect(try await refused("\(foreign[0]);\(own[1]);\(own[2])") == Self.accessDenied)
    }

    @Test func `right cookies open what they name, hit or miss, and leave no trace at the origin`() async throws {
        try await withWorld { world in
            world.origin.answer("/bucket/media/v1/a", patterned(300_000))
            let cookie = try World.cookies("http*://*/media/v1/*")
            for expected in ["Miss from weir", "Hit from weir"] {
                let answer = try await world.get("/media/v1/a", headers: ["Cookie": cookie])
                #expect(answer.status == 200)
                #expect(answer.cache == expected)
                try await world.untilStored("/media/v1/a")
            }
            #expect(try await world.get("/media/v1/a").status == 403)
            let request = try #require(world.origin.requests("/bucket/media/v1/a").first)
            #expect(request.headers.first("Authorization")?.hasPrefix("AWS4-HMAC-SHA256 Credential=AKTEST/") == true)
            #expect(request.headers.contains("x-amz-date"))
            #expect(!request.headers.contains("Cookie"))
            #expect(request.query == nil)
        }
    }

    @Test func `one connection plays what it may and nothing else`() async throws {
        try await withWorld { world in
            world.origin.answer("/bucket/media/v1/a", [1])
            world.origin.answer("/bucket/media/v2/a", [2])
            let first = try World.cookies("http*://*/media/v1/*")
            let second = try World.cookies("http*://*/media/v2/*")
            for _ in 0..<3 {
                #expect(try await world.get("/media/v1/a", headers: ["Cookie": first]).body == [1])
                #expect(try await world.get("/media/v2/a", headers: ["Cookie": first]).status == 403)
                #expect(try await world.get("/media/v2/a", headers: ["Cookie": second]).body == [2])
            }
        }
    }

    @Test func `a signed URL opens its object and the store keeps one copy`() async throws {
        try await withWorld { world in
            world.origin.answer("/bucket/media/v1/a", patterned(10))
            let url = "http://127.0.0.1:\(world.edgePort)/media/v1/a"
            for seconds: Int64 in [600, 700] {
                let target = try World.signedTarget(url, expires: WallClock.epochSeconds() + seconds)
                #expect(try await world.get(target).status == 200)
            }
            try await world.untilStored("/media/v1/a")
            #expect(world.origin.requests("/bucket/media/v1/a").map(\.query) == [nil])
            let names = ["Signature=", "Key-Pair-Id="]
            let lines = world.log.lines.map { $0.replacing("=REDACTED", with: "") }
            #expect(!lines.contains { line in names.contains { line.contains($0) } })
        }
    }

    @Test(arguments: [
        "/media/v1/../v2/a", "/media/v1/%2e%2e/v2/a", "/media/v1/..%2fv2/a", "/media/v1/..%5cv2/a",
        "/media/v1/%252e%252e/v2/a", "/media/v1//../v2/a", "/media/v1/.%00./v2/a", "/media/v1/..;/v2/a",
        "/open/../media/v2/a", "/api/%2e%2e/media/v2/a", "//media/v2/a", "/%6dedia/v2/a",
    ])
    func `no spelling of a path gets around the signature`(target: String) async throws {
        try await withWorld { world in
            world.origin.answer("/bucket/media/v2/a", [2])
            let cookie = try World.cookies("http*://*/media/v1/*")
            let answer = try await world.get(target, headers: ["Cookie": cookie])
            #expect(answer.status == 400 || answer.status == 403)
            #expect(world.origin.total == 0)
        }
    }

    @Test func `a browser's question before a cross-origin request needs no cookies`() async throws {
        try await withWorld { world in
            let answer = try await world.get(
                "/media/v1/a", method: .options,
                headers: ["Origin": "https://player.example", "Access-Control-Request-Method": "GET"])
            #expect(answer.status == 204)
            #expect(answer.headers.first("Access-Control-Allow-Origin") == "https://player.example")
            #expect(answer.headers.first("Access-Control-Allow-Methods") == "GET, HEAD")
            #expect(world.origin.total == 0)
        }
    }

    @Test func `a method the behavior does not allow is refused`() async throws {
        try await withWorld { world in
            let answer = try await world.play("/media/v1/a", method: .delete)
            #expect(answer.status == 405)
            #expect(answer.headers.first("Allow") == "GET, HEAD, OPTIONS")
            #expect(world.origin.total == 0)
        }
    }
}
