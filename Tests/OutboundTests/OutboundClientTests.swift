import EventLoop
import HTTPClient
import HTTPWire
import TestKit
import Testing

@testable import Outbound

/// A client on a loop of its own.
private func withClient(
    allowingPrivate: Bool = true, names: [String: [String]] = [:], _ body: (OutboundClient) async throws -> Void
) async throws {
    let loop = try EventLoop(name: "outbound")
    let pool = try BlockingPool(name: "resolver", threads: 1, queueLimit: 16)
    let resolver = Resolver(pool: pool) { host, port in
        (names[host] ?? []).compactMap { SocketAddress(ip: $0, port: port) }
    }
    let rule = OutboundRule(allowsPrivateAddresses: allowingPrivate)
    try await body(try OutboundClient(rule, loop: loop, resolver: resolver))
    await loop.shutdown()
    pool.shutdown()
}

private func answer(_ status: String, fields: String = "", body: String = "") -> String {
    "HTTP/1.1 \(status)\r\n\(fields)Content-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)"
}

@Suite struct OutboundClientTests {
    private func server(_ text: String) throws -> ScriptedServer {
        try ScriptedServer { connection in
            _ = connection.receive(until: "\r\n\r\n")
            connection.send(text)
        }
    }

    private func url(_ server: ScriptedServer, _ path: String = "/", host: String = "127.0.0.1") throws -> HTTPURL {
        try #require(HTTPURL("http://\(host):\(server.address.port)\(path)"))
    }

    private func follow(_ client: OutboundClient, _ url: HTTPURL) async throws -> (Int, String) {
        let (response, url) = try await client.follow(
            url, headers: Headers(), responseTimeout: .seconds(5), idleTimeout: .seconds(5))
        return (response.status.code, url.target)
    }

    @Test func `a name that means this machine is not asked, however it was looked at before`() async throws {
        let server = try server(answer("200 OK"))
        for addresses in [["127.0.0.1"], ["::1"], ["10.0.0.1", "127.0.0.1"], ["169.254.169.254"]] {
            try await withClient(allowingPrivate: false, names: ["rebound.test": addresses]) { client in
                let error = await #expect(throws: OutboundFailure.self) {
                    try await client.send(.get, try url(server, host: "rebound.test"))
                }
                #expect(error?.kind == .refused)
            }
        }
        #expect(server.connections == 0)
    }

    @Test func `a numeric host is looked at when it is connected to as well`() async throws {
        let server = try server(answer("200 OK"))
        try await withClient(allowingPrivate: false) { client in
            let error = await #expect(throws: OutboundFailure.self) { try await client.send(.get, try url(server)) }
            #expect(error?.kind == .refused)
        }
        #expect(server.connections == 0)
    }

    @Test func `an address that may be asked is, though another of the name's may not`() async throws {
        let server = try server(answer("204 No Content"))
        try await withClient(names: ["mixed.test": ["169.254.169.254", "127.0.0.1"]]) { client in
            let answer = try await client.send(.get, try url(server, host: "mixed.test"))
            #expect(answer.status.code == 204)
        }
    }

    @Test func `redirects are followed, relative ones too`() async throws {
        let last = try server(answer("200 OK"))
        let first = try server(answer("302 Found", fields: "Location: http://127.0.0.1:\(last.address.port)/end\r\n"))
        try await withClient { client in
            let end = try await follow(client, try url(first))
            #expect(end == (200, "/end"))
        }
    }

    @Test(arguments: [
        "http://169.254.169.254/latest/meta-data/", "file:///etc/passwd", "http://u:p@127.0.0.1/", "gopher://x/",
    ])
    func `a redirect to what is not asked ends it`(_ location: String) async throws {
        let server = try server(answer("302 Found", fields: "Location: \(location)\r\n"))
        try await withClient { client in
            let error = await #expect(throws: OutboundFailure.self) { try await follow(client, try url(server)) }
            #expect(error?.kind == .refused)
        }
    }

    @Test func `a circle of redirects ends after five`() async throws {
        let server = try server(answer("301 Moved", fields: "Location: /again\r\n"))
        try await withClient { client in
            let error = await #expect(throws: OutboundFailure.self) { try await follow(client, try url(server)) }
            #expect(error?.kind == .noAnswer)
        }
        #expect(server.connections == 6)
    }
}
