import Telemetry

/// What is counted of objects fetched ahead of the clients.
extension EdgeMetricTable {
    static let prefetchedObjects = MetricDeclaration(
        "weir_edge_prefetched_objects_total", .counter, unit: "objects",
        help: "Objects stored before a client had asked for them.")
    static let prefetchedBytes = MetricDeclaration(
        "weir_edge_prefetched_bytes_total", .counter, unit: "bytes", help: "Bytes of those objects.")
    static let prefetchedUsed = MetricDeclaration(
        "weir_edge_prefetched_used_total", .counter, unit: "objects",
        help: "Prefetched objects that a client asked for afterwards, each counted once.")
    static let prefetchedWasted = MetricDeclaration(
        "weir_edge_prefetched_wasted_bytes_total", .counter, unit: "bytes",
        help: "Bytes of prefetched objects that had not been asked for when 16,384 others or so had come after them.")
    static let prefetchHitRatio = MetricDeclaration(
        "weir_edge_prefetch_hit_ratio", .gauge, unit: "ratio",
        help: "Share of the prefetched objects that a client has asked for, since the start.")

    static let prefetch: [MetricDeclaration] = [
        prefetchedObjects, prefetchedBytes, prefetchedUsed, prefetchedWasted, prefetchHitRatio,
    ]
}
