import EventLoop
import HTTPServer
import SegmentStore
import Telemetry
import Tracing

/// What all loops of an edge share. None of it is locked on a hit.
final class EdgeCore: Sendable {
    let store: SegmentStore
    let fills = FillTable()
    let variants = VariantBudget()
    let fillBudget: FillBudget
    /// Objects fetched ahead that nobody has asked for yet.
    let prefetched: PrefetchLedger
    let loopMark = LoopMark(random: .random(in: 0 ... .max))
    let fillLimits: EdgeSettings.Fills
    let metrics: EdgeMetrics
    let log: EdgeLog
    /// `nil` when requests are not logged.
    let accessLog: AccessLogOutput?
    /// For purges that the loops want.
    let blocking: BlockingPool
    /// For chunks that are not in memory.
    let disk: BlockingPool
    let compression: CompressionQueue
    /// Most bytes of an object that is collected and stored.
    let objectBytes: Int
    /// Most ranges of a request that are served; beyond it the whole object is.
    let maximumRanges: Int
    /// Where redirects from http lead.
    let redirectPort: Int
    /// `nil` when no spans are recorded.
    let tracer: Tracer?

    init(
        store: SegmentStore, metrics: EdgeMetrics, log: EdgeLog, accessLog: AccessLogOutput?, blocking: BlockingPool,
        disk: BlockingPool, compression: CompressionQueue, objectBytes: Int,
        fillLimits: EdgeSettings.Fills, maximumRanges: Int, redirectPort: Int,
        tracer: Tracer? = nil
    ) {
        self.store = store
        self.metrics = metrics
        prefetched = PrefetchLedger(metrics.registry)
        self.log = log
        self.accessLog = accessLog
        self.blocking = blocking
        self.disk = disk
        self.compression = compression
        self.objectBytes = objectBytes
        self.fillLimits = fillLimits
        fillBudget = FillBudget(windowBytes: fillLimits.windowBytes, totalBytes: fillLimits.memoryBytes)
        self.maximumRanges = maximumRanges
        self.redirectPort = redirectPort
        self.tracer = tracer
    }

    /// Lets each scrape read the store and the table of fills.
    func exportStatistics(to registry: MetricsRegistry) {
        accessLog?.exportStatistics(to: registry)
        registry.read(EdgeMetricTable.fills) { [fills] in Double(fills.count) }
        registry.read(EdgeMetricTable.fillBytes) { [fillBudget] in Double(fillBudget.heldBytes) }
        for figure in StoreMetricTable.figures {
            registry.read(figure.declaration) { [store] in figure.value(store.statistics) }
        }
    }

    /// Puts a purge in force: when it returns, no later request sees what it covers, also after a restart.
    func purge(_ request: PurgeRequest) async throws -> PurgeReceipt {
        let receipt = try await blocking.run { [store, fills] in
            try store.purge(request) { _ in fills.detach(coveredBy: request) }
        }
        metrics.purges.add()
        log.purged(request, receipt)
        return receipt
    }

    /// Makes what is stored under `keys` invalid, as a purge, and then calls `completion`, from another thread or, when
    /// the pool is full, at once.
    func invalidate(_ keys: [[UInt8]], completion: @escaping @Sendable () -> Void) {
        let request = PurgeRequest(urls: keys)
        let isQueued = blocking.submit { [self] in
            do {
                log.purged(request, try store.purge(request) { _ in fills.detach(coveredBy: request) })
                metrics.purges.add()
            } catch {
                log.notInvalidated(keys, reason: "\(error)")
            }
            completion()
        }
        if !isQueued {
            log.notInvalidated(keys, reason: "too many blocking calls wait")
            completion()
        }
    }
}
