import EventLoop
import HTTPServer
import HTTPWire
import JSON
import TestKit
import Testing

@testable import Edge

/// What one client tries at the expense of others: getting at their content, or putting its own in their way.
@Suite struct ClientAttackTests {
    private func head(_ world: World, _ request: String) throws -> String {
        let client = try RawConnection(to: .loopback(port: world.edgePort))
        client.send(request)
        return client.receive(until: "\r\n\r\n")
    }

    // MARK: Signatures

    @Test(arguments: [
        ("cdn.example", true), ("CDN.Example", true), ("cdn.example.", false), ("cdn.example:8080", false),
        ("cdn.example:80", false), ("other.example", false), ("cdn.example.evil.example", false), ("127.0.0.1", false),
    ])
    func `a signature for one host opens no other spelling of it`(host: String, opens: Bool) async throws {
        try await withWorld { world in
            world.origin.answer("/bucket/media/v1/a", [1])
            let cookie = try World.cookies("http://cdn.example/media/v1/*")
            let answer = try head(
                world, "GET /media/v1/a HTTP/1.1\r\nHost: \(host)\r\nCookie: \(cookie)\r\n\r\n")
            // Names of hosts compare without regard to case (RFC 9110 §4.2.3): that spelling is the same resource.
            #expect(answer.hasPrefix(opens ? "HTTP/1.1 200" : "HTTP/1.1 403"))
            #expect(world.origin.total == (opens ? 1 : 0))
        }
    }

    @Test func `a key removed in the middle of a session closes it at once, on the same connection`() async throws {
        try await withWorld { world in
            world.origin.answer("/bucket/media/v1/a", [1])
            let cookie = try World.cookies("http*://*/media/v1/*")
            let request = "GET /media/v1/a HTTP/1.1\r\nHost: h\r\nCookie: \(cookie)\r\n\r\n"
            let client = try RawConnection(to: .loopback(port: world.edgePort))
            for _ in 0..<2 {
                client.send(request)
                #expect(client.receiveResponse().head.hasPrefix("HTTP/1.1 200"))
            }
            try world.replaceKey()
            let reload = try await world.admin("/reload")
            #expect(reload.status == 200)
            client.send(request)
            #expect(client.receiveResponse().head.hasPrefix("HTTP/1.1 403"))
        }
    }

    @Test func `a policy too large for a head is refused before it is read`() async throws {
        try await withWorld { world in
            let cookie = "CloudFront-Policy=" + String(repeating: "a", count: 10 << 20)
            let answer = try head(world, "GET /media/v1/a HTTP/1.1\r\nHost: h\r\nCookie: \(cookie)\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 431"))
        }
    }

    // MARK: Deception

    @Test(arguments: [
        "/open/account/..%2fy.ts", "/open/account%0a.ts", "/open/account%00.ts", "/open/account/%2e%2e/y.ts",
        "/open/account\\y.ts",
    ])
    func `a path that hides another is refused, whatever it ends in`(target: String) async throws {
        try await withWorld { world in
            let answer = try head(world, "GET \(target) HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 400"))
            #expect(world.origin.total == 0)
        }
    }

    @Test(arguments: ["/open/account;a.ts", "/open/account%23.ts", "/open/account%3Fa.ts", "/open/account.ts"])
    func `what is private to one client reaches no other, whatever its path ends in`(target: String) async throws {
        try await withWorld { world in
            for (index, headers) in [
                ["Cache-Control": "private, max-age=600"], ["Cache-Control": "no-store"],
                ["Set-Cookie": "session=1", "Cache-Control": "private"],
            ].enumerated() as EnumeratedSequence<[Headers]> {
                let target = "\(target)?\(index)"
                world.origin.answer(String(target.split(separator: "?")[0])) { request in
                    Response(
                        status: .ok, headers: headers,
                        body: .bytes(Array((request.headers.first("Cookie") ?? "nobody").utf8)))
                }
                let victim = try await world.get(target, headers: ["Cookie": "victim"])
                #expect(!victim.cache.hasPrefix("Hit"))
                let attacker = try await world.get(target, headers: ["Cookie": "attacker"])
                #expect(!attacker.text.contains("victim"))
                #expect(!attacker.cache.hasPrefix("Hit"))
            }
        }
    }

    @Test func `the answer to somebody's credentials is theirs alone`() async throws {
        try await withWorld { world in
            world.origin.answer("/open/a") { request in
                Response(
                    status: .ok, headers: ["Cache-Control": "max-age=600"],
                    body: .bytes(Array((request.headers.first("Authorization") ?? "nobody").utf8)))
            }
            let victim = try await world.get("/open/a", headers: ["Authorization": "Bearer victim"])
            #expect(victim.text == "Bearer victim")
            let other = try await world.get("/open/a")
            #expect(other.text == "nobody")
        }
    }

    // MARK: Poisoning

    @Test func `fields that are no part of the key never reach an origin whose answer is for everybody`() async throws {
        try await withWorld { world in
            world.origin.answer("/open/a", Array("clean".utf8))
            let poison: Headers = [
                "X-Forwarded-Host": "evil.example", "X-Forwarded-For": "1.2.3.4", "X-Forwarded-Proto": "gopher",
                "X-HTTP-Method-Override": "DELETE", "X-Original-URL": "/admin", "X-Rewrite-URL": "/admin",
                "Forwarded": "host=evil.example", "X-Host": "evil.example", "Range": "bytes=0-0",
                "Accept-Language": "xx", "User-Agent": "evil", "Referer": "http://evil.example", "Cookie": "a=b",
                "X-Large": String(repeating: "a", count: 16_000),
            ]
            _ = try await world.get("/open/a", headers: poison)
            let request = try #require(world.origin.requests("/open/a").first)
            for field in poison where field.name != "User-Agent" {
                #expect(!request.headers.values(field.name).contains(field.value), "\(field.name)")
            }
            #expect(request.headers.first("Host") == "127.0.0.1:\(world.origin.port)")
            #expect(request.headers.first("User-Agent") == "weir-edge")
            try await world.untilStored("/open/a")
            let other = try await world.get("/open/a")
            #expect(other.text == "clean")
        }
    }

    @Test(arguments: [400, 403, 405, 413, 414, 431, 501])
    func `an error that a client may have provoked is not kept for others`(status: Int) async throws {
        try await withWorld { world in
            world.origin.answer("/open/a") { _ in
                Response(status: HTTPStatus(code: status), body: .bytes(Array("no".utf8)))
            }
            let first = try await world.get("/open/a")
            #expect(first.status == status)
            world.origin.answer("/open/a", Array("yes".utf8))
            #expect(await eventually { (try? await world.get("/open/a").text) == "yes" })
        }
    }

    @Test func `repeated names of a query stay as they were sent, in key and origin request alike`() async throws {
        try await withWorld { world in
            world.origin.answer("/page") { request in
                Response(
                    status: .ok, headers: ["Cache-Control": "max-age=600"],
                    body: .bytes(Array((request.query ?? "").utf8)))
            }
            for query in ["a=1&a=2", "a=2&a=1", "a=1", "a=1&a=1", "a=1&&a=2", "a=1&a=2&"] {
                for _ in 0..<2 {
                    let answer = try await world.get("/page?\(query)")
                    #expect(answer.text == query)
                }
            }
        }
    }
}
