import EventLoop
import HTTPServer
import Telemetry
import TestKit

/// A server on a free loopback port with a loop of its own, ended by `stop`.
final class TestServer: Sendable {
    let group: EventLoopGroup
    let server: HTTPServer
    let address: SocketAddress
    let metrics = MetricsRegistry()

    init(
        loops: Int = 1, configuration: HTTPServerConfiguration = HTTPServerConfiguration(),
        handler: @escaping @Sendable (EventLoop) -> any ExchangeHandler
    ) throws {
        group = try EventLoopGroup(loops: loops)
        server = HTTPServer(configuration: configuration, group: group, metrics: metrics, handler: handler)
        address = try server.bind(to: .loopback(port: 0))
    }

    convenience init(
        configuration: HTTPServerConfiguration = HTTPServerConfiguration(), route: @escaping AsyncRoute
    ) throws {
        try self.init(configuration: configuration) { _ in AsyncExchangeHandler(route) }
    }

    func connect() throws -> RawConnection {
        try RawConnection(to: address)
    }

    func stop() async {
        await server.drain(within: .milliseconds(100))
        await group.shutdown()
    }
}

/// Runs `body` against a server and stops it afterwards, whatever happened.
func withServer<Result>(
    _ server: TestServer, _ body: (TestServer) async throws -> Result
) async throws -> Result {
    do {
        let result = try await body(server)
        await server.stop()
        return result
    } catch {
        await server.stop()
        throw error
    }
}
