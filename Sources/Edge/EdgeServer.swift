public import EventLoop
import HTTPClient
import HTTPServer
import SegmentStore
import TLS
public import Telemetry

/// A running edge: its store, its loops, its listeners.
///
/// Life: `start` → serving → `stop`. One per process, because the store belongs to one process.
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

    /// Where the listeners stand.
    public let addresses: Addresses
    private let settings: EdgeSettings
    private let group: EventLoopGroup
    private let adminGroup: EventLoopGroup
    private let blocking: BlockingPool
    private let compression: CompressionQueue
    private let store: SegmentStore
    private let admin: AdminAPI
    private let handlers: EdgeHandlers
    private let listeners: [HTTPServer]
    private let adminListener: HTTPServer
    private let certificateWatch: Task<Void, Never>?
    private let reloading: @Sendable () async throws -> Void

    /// Opens the store, starts the loops and listens. Blocks on the disk; not for a loop's thread.
    ///
    /// - Parameters:
    ///   - processors: how many loops "one per processor" means.
    ///   - reread: reads the configuration again for `POST /reload`.
    /// - Throws: `StoreError`, `SystemError` for an address that cannot be bound, `TLSError`, `AddressRefused`.
    public static func start(
        _ settings: EdgeSettings, processors: Int, logger: Logger,
        reread: @escaping @Sendable () throws -> EdgeSettings
    ) throws -> EdgeServer {
        try EdgeServer(settings, processors: processors, logger: logger, reread: reread)
    }

    private init(
        _ settings: EdgeSettings, processors: Int, logger: Logger, reread: @escaping @Sendable () throws -> EdgeSettings
    ) throws {
        self.settings = settings
        let registry = MetricsRegistry()
        let log = EdgeLog(logger: logger, logsAccess: settings.logsAccess)
        let health = HealthBook()
        let content = ContentHolder(try EdgeSnapshot(settings.content, health: health))
        let certificates = try settings.https.map {
            try ListenerCertificates($0, registry: registry, log: log)
        }
        store = try Self.openStore(settings, log: log)
        blocking = try BlockingPool(name: "edge-blocking", threads: 2, queueLimit: 256)
        compression = try CompressionQueue(store: store, log: log)
        let core = EdgeCore(
            store: store, metrics: EdgeMetrics(registry), log: log, blocking: blocking, compression: compression,
            objectBytes: settings.objectBytes, fillLimits: settings.fills, maximumRanges: settings.limits.ranges,
            redirectPort: settings.https?.publicPort ?? 443)
        core.exportStatistics(to: registry)
        group = try EventLoopGroup(loops: settings.loops == 0 ? max(1, processors) : settings.loops, name: "edge")
        adminGroup = try EventLoopGroup(loops: 1, name: "edge-admin")
        handlers = try EdgeHandlers(
            group: group, core: core, content: content, resolver: Resolver(pool: blocking),
            configuration: settings.clientConfiguration, registry: registry)
        var listeners: [HTTPServer] = []
        let listen = {
            [group, handlers] (text: String?, name: String, tls: TLSServerContext?) throws -> SocketAddress? in
            guard let text else { return nil }
            let server = HTTPServer(
                configuration: settings.serverConfiguration(name), group: group, tls: tls, metrics: registry,
                handler: handlers.handler(of:))
            listeners.append(server)
            return try server.bind(to: try SocketAddress(listening: text))
        }
        let http = try listen(settings.httpListen, "edge_http", nil)
        let https = try listen(settings.https?.listen, "edge_https", certificates?.context)
        self.listeners = listeners
        reloading = { [blocking, handlers, secure = listeners.last] in
            let (snapshot, tls) = try await blocking.run {
                let settings = try reread()
                let snapshot = try EdgeSnapshot(settings.content, health: health)
                return (snapshot, try settings.https.flatMap { try certificates?.adopt($0) })
            }
            content.replace(snapshot)
            await handlers.adopt(snapshot)
            if let tls { await secure?.adopt(tls) }
        }
        admin = AdminAPI(
            core: core, content: content, registry: registry, blocking: blocking, token: settings.adminToken,
            reload: reloading)
        let router = admin.routes()
        adminListener = HTTPServer(
            configuration: settings.serverConfiguration("edge_admin"), group: adminGroup, metrics: registry
        ) { _ in
            AsyncExchangeHandler { await router.respond(to: $0) }
        }
        addresses = Addresses(
            http: http, https: https,
            admin: try adminListener.bind(to: try SocketAddress(listening: settings.adminListen)))
        certificateWatch = certificates.map { [adminGroup, blocking, secure = listeners.last] certificates in
            CertificateWatch.start(certificates, loop: adminGroup.loops[0], every: settings.https?.watchSeconds ?? 0) {
                let tls = try await blocking.run { try reread().https.flatMap { try certificates.adopt($0) } }
                if let tls { await secure?.adopt(tls) }
            }
        }
        admin.setServing(true)
    }

    private static func openStore(_ settings: EdgeSettings, log: EdgeLog) throws(StoreError) -> SegmentStore {
        var options = SegmentStoreOptions()
        options.capacityBytes = settings.cacheCapacityBytes
        options.shards = settings.cacheShards
        options.reserveBytes = settings.cacheReserveBytes
        options.probationShare = settings.cacheProbationShare
        options.onEvent = { log.store($0) }
        return try SegmentStore.open(directory: settings.cacheDirectory, options: options)
    }

    /// Reads the configuration again and serves by it from the next request on: distribution, origins and keys; new
    /// connections get the certificates it names now.
    ///
    /// Addresses, cache and limits keep their settings until a restart. Throws `ConfigurationRefused` and changes nothing
    /// when the new one is wrong.
    public func reload() async throws {
        try await reloading()
    }

    /// Stops gently: readiness goes away, listeners close, running responses get the configured time, the store is
    /// flushed and marked clean.
    public func stop() async {
        admin.setServing(false)
        certificateWatch?.cancel()
        let limit = Duration.seconds(settings.timeouts.drainSeconds)
        await withDiscardingTaskGroup { tasks in
            for listener in listeners { tasks.addTask { await listener.drain(within: limit) } }
        }
        await adminListener.drain(within: .seconds(1))
        await handlers.stop()
        try? await blocking.run { [store, compression] in
            compression.shutdown()
            store.close()
        }
        await group.shutdown()
        await adminGroup.shutdown()
        blocking.shutdown()
    }
}

/// A listener's address that is no `HOST:PORT`.
public struct AddressRefused: Error, CustomStringConvertible {
    let text: String

    /// One line for a terminal.
    public var description: String {
        "cannot listen on \"\(text)\": expected ADDRESS:PORT, such as 127.0.0.1:8080 or [::1]:8080"
    }
}

extension SocketAddress {
    init(listening text: String) throws(AddressRefused) {
        guard let address = SocketAddress(text) else { throw AddressRefused(text: text) }
        self = address
    }
}

extension EdgeSettings {
    func serverConfiguration(_ name: String) -> HTTPServerConfiguration {
        var configuration = HTTPServerConfiguration()
        configuration.name = name
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
        return configuration
    }
}
