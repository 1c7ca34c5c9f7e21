import EventLoop
import HTTPClient
import HTTPServer
import HTTPWire
import TLS
import Telemetry
import TestKit
import Testing

/// A client with a loop of its own, and perhaps a server beside it, ended by `stop`.
final class TestClient: Sendable {
    let group: EventLoopGroup
    let client: HTTPClient
    let metrics = MetricsRegistry()

    init(_ change: (inout HTTPClientConfiguration) -> Void = { _ in }) throws {
        group = try EventLoopGroup(loops: 1, name: "client")
        var configuration = HTTPClientConfiguration()
        change(&configuration)
        let pool = try BlockingPool(name: "resolver", threads: 1, queueLimit: 10)
        client = HTTPClient(
            loop: group.loops[0], configuration: configuration, resolver: Resolver(pool: pool), metrics: metrics)
    }

    func stop() async {
        let client = client
        try? await client.loop.run { client.shutdownOnLoop() }
        await group.shutdown()
    }

    /// What the metrics page says about one series.
    func metric(_ name: String) -> Int {
        let text = String(decoding: metrics.renderPrometheus(), as: UTF8.self)
        let line = text.split(separator: "\n").first { $0.hasPrefix("\(name) ") }
        return line.flatMap { Int($0.split(separator: " ")[1]) } ?? 0
    }
}

/// Runs `body` with a client and stops it afterwards.
func withClient<Result>(
    _ client: TestClient, _ body: (HTTPClient) async throws -> Result
) async throws -> Result {
    do {
        let result = try await body(client.client)
        await client.stop()
        return result
    } catch {
        await client.stop()
        throw error
    }
}

/// A real server for the client to call.
final class Upstream: Sendable {
    let group: EventLoopGroup
    let server: HTTPServer
    let address: SocketAddress
    let metrics = MetricsRegistry()

    init(tls: TLSServerContext? = nil, route: @escaping AsyncRoute) throws {
        group = try EventLoopGroup(loops: 1, name: "upstream")
        server = HTTPServer(group: group, tls: tls, metrics: metrics) { _ in AsyncExchangeHandler(route) }
        address = try server.bind(to: .loopback(port: 0))
    }

    func stop() async {
        await server.drain(within: .milliseconds(100))
        await group.shutdown()
    }

    /// Connections accepted so far.
    var connections: Int {
        let text = String(decoding: metrics.renderPrometheus(), as: UTF8.self)
        let prefix = "weir_http_server_connections_total{listener=\"http\"} "
        let line = text.split(separator: "\n").first { $0.hasPrefix(prefix) }
        return line.flatMap { Int($0.dropFirst(prefix.count)) } ?? 0
    }

    func request(_ method: HTTPMethod = .get, _ target: String = "/", body: ClientRequest.Body = .none) -> ClientRequest
    {
        ClientRequest(
            endpoint: Endpoint(host: "127.0.0.1", port: address.port), method: method, target: target, body: body)
    }
}

extension ScriptedServer {
    func request(_ method: HTTPMethod = .get, body: ClientRequest.Body = .none) -> ClientRequest {
        ClientRequest(
            endpoint: Endpoint(host: "127.0.0.1", port: address.port), method: method, target: "/", body: body)
    }
}

/// The error a request ends with; nil if it succeeds.
func failure(of client: HTTPClient, _ request: ClientRequest) async -> ClientError? {
    do throws(ClientError) {
        _ = try await client.send(request).body.collect(upTo: 1 << 24)
        return nil
    } catch {
        return error
    }
}

/// The text of a successful response.
func text(of client: HTTPClient, _ request: ClientRequest) async throws -> String {
    String(decoding: try await client.send(request).body.collect(upTo: 1 << 24), as: UTF8.self)
}

/// Expects a response with this body.
func expectText(
    _ expected: String, of client: HTTPClient, _ request: ClientRequest,
    sourceLocation: SourceLocation = #_sourceLocation
) async throws {
    let answer = try await text(of: client, request)
    #expect(answer == expected, sourceLocation: sourceLocation)
}
