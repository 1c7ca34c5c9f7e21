internal import EventLoop
internal import HTTPServer
internal import Telemetry

/// Health and metrics of the worker.
struct OperatorListener {
    /// Where it listens.
    let address: SocketAddress
    private let server: HTTPServer

    init(_ address: SocketAddress, metrics: MetricsRegistry, on group: EventLoopGroup) throws {
        var router = Router()
        OperatorRoutes.addHealth(to: &router)
        OperatorRoutes.addMetrics(metrics, to: &router)
        var configuration = HTTPServerConfiguration()
        configuration.name = "admin"
        server = HTTPServer(configuration: configuration, group: group, metrics: metrics) { [router] _ in
            AsyncExchangeHandler { await router.respond(to: $0) }
        }
        self.address = try server.bind(to: address)
    }

    /// Closes the listener and its connections.
    func stop() async {
        await server.drain(within: .seconds(1))
    }
}
