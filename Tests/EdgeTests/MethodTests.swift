import EventLoop
import HTTPServer
import HTTPWire
import JSON
import TestKit
import Testing

@testable import Edge

/// Methods and fields that concern the connection rather than the content.
@Suite struct MethodTests {
    private func head(_ world: World, _ request: String) throws -> String {
        let client = try RawConnection(to: .loopback(port: world.edgePort))
        client.send(request)
        return client.receive(until: "\r\n\r\n")
    }

    @Test(
        arguments: [
            ("/open/a", [:]), ("/open/a", ["If-None-Match": "\"v1\""]), ("/open/a", ["If-Match": "\"v2\""]),
            ("/open/missing", [:]), ("/media/denied", [:]), ("/api/a", [:]), ("/open/%2f", [:]),
        ] as [(String, Headers)])
    func `HEAD is answered with the head of GET and no body`(target: String, fields: Headers) async throws {
        try await withWorld { world in
            let kept = "max-age=3600"
            world.origin.answer("/open/a", patterned(3000), headers: ["Cache-Control": kept, "ETag": "\"v1\""])
            world.origin.answer("/open/missing") { _ in
                var response = Response.text(.notFound, "not found")
                response.headers.set("Cache-Control", kept)
                return response
            }
            world.origin.answer("/api/a", patterned(3000), headers: ["ETag": "\"v1\"", "X-Custom": "yes"])
            if ["/open/a", "/open/missing"].contains(target) {
                _ = try await world.get(target)
                try await world.untilStored(target)
            }
            let get = try await world.get(target, headers: fields)
            let head = try await world.get(target, method: .head, headers: fields)
            #expect(head.status == get.status)
            #expect(head.body.isEmpty)
            #expect(Self.lasting(head) == Self.lasting(get))
        }
    }

    /// The fields that do not differ from one response to the next.
    private static func lasting(_ answer: Answer) -> [String] {
        let passing = ["date", "age", "x-request-id", "x-amz-cf-id", "cache-status"]
        return answer.headers.filter { !passing.contains($0.name.lowercased()) }.map { "\($0.name): \($0.value)" }
    }

    @Test func `OPTIONS for the edge itself names what it takes, and no origin hears of it`() async throws {
        try await withWorld { world in
            for target in ["*", "http://a.example"] {
                let answer = try head(world, "OPTIONS \(target) HTTP/1.1\r\nHost: a.example\r\n\r\n")
                #expect(answer.hasPrefix("HTTP/1.1 204 "))
                #expect(answer.contains("Allow: GET, HEAD, OPTIONS, PUT, POST, PATCH, DELETE\r\n"))
            }
            #expect(world.origin.total == 0)
        }
    }

    @Test func `Max-Forwards stops OPTIONS here or counts it down, and means nothing to GET`() async throws {
        try await withWorld { world in
            world.origin.answer("/api/a") { _ in .text(.ok, "origin") }
            let request = { (method: String, count: String) in
                "\(method) /api/a HTTP/1.1\r\nHost: x\r\nMax-Forwards: \(count)\r\n\r\n"
            }
            let here = try head(world, request("OPTIONS", "0"))
            #expect(here.hasPrefix("HTTP/1.1 204 "))
            #expect(here.contains("Allow: GET, HEAD, OPTIONS, PUT, POST, PATCH, DELETE\r\n"))
            #expect(world.origin.total == 0)
            for (method, count) in [("OPTIONS", "3"), ("OPTIONS", "many"), ("GET", "0")] {
                #expect(try head(world, request(method, count)).hasPrefix("HTTP/1.1 200 "))
            }
            #expect(world.origin.requests("/api/a").map { $0.headers.first("Max-Forwards") } == ["2", "many", "0"])
        }
    }

    @Test func `OPTIONS is stored apart from GET where the behavior says so`() async throws {
        let distribution = World.distribution(
            policy: ["DefaultTTL": 600],
            behavior: ["CachedMethods": ["GET", "HEAD", "OPTIONS"]])
        try await withWorld(distribution: distribution) { world in
            world.origin.answer("/open/a") { request in
                var response = Response.text(.ok, request.method.name)
                response.headers.set("Cache-Control", "max-age=600")
                response.headers.set("Vary", "X-Device")
                return response
            }
            let fields: Headers = ["X-Device": "tv"]
            for method in [HTTPMethod.options, .get] {
                #expect(try await world.get("/open/a", method: method, headers: fields).text == method.name)
                let isStored = try await eventually {
                    try await world.get("/open/a", method: method, headers: fields).cache == "Hit from weir"
                }
                #expect(isStored)
                let unconditional: Headers = ["X-Device": "tv", "Range": "bytes=9-"]
                let again = try await world.get(
                    "/open/a", method: method, headers: method == .options ? unconditional : fields)
                #expect(again.cache == "Hit from weir" && again.text == method.name)
            }
            let asked = world.origin.requests("/open/a")
            #expect(asked.contains { $0.method == .options && $0.headers.first("X-Device") == "tv" })
            let count = asked.filter { $0.method == .options }.count
            try await world.purge(["urls": ["/open/a"]])
            #expect(try await world.get("/open/a", method: .options, headers: fields).text == "OPTIONS")
            #expect(world.origin.requests("/open/a").filter { $0.method == .options }.count > count)
        }
    }

    @Test func `OPTIONS passes by where the behavior does not store it`() async throws {
        try await withWorld { world in
            world.origin.answer("/open/a", [1])
            for _ in 1...2 { _ = try await world.get("/open/a", method: .options) }
            #expect(world.origin.requests("/open/a").map(\.method) == [.options, .options])
        }
    }

    @Test(arguments: [
        ("TRACE /open/a", "405"), ("TRACE /api/a", "405"), ("CONNECT a.example:443", "501"), ("CONNECT /api/a", "405"),
        ("PURGE /open/a", "405"), ("BREW /api/a", "405"),
    ])
    func `methods that are not offered are refused, and no origin hears of them`(
        line: String, status: String
    ) async throws {
        try await withWorld { world in
            let answer = try head(world, "\(line) HTTP/1.1\r\nHost: a.example:443\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
            #expect(answer.contains("Allow: ") == (status == "405"))
            #expect(world.origin.total == 0)
        }
    }

    @Test func `an absolute target is the same object as its path`() async throws {
        try await withWorld { world in
            world.origin.answer("/open/a", Array("object".utf8))
            world.origin.answer("/", Array("front".utf8))
            #expect(try head(world, "GET /open/a HTTP/1.1\r\nHost: a.example\r\n\r\n").contains("X-Cache: Miss"))
            try await world.untilStored("/open/a")
            let absolute = "GET http://A.example/open/a HTTP/1.1\r\nHost: a.example\r\n\r\n"
            #expect(try head(world, absolute).contains("X-Cache: Hit"))
            let bare = try head(world, "GET http://a.example HTTP/1.1\r\nHost: a.example\r\n\r\n")
            #expect(bare.hasPrefix("HTTP/1.1 200 "))
            #expect(world.origin.count("/") == 1)
            #expect(world.origin.count("/open/a") == 1)
        }
    }

    @Test func `fields that Connection names go no further, in either direction`() async throws {
        let origin = try ScriptedServer { connection in
            let request = connection.receive(until: "\r\n\r\n").lowercased()
            let seen = ["x-hop", "x-end", "upgrade", "http2-settings", "keep-alive", "proxy-connection", "te:"].filter {
                request.contains("\r\n\($0)")
            }
            let body = seen.joined(separator: ",")
            connection.send(
                "HTTP/1.1 200 OK\r\nConnection: X-Back, close\r\nX-Back: 1\r\nX-Kept: 1\r\nKeep-Alive: timeout=1\r\n"
                    + "Proxy-Connection: a\r\nUpgrade: h2c\r\nCache-Control: max-age=60\r\n"
                    + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
        }
        try await withWorld(app: "http://127.0.0.1:\(origin.address.port)") { world in
            for path in ["/api/a", "/open/a"] {
                let client = try RawConnection(to: .loopback(port: world.edgePort))
                client.send(
                    "GET \(path) HTTP/1.1\r\nHost: x\r\nConnection: X-Hop, Upgrade\r\nX-Hop: 1\r\nX-End: 1\r\n"
                        + "Upgrade: h2c, websocket\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\nKeep-Alive: 5\r\n"
                        + "Proxy-Connection: keep-alive\r\nTE: gzip\r\n\r\n")
                let answer = client.receiveResponse()
                #expect(answer.head.hasPrefix("HTTP/1.1 200 "))
                #expect(answer.body == (path == "/api/a" ? "x-end" : ""))
                #expect(answer.head.contains("X-Kept: 1"))
                for name in ["X-Back", "Keep-Alive", "Proxy-Connection", "Upgrade", "Connection"] {
                    #expect(!answer.head.contains("\r\n\(name):"), "\(name)")
                }
            }
        }
    }

    @Test func `a body waits for 100 Continue, and an expectation nobody knows is answered 417`() async throws {
        try await withWorld { world in
            world.origin.answer("/api/a") { request in
                let body = (try? await request.body.collect(upTo: 100)) ?? []
                return .text(.ok, String(decoding: body, as: UTF8.self) + (request.headers.first("Expect") ?? ""))
            }
            let client = try RawConnection(to: .loopback(port: world.edgePort))
            client.send("POST /api/a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
            #expect(client.receive(until: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
            client.send("abc")
            #expect(client.receiveResponse().body == "abc")
            client.send("POST /open/a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
            #expect(client.receiveAll().hasPrefix("HTTP/1.1 405 "))
            let other = try head(world, "POST /api/a HTTP/1.1\r\nHost: x\r\nExpect: 200-ok\r\n\r\n")
            #expect(other.hasPrefix("HTTP/1.1 417 "))
            #expect(world.origin.total == 1)
        }
    }
}
