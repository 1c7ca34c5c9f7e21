import API
import Catalog
import EventLoop
import HTTPClient
import HTTPServer
import HTTPWire
import Identity
import Jobs
import ObjectStore
import S3Gateway
import Telemetry
import Web

/// The origin put together: stores, then services, then listeners; drained in the opposite order.
struct OriginServer {
    private let group: EventLoopGroup
    private let listeners: [HTTPServer]
    private let background: [Task<Void, Never>]

    /// Opens the stores, sets up the user pool and serves.
    static func start(_ settings: OriginSettings, logger: Logger) async throws -> OriginServer {
        let now = IdentityService.systemClock
        let metrics = MetricsRegistry()
        let group = try EventLoopGroup(loops: settings.loops, name: "origin")
        let resolverPool = try BlockingPool(name: "resolver", threads: 1, queueLimit: 64)
        let blobPool = try BlockingPool(name: "blobs", threads: 4, queueLimit: 256)

        let catalog = try SQLiteCatalog(path: settings.databasePath)
        let blobs = try FileBlobStore(directory: settings.objectsDirectory, pool: blobPool)
        let identity = try await identity(settings, catalog: catalog, logger: logger)
        let changes = VideoChanges()
        let jobs = JobQueue(
            catalog: catalog, changes: changes,
            policy: JobPolicy(leaseSeconds: settings.leaseSeconds, maximumAttempts: settings.attempts), now: now
        ) { event in
            event.write(to: logger.labelled("jobs"))
        }
        let report: @Sendable (S3Report) -> Void = { $0.write(to: logger.labelled("s3")) }
        let gateway = S3Gateway(
            configuration: S3Configuration(
                region: settings.region, buckets: [settings.uploadBucket, settings.mediaBucket],
                uploadBucket: settings.uploadBucket, accessKeys: settings.s3AccessKeys),
            catalog: catalog, blobs: blobs, now: now, uploadStored: { jobs.uploadStored() }, report: report)
        let reclaimer = BlobReclaimer(catalog: catalog, blobs: blobs, now: now, report: report)

        let loop = group.next()
        let client = HTTPClient(loop: loop, resolver: Resolver(pool: resolverPool))
        let edges = EdgePurger(edges: settings.edges, client: client, logger: logger)

        var router = Router()
        identity.addRoutes(to: &router)
        api(
            settings, catalog: catalog, jobs: jobs, changes: changes, identity: identity, edges: edges, now: now,
            logger: logger
        ).addRoutes(to: &router)
        WebPages(clientId: settings.clientId).addRoutes(to: &router)
        Health.addRoutes(to: &router)
        let routes = router

        var operations = Router()
        Health.addRoutes(to: &operations)
        Health.addMetrics(metrics, to: &operations)
        let operatorRoutes = operations

        var listeners = [
            try listen(on: settings.listen, as: "api", group: group, metrics: metrics) { await routes.respond(to: $0) },
            try listen(on: settings.s3Listen, as: "s3", group: group, metrics: metrics) {
                await gateway.respond(to: $0)
            },
        ]
        if let address = settings.adminListen {
            listeners.append(
                try listen(on: address, as: "admin", group: group, metrics: metrics) {
                    await operatorRoutes.respond(to: $0)
                })
        }
        return OriginServer(
            group: group, listeners: listeners,
            background: [
                Task(executorPreference: loop) { await jobs.run() },
                Task(executorPreference: loop) { await reclaimer.run() },
            ])
    }

    /// Lets running requests finish, then stops everything.
    func stop(within limit: Duration) async {
        for task in background { task.cancel() }
        for listener in listeners { await listener.drain(within: limit) }
        for task in background { await task.value }
        await group.shutdown()
    }

    private static func identity(
        _ settings: OriginSettings, catalog: SQLiteCatalog, logger: Logger
    ) async throws -> IdentityService {
        let store = SQLiteIdentityStore(database: catalog.database)
        try await IdentityBootstrap(store: store, settings: settings.identity)
            .run(clientId: settings.clientId, administrator: settings.administrator)
        return try await IdentityService(
            store: store, settings: settings.identity, delivery: try OutboxFile(path: settings.outboxPath),
            logger: logger)
    }

    private static func api(
        _ settings: OriginSettings, catalog: SQLiteCatalog, jobs: JobQueue, changes: VideoChanges,
        identity: IdentityService, edges: EdgePurger, now: @escaping @Sendable () -> Int64, logger: Logger
    ) -> ControlAPI {
        ControlAPI(
            configuration: APIConfiguration(
                publicURL: settings.publicURL, s3URL: settings.s3URL, uploadBucket: settings.uploadBucket,
                mediaBucket: settings.mediaBucket, uploadCredentials: settings.uploadCredentials,
                playbackSeconds: settings.playbackSeconds, workerToken: settings.workerToken),
            catalog: catalog, jobs: jobs, changes: changes, signer: settings.signer,
            authenticator: identity.tokenVerifier, now: now, mediaRemoved: { await edges.forget(videoId: $0) },
            logger: logger)
    }

    private static func listen(
        on address: SocketAddress, as name: String, group: EventLoopGroup, metrics: MetricsRegistry,
        route: @escaping AsyncRoute
    ) throws -> HTTPServer {
        var configuration = HTTPServerConfiguration()
        configuration.name = name
        let server = HTTPServer(configuration: configuration, group: group, metrics: metrics) { _ in
            AsyncExchangeHandler(route)
        }
        try server.bind(to: address)
        return server
    }
}
