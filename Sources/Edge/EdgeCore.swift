import HTTPServer
import SegmentStore
import Telemetry

/// What all loops of an edge share. None of it is locked on a hit.
final class EdgeCore: Sendable {
    let store: SegmentStore
    let fills = FillTable()
    let fillBudget: FillBudget
    let loopMark = LoopMark(random: .random(in: 0 ... .max))
    let fillLimits: EdgeSettings.Fills
    let metrics: EdgeMetrics
    let log: EdgeLog
    /// Most bytes of an object that is collected and stored.
    let objectBytes: Int
    /// Most ranges of a request that are served; beyond it the whole object is.
    let maximumRanges: Int

    init(
        store: SegmentStore, metrics: EdgeMetrics, log: EdgeLog, objectBytes: Int, fillLimits: EdgeSettings.Fills,
        maximumRanges: Int
    ) {
        self.store = store
        self.metrics = metrics
        self.log = log
        self.objectBytes = objectBytes
        self.fillLimits = fillLimits
        fillBudget = FillBudget(windowBytes: fillLimits.windowBytes, totalBytes: fillLimits.memoryBytes)
        self.maximumRanges = maximumRanges
    }

    /// Lets each scrape read the store and the table of fills.
    func exportStatistics(to registry: MetricsRegistry) {
        func read(_ declaration: MetricDeclaration, _ value: @escaping @Sendable (StoreStatistics) -> Int) {
            registry.read(declaration) { [store] in Double(value(store.statistics)) }
        }
        registry.read(EdgeMetricTable.fills) { [fills] in Double(fills.count) }
        registry.read(EdgeMetricTable.fillBytes) { [fillBudget] in Double(fillBudget.heldBytes) }
        read(EdgeMetricTable.storeObjects) { $0.objects }
        read(EdgeMetricTable.storeBytes) { $0.bodyBytes }
        read(EdgeMetricTable.storeUsedBytes) { $0.usedBytes }
        read(EdgeMetricTable.storeCapacityBytes) { $0.capacityBytes }
        read(EdgeMetricTable.storeStored) { $0.stored }
        read(EdgeMetricTable.storeEvicted) { $0.evicted }
        read(EdgeMetricTable.storeDropped) { $0.dropped }
        read(EdgeMetricTable.storeChecksumFailures) { $0.checksumFailures }
    }

    func finishedOnLoop(_ exchange: Exchange, _ outcome: ExchangeOutcome, reusing line: inout LogLine) {
        let result = CacheResult(rawValue: exchange.tag) ?? .none
        metrics.finished(result, bytes: outcome.bodyBytes, nanoseconds: outcome.nanoseconds)
        log.finished(exchange, outcome, result: result, reusing: &line)
    }
}
