internal import Catalog
public import Telemetry

/// What is exported of the archive.
public enum ArchiveMetricTable {
    static let sources = MetricDeclaration(
        "weir_origin_archive_sources", .gauge, unit: "sources",
        help: """
            Uploaded files that are in the archive, or on their way there or back, by state: archiving, clearing, archived, \
            restoring, restored (docs/archive.md).
            """, labels: ["state"])
    static let bytes = MetricDeclaration(
        "weir_origin_archive_bytes_total", .counter, unit: "bytes",
        help: "Bytes of sources that were copied to the archive (archive) or back (restore).", labels: ["way"])
    static let failures = MetricDeclaration(
        "weir_origin_archive_failures_total", .counter, unit: "attempts",
        help: "Attempts to archive a source or to restore one that failed; the reason is in the log.", labels: ["way"])

    /// All of them.
    public static let all = [sources, bytes, failures]
}

/// The archive's figures.
public struct ArchiveMetrics: Sendable {
    private let sources: [ArchivedSource.State: Gauge]
    let archived: Counter
    let restored: Counter
    let archiveFailures: Counter
    let restoreFailures: Counter

    /// Declares the figures in `registry`; each is there from the start, so that none is a number too.
    public init(_ registry: MetricsRegistry) {
        registry.declare(ArchiveMetricTable.all)
        sources = Dictionary(
            uniqueKeysWithValues: ArchivedSource.State.allCases.map {
                ($0, registry.gauge(ArchiveMetricTable.sources, $0.rawValue))
            })
        archived = registry.counter(ArchiveMetricTable.bytes, "archive")
        restored = registry.counter(ArchiveMetricTable.bytes, "restore")
        archiveFailures = registry.counter(ArchiveMetricTable.failures, "archive")
        restoreFailures = registry.counter(ArchiveMetricTable.failures, "restore")
    }

    func set(_ counts: [ArchivedSource.State: Int]) {
        for (state, gauge) in sources { gauge.set(Int64(counts[state] ?? 0)) }
    }
}
