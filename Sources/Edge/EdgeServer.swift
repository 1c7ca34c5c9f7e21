public import Configuration
public import EventLoop
import HTTPClient
import HTTPServer
import SegmentStore
import Synchronization
import TLS
public import Telemetry
import Tracing

/// A running edge: its store, its loops, its listeners.
///
/// Life: `prepare` → `open` → `serve` → `stop`, or `leave` to a successor. One per process, because the store belongs to one
/// process.
public final class EdgeServer: Sendable {
    /// Where the listeners stand, with the ports that were picked for port 0.
    public struct Addresses: Sendable {
        /// The plain listener.
        public let http: SocketAddress?
        /// The TLS listener.
        public let https: SocketAddress?
        /// The admin listener.
        public let admin: SocketAddress
    }

    /// One listener and its sockets.
    struct RunningListener: Sendable {
        let name: ListenerName
        let server: HTTPServer
        let sockets: ListenerSockets
        let isGiven: Bool
    }

    /// Where the listeners stand.
    public let addresses: Addresses
    let settings: EdgeSettings
    private let group: EventLoopGroup
    private let adminGroup: EventLoopGroup
    private let blocking: BlockingPool
    /// For calls that must not find a full queue.
    let lifecycle: BlockingPool
    private let disk: BlockingPool
    private let compression: CompressionQueue
    let store: SegmentStore
    let admin: AdminAPI
    private let handlers: EdgeHandlers
    let listeners: [RunningListener]
    let certificateWatch: Task<Void, Never>?
    private let reloading: @Sendable () async throws -> ReloadReport
    private let hasEnded = Atomic<Bool>(false)
    let following: LogFollowing
    private let reporting: PlaybackReporting
    private let accessLog: AccessLogOutput?
    private let exporter: SpanExporter?

    /// Reads what a configuration names and binds its addresses. Blocks on the disk; not for a loop's thread.
    ///
    /// - Parameters:
    ///   - processors: how many loops "one per processor" means.
    ///   - inherited: listening sockets that another process has opened, by name (`ListenerPlan`).
    ///   - reread: reads the configuration again for `POST /reload`.
    /// - Throws: `SystemError` for an address that cannot be bound, `TLSError`, `AddressRefused`, `InheritedSocketRefused`.
    public static func prepare(
        _ settings: EdgeSettings, processors: Int, logger: Logger, inherited: [String: [Int32]] = [:],
        reread: @escaping @Sendable () throws -> EdgeSettings
    ) throws -> PreparedEdge {
        try PreparedEdge(settings, processors: processors, logger: logger, inherited: inherited, reread: reread)
    }

    /// `prepare`, `open` and `serve` at once.
    public static func start(
        _ settings: EdgeSettings, processors: Int, logger: Logger,
        reread: @escaping @Sendable () throws -> EdgeSettings
    ) throws -> EdgeServer {
        let edge = try prepare(settings, processors: processors, logger: logger, reread: reread).open()
        try edge.serve()
        return edge
    }

    init(_ prepared: PreparedEdge) throws {
        let (settings, registry, log, content) = (prepared.settings, prepared.registry, prepared.log, prepared.content)
        let (certificates, reread) = (prepared.certificates, prepared.reread)
        let (health, signing, limits) = (prepared.health, prepared.signing, prepared.limits)
        self.settings = settings
        addresses = prepared.addresses
        store = try prepared.openStore()
        blocking = try BlockingPool(name: "edge-blocking", threads: 2, queueLimit: 256, pace: .prompt)
        lifecycle = try BlockingPool(name: "edge-lifecycle", threads: 1, queueLimit: 8)
        disk = try BlockingPool(name: "edge-disk", threads: settings.cacheReadThreads, queueLimit: 1024)
        let metrics = EdgeMetrics(registry)
        compression = try CompressionQueue(store: store, metrics: metrics, log: log)
        accessLog = settings.accessLog.map {
            AccessLogOutput(
                $0, process: log.logger, isShared: $0.destination == settings.logDestination)
        }
        let tracer = settings.traces.map { Tracer($0, registry: registry) }
        let core = EdgeCore(
            store: store, metrics: metrics, log: log, accessLog: accessLog, blocking: blocking, disk: disk,
            compression: compression,
            objectBytes: settings.objectBytes, fillLimits: settings.fills, maximumRanges: settings.limits.ranges,
            redirectPort: settings.https?.publicPort ?? 443, tracer: tracer)
        core.exportStatistics(to: registry)
        let resolver = Resolver(pool: blocking)
        group = try EventLoopGroup(loops: prepared.loops, name: "edge")
        adminGroup = try EventLoopGroup(loops: 1, name: "edge-admin", pace: .prompt)
        exporter = try tracer.map { [adminGroup] in
            try SpanExporter(
                $0, service: "weir-edge", on: adminGroup.loops[0], resolver: resolver, logger: log.logger)
        }
        handlers = try EdgeHandlers(
            group: group, core: core, content: content, resolver: resolver,
            configuration: settings.clientConfiguration, registry: registry)
        following = LogFollowing(
            core: core, content: content, handlers: handlers, resolver: resolver, loop: adminGroup.loops[0])
        reporting = PlaybackReporting(
            core: core, content: content, handlers: handlers, resolver: resolver, loop: adminGroup.loops[0])
        let (group, handlers, adminGroup) = (group, handlers, adminGroup)
        var secure: HTTPServer?
        var listeners: [RunningListener] = []
        for entry in prepared.listeners.entries where entry.name != .admin {
            let server = HTTPServer(
                configuration: settings.serverConfiguration("edge_\(entry.name)"), group: group,
                tls: entry.name == .https ? certificates?.context : nil, metrics: registry,
                handler: handlers.handler(of:))
            if entry.name == .https { secure = server }
            listeners.append(RunningListener(entry, server))
        }
        reloading = { [blocking, secure, accessLog] in
            log.logger.reopen()
            accessLog?.reopen()
            let (wanted, snapshot, tls) = try await blocking.run {
                let wanted = try reread()
                let snapshot = try EdgeSnapshot(wanted.content, health: health, signing: signing, limits: limits)
                return (wanted, snapshot, try wanted.https.flatMap { try certificates?.adopt($0) })
            }
            content.replace(snapshot)
            await handlers.adopt(snapshot)
            if let tls { await secure?.adopt(tls) }
            let waiting = settings.keysThatNeedRestart(for: wanted)
            for key in waiting { log.needsRestart(key) }
            for warning in wanted.warnings { log.doubtful(warning) }
            return ReloadReport(needsRestart: waiting, warnings: wanted.warnings)
        }
        admin = AdminAPI(
            core: core, content: content, registry: registry, blocking: blocking, token: settings.adminToken,
            reload: reloading, top: handlers.top)
        let router = admin.routes()
        if let entry = prepared.listeners[.admin] {
            let server = HTTPServer(
                configuration: settings.serverConfiguration("edge_admin"), group: adminGroup, metrics: registry
            ) { _ in
                AsyncExchangeHandler { await router.respond(to: $0) }
            }
            listeners.append(RunningListener(entry, server))
        }
        self.listeners = listeners
        certificateWatch = certificates.map { [blocking, secure] certificates in
            CertificateWatch.start(certificates, loop: adminGroup.loops[0], every: settings.https?.watchSeconds ?? 0) {
                let tls = try await blocking.run { try reread().https.flatMap { try certificates.adopt($0) } }
                if let tls { await secure?.adopt(tls) }
            }
        }
    }

    /// Accepts connections. Throws when the kernel lets another listener have an address.
    public func serve() throws {
        for listener in listeners { try listener.server.listen(on: listener.sockets) }
        admin.setServing(true)
    }

    /// Follows the control log of the origin that the configuration names, if it names one, until the edge ends, and tells it
    /// what is served of videos.
    ///
    /// Returns once what was missed is carried out, the origin cannot be asked, or `limit` is over; the keys of before are in
    /// force in any case. Blocks; not for a loop's thread. Throws `SystemError` without a descriptor left.
    public func followOrigin(_ files: ControlFiles, catchingUpWithin limit: Duration) throws {
        let (restored, settled) = (try Latch(), try Latch())
        reporting.start()
        following.start(files, restored: { restored.open() }, settled: { settled.open() })
        _ = restored.wait(upTo: Self.restoring)
        _ = settled.wait(upTo: limit)
    }

    /// For a disk that hangs: without keys requests are refused, not served wrongly.
    private static let restoring = Duration.seconds(10)

    /// What `POST /upgrade` does: returns the process that serves now, or says why this one goes on.
    public func onUpgrade(_ upgrade: @escaping @Sendable () async throws(UpgradeRefused) -> Int32) {
        admin.setUpgrade(upgrade)
    }

    /// Counts what came of an upgrade.
    public func countUpgrade(_ outcome: String) { admin.countUpgrade(outcome) }

    /// Reads the configuration again and serves by it from the next request on: distribution, origins and keys; new
    /// connections get the certificates it names now.
    ///
    /// Addresses, cache and limits keep their settings until an upgrade or a restart: the keys that differ are returned, with
    /// what is most likely not meant, and each is a line of the log. Throws `ConfigurationRefused` and changes nothing when the new one is wrong.
    @discardableResult
    public func reload() async throws -> ReloadReport {
        try await reloading()
    }

    /// Stops gently: readiness goes away, listeners close, running responses get the configured time, the store is
    /// flushed and marked clean.
    ///
    /// Returns false if `leave` has ended the edge meanwhile.
    @discardableResult
    public func stop() async -> Bool {
        admin.setServing(false)
        certificateWatch?.cancel()
        await drain(listeners.filter { $0.name != .admin }, within: .seconds(settings.timeouts.drainSeconds))
        await drain(listeners.filter { $0.name == .admin }, within: .seconds(1))
        return await end()
    }

    func drain(_ listeners: [RunningListener], within limit: Duration, idleGrace: Duration = .zero) async {
        await withDiscardingTaskGroup { tasks in
            for listener in listeners {
                tasks.addTask { await listener.server.drain(within: limit, idleGrace: idleGrace) }
            }
        }
    }

    /// Ends what is left once; false if that is done or under way already.
    func end() async -> Bool {
        guard !hasEnded.exchange(true, ordering: .acquiringAndReleasing) else { return false }
        await following.stop(saysGoodbye: true)
        await reporting.stop()
        await handlers.stop()
        await exporter?.stop()
        try? await lifecycle.run { [store, compression] in
            compression.shutdown()
            store.close()
        }
        await group.shutdown()
        await adminGroup.shutdown()
        try? await lifecycle.run { [accessLog] in accessLog?.close() }
        blocking.shutdown()
        lifecycle.shutdown()
        disk.shutdown()
        return true
    }
}

/// What a reload has to say.
public struct ReloadReport: Sendable {
    /// Keys of settings that differ and wait for a restart.
    public let needsRestart: [String]
    /// What is valid and most likely not meant.
    public let warnings: [ConfigurationProblem]
}

extension EdgeServer.RunningListener {
    init(_ entry: ListenerPlan.Entry, _ server: HTTPServer) {
        self.init(name: entry.name, server: server, sockets: entry.sockets, isGiven: entry.isGiven)
    }
}

extension EdgeSettings {
    func serverConfiguration(_ name: String) -> HTTPServerConfiguration {
        var configuration = HTTPServerConfiguration()
        configuration.name = name
        configuration.notesResponses = accessLog != nil
        configuration.maxHeadBytes = limits.headerBytes
        configuration.maxTargetBytes = limits.targetBytes
        configuration.maxFields = limits.headerFields
        configuration.maxBodyBytes = limits.bodyBytes
        configuration.minBodyRate = limits.bodyBytesPerSecond
        configuration.minWriteRate = limits.readerBytesPerSecond
        configuration.maxConnections = limits.connections
        configuration.maxConnectionsPerPeer =
            limits.connectionsPerAddress < limits.connections ? limits.connectionsPerAddress : nil
        configuration.maxHandshakes = limits.handshakes
        configuration.handshakeTimeout = .seconds(timeouts.handshakeSeconds)
        configuration.headTimeout = .seconds(timeouts.headerSeconds)
        configuration.settingsTimeout = .seconds(timeouts.settingsSeconds)
        configuration.http2 = http2
        configuration.idleTimeout = .seconds(timeouts.idleSeconds)
        configuration.bodyTimeout = .seconds(timeouts.bodySeconds)
        configuration.writeTimeout = .seconds(timeouts.bodySeconds)
        return configuration
    }

    var clientConfiguration: HTTPClientConfiguration {
        var configuration = HTTPClientConfiguration()
        configuration.maxConnectionsPerEndpoint = limits.originConnections
        configuration.maxUploadsPerEndpoint = limits.originUploads
        return configuration
    }
}
