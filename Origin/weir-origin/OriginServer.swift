import Archive
import Downloads
import EventLoop
import HTTPServer
import HTTPWire
import Identity
import Imports
import Jobs
import Library
import Publishing
import Queues
import S3Gateway
import ServiceAccounts
import SigningKeys
import TLS
import Telemetry
import Tracing
import Viewing
import Webhooks

/// The origin put together: stores, then services, then listeners; drained in the opposite order.
struct OriginServer {
    private let group: EventLoopGroup
    private let listeners: [HTTPServer]
    private let background: [Task<Void, Never>]
    /// Ends what waits for something to happen, for requests that are not there for an end.
    private let endWaiting: @Sendable () -> Void
    private let viewing: Viewing
    private let traces: Traces?

    /// Opens the stores, sets up the user pool and serves.
    static func start(_ settings: OriginSettings, reload: OriginReload, logger: Logger) async throws -> OriginServer {
        let group = try EventLoopGroup(loops: settings.loops, name: "origin")
        let loop = group.next()
        let metrics = MetricsRegistry()
        let traces = try settings.traces.map { try Traces($0, registry: metrics, on: loop, logger: logger) }
        let services = try await OriginServices(settings, reload: reload, metrics: metrics, on: loop, logger: logger)
        let listeners = try [
            listen(on: settings.listen, as: "api", group, metrics, traces, services.publicRoutes(settings, metrics)),
            listen(on: settings.s3Listen, as: "s3", group, metrics, traces) { await services.gateway.respond(to: $0) },
        ]
        let operators = try settings.adminListen.map {
            try listen(on: $0, as: "admin", group, metrics, nil, operatorRoutes(settings, reload, metrics))
        }
        let secure = try settings.s3Listeners.secure.map { secure in
            try listen(on: secure.listen, as: "s3-tls", group, metrics, traces, tls: secure.context) {
                await services.gateway.respond(to: $0)
            }
        }
        return OriginServer(
            group: group, listeners: listeners + [secure, operators].compactMap(\.self),
            background: [
                Task(executorPreference: loop) { await services.jobs.run() },
                Task(executorPreference: loop) { await services.viewing.run() },
                Task(executorPreference: loop) { await services.publisher.run() },
                Task(executorPreference: loop) { await services.downloads.run() },
                Task(executorPreference: loop) { await services.reclaimer.run() },
                Task(executorPreference: loop) { await services.trashKeeper.run() },
                Task(executorPreference: loop) { _ = await services.archiveKeepers?.archiver.run() },
                Task(executorPreference: loop) { _ = await services.archiveKeepers?.restorer.run() },
                Task(executorPreference: loop) { await services.keyKeeper.run() },
                Task(executorPreference: loop) { await services.tokenKeyKeeper.run() },
                Task(executorPreference: loop) { await services.userPools.run() },
                Task(executorPreference: loop) { await services.serviceAccountKeeper.run() },
                Task(executorPreference: loop) { await services.auditWitness.run() },
                Task(executorPreference: loop) { await services.queueGauges.run() },
                Task(executorPreference: loop) { await services.webhookSender.run() },
                Task(executorPreference: loop) { await services.webhookSender.keepTidy() },
                Task(executorPreference: loop) { await services.importRunner.run() },
            ], endWaiting: services.endWaiting, viewing: services.viewing, traces: traces)
    }

    /// Lets running requests finish, then stops everything.
    func stop(within limit: Duration) async {
        for task in background { task.cancel() }
        endWaiting()
        for listener in listeners { await listener.drain(within: limit) }
        for task in background { await task.value }
        await viewing.finish()
        await traces?.stop()
        await group.shutdown()
    }

    private static func operatorRoutes(
        _ settings: OriginSettings, _ reload: OriginReload, _ metrics: MetricsRegistry
    ) -> AsyncRoute {
        var router = Router()
        reload.addRoute(to: &router, token: settings.adminToken)
        OperatorRoutes.addHealth(to: &router)
        OperatorRoutes.addMetrics(metrics, to: &router)
        return { [router] in await router.respond(to: $0) }
    }

    private static func listen(
        on address: SocketAddress, as name: String, _ group: EventLoopGroup, _ metrics: MetricsRegistry,
        _ traces: Traces?, tls: TLSServerContext? = nil, _ route: @escaping AsyncRoute
    ) throws -> HTTPServer {
        var configuration = HTTPServerConfiguration()
        configuration.name = name
        let server = HTTPServer(configuration: configuration, group: group, tls: tls, metrics: metrics) { _ in
            let handler = AsyncExchangeHandler(route)
            guard let traces else { return handler }
            return TracedHandler(handler, tracer: traces.tracer.loop())
        }
        try server.bind(to: address)
        return server
    }
}
