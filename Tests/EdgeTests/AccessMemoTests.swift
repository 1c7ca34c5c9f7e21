import EventLoop
import HTTPWire
import JSON
import TestKit
import Testing

@testable import Edge

/// What is remembered of good signatures is worth time and never a right.
@Suite struct AccessMemoTests {
    private static func checks(_ proof: String, _ world: World) async throws -> Int {
        let page = try await world.admin("/metrics", method: .get).document.string ?? ""
        let line = page.split(separator: "\n").first {
            $0.hasPrefix("weir_edge_signed_access_checks_total{proof=\"\(proof)\"}")
        }
        return line?.split(separator: " ").last.flatMap { Int($0) } ?? 0
    }

    @Test func `what proved a request is counted, and how often nothing had to be verified`() async throws {
        try await withWorld(configure: { $0["loops"] = 1 }) { world in
            world.origin.answer("/bucket/media/v1/a", [1])
            let cookie = try World.cookies("http*://*/media/v1/*")
            for _ in 0..<4 {
                #expect(try await world.get("/media/v1/a", headers: ["Cookie": cookie]).status == 200)
            }
            #expect(try await world.get("/media/v1/a").status == 403)
            let expected = [("signature", 1), ("connection", 3), ("none", 1)]
            for (proof, count) in expected { #expect(try await Self.checks(proof, world) == count, "\(proof)") }
            let page = try await world.admin("/metrics", method: .get).document.string ?? ""
            #expect(page.contains("\nweir_edge_signature_memo_hit_ratio 0.75\n"))
            // The same cookies on a connection of their own.
            let other = try RawConnection(to: .loopback(port: world.edgePort))
            other.send("GET /media/v1/a HTTP/1.1\r\nHost: h\r\nCookie: \(cookie)\r\n\r\n")
            #expect(other.receiveResponse().head.hasPrefix("HTTP/1.1 200"))
            #expect(try await Self.checks("loop", world) == 1)
            #expect(try await Self.checks("signature", world) == 1)
        }
    }

    @Test func `a signature proven in one behavior is not proven in another`() async throws {
        var document = World.distribution.object ?? [:]
        let elsewhere: JSONValue = [
            "PathPattern": "/media/other/*", "TargetOriginId": "media", "CachePolicyId": "media",
            "TrustedKeyGroups": ["Enabled": true, "Items": ["elsewhere"]],
        ]
        document["CacheBehaviors"] = .array([elsewhere] + (document["CacheBehaviors"]?.array ?? []))
        try await withWorld(
            distribution: .object(document),
            configure: { settings in
                var groups = settings["keyGroups"]?.object ?? [:]
                groups["elsewhere"] = ["keys": [["id": "K9", "file": "key.pem"]]]
                settings["keyGroups"] = .object(groups)
            }
        ) { world in
            for path in ["/bucket/media/v1/a", "/bucket/media/other/a"] { world.origin.answer(path, [1]) }
            let cookies = (try World.cookies("*"), try World.cookies("*", keyPairId: "K9"))
            for _ in 0..<3 {
                for (cookie, here, there) in [(cookies.0, 200, 403), (cookies.1, 403, 200)] {
                    #expect(try await world.get("/media/v1/a", headers: ["Cookie": cookie]).status == here)
                    let other = try await world.get("/media/other/a", headers: ["Cookie": cookie])
                    #expect(other.status == there)
                    if there == 403 { #expect(other.text == AccessTests.unknownKey) }
                }
            }
        }
    }

    @Test(arguments: [false, true])
    func `a signature proven before a change of keys is not proven after it`(byQuery: Bool) async throws {
        try await withWorld { world in
            world.origin.answer("/bucket/media/v1/a", [1])
            let target = byQuery ? "/media/v1/a?\(try World.grant("*"))" : "/media/v1/a"
            let headers: Headers = byQuery ? [:] : ["Cookie": try World.cookies("*")]
            for _ in 0..<3 { #expect(try await world.get(target, headers: headers).status == 200) }
            try world.replaceKey()
            #expect(try await world.admin("/reload").status == 200)
            for _ in 0..<3 {
                let answer = try await world.get(target, headers: headers)
                #expect((answer.status, answer.text) == (403, AccessTests.accessDenied))
            }
        }
    }
}
