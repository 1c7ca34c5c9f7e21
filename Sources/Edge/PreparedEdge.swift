import EventLoop
import HTTPServer
import SegmentStore
import TLS
import Telemetry

/// An edge that has read its configuration and certificates and has its sockets, but has touched neither the store nor a
/// connection: what can be wrong with a configuration shows here, while another process still serves.
///
/// Life: `EdgeServer.prepare` → `open`, once.
public struct PreparedEdge {
    let settings: EdgeSettings
    let loops: Int
    let registry = MetricsRegistry()
    let log: EdgeLog
    let health = HealthBook()
    let signing = CredentialBook()
    let limits: LimitBook
    let content: ContentHolder
    let certificates: ListenerCertificates?
    let listeners: ListenerPlan
    let reread: @Sendable () throws -> EdgeSettings

    init(
        _ settings: EdgeSettings, processors: Int, logger: Logger, inherited: [String: [Int32]],
        reread: @escaping @Sendable () throws -> EdgeSettings
    ) throws {
        self.settings = settings
        self.reread = reread
        loops = settings.loops == 0 ? max(1, processors) : settings.loops
        log = EdgeLog(logger: logger)
        for warning in settings.warnings { log.doubtful(warning) }
        limits = LimitBook(capacity: settings.limits.countedClients, registry: registry)
        content = ContentHolder(
            try EdgeSnapshot(settings.content, health: health, signing: signing, limits: limits))
        certificates = try settings.https.map { [registry, log] in
            try ListenerCertificates($0, registry: registry, log: log)
        }
        listeners = try ListenerPlan(settings, loops: loops, inherited: inherited)
    }

    /// Where the listeners stand.
    public var addresses: EdgeServer.Addresses {
        EdgeServer.Addresses(
            http: listeners[.http]?.sockets.address, https: listeners[.https]?.sockets.address,
            admin: listeners[.admin]?.sockets.address ?? .loopback(port: 0))
    }

    /// Names of the listeners whose sockets were another process's.
    public var takenOver: [String] { listeners.entries.filter(\.isInherited).map(\.name.rawValue) }

    /// Opens the store and starts the loops. Nothing is accepted before `EdgeServer.serve`. Blocks on the disk.
    ///
    /// - Throws: `StoreError`, `SystemError`.
    public func open() throws -> EdgeServer {
        do {
            return try EdgeServer(self)
        } catch {
            listeners.close()
            throw error
        }
    }

    func openStore() throws(StoreError) -> SegmentStore {
        var options = SegmentStoreOptions()
        options.capacityBytes = settings.cacheCapacityBytes
        options.shards = settings.cacheShards
        options.reserveBytes = settings.cacheReserveBytes
        options.probationShare = settings.cacheProbationShare
        options.recordCacheBytes = settings.cacheRecordBytes
        options.onEvent = { [log] in log.store($0) }
        return try SegmentStore.open(directory: settings.cacheDirectory, options: options)
    }
}
