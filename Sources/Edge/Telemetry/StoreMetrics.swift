import SegmentStore
import Telemetry

/// What the segment store counts, declared once; each scrape reads it.
enum StoreMetricTable {
    struct Figure {
        let declaration: MetricDeclaration
        let value: @Sendable (StoreStatistics) -> Double
    }

    private static func gauge(
        _ name: String, _ unit: String, _ help: String, _ value: @escaping @Sendable (StoreStatistics) -> Int
    ) -> Figure {
        Figure(declaration: MetricDeclaration(name, .gauge, unit: unit, help: help)) { Double(value($0)) }
    }

    private static func counter(
        _ name: String, _ unit: String, _ help: String, _ value: @escaping @Sendable (StoreStatistics) -> Int
    ) -> Figure {
        Figure(declaration: MetricDeclaration(name, .counter, unit: unit, help: help)) { Double(value($0)) }
    }

    static let figures: [Figure] = [
        gauge("weir_store_objects", "objects", "Objects in the segment store.") { $0.objects },
        gauge(
            "weir_store_unloaded_objects", "objects",
            "Those of them the eviction order does not know yet, for a moment after the start."
        ) { $0.unloadedObjects },
        gauge("weir_store_body_bytes", "bytes", "Bytes of the bodies in the segment store.") { $0.bodyBytes },
        gauge("weir_store_used_bytes", "bytes", "Bytes those bodies occupy, padding included.") { $0.usedBytes },
        gauge("weir_store_file_bytes", "bytes", "Bytes of the chunk files, free pages included.") { $0.fileBytes },
        gauge("weir_store_index_bytes", "bytes", "Bytes of the index records, small bodies included.") {
            $0.indexBytes
        },
        gauge(
            "weir_store_record_cache_bytes", "bytes",
            "Memory for copies of the index records that are asked for often, without the table that finds them."
        ) { $0.recordCacheBytes },
        counter(
            "weir_store_record_cache_misses_total", "look-ups",
            "Look-ups since the start that did not find their record among these copies and asked LMDB."
        ) { $0.recordCacheMisses },
        counter(
            "weir_store_cold_chunks_total", "chunks",
            "Chunks asked for since the start that were not in memory and were read by a thread of their own."
        ) { $0.coldChunks },
        gauge("weir_store_capacity_bytes", "bytes", "The store's configured capacity.") { $0.capacityBytes },
        gauge("weir_store_shards", "shards", "Parts of the store, each with files and a writer thread.") { $0.shards },
        gauge(
            "weir_store_shards_out_of_space", "shards",
            "Shards that do not grow because the file system has less free than its reserve."
        ) { $0.shardsOutOfSpace },
        gauge(
            "weir_store_shards_closed", "shards", "Shards whose files are being opened again after an I/O error."
        ) { $0.shardsClosed },
        counter("weir_store_stored_total", "objects", "Objects stored since the start.") { $0.stored },
        counter(
            "weir_store_probation_total", "objects",
            "Objects stored on probation since the start, because nobody had asked for them before."
        ) { $0.onProbation },
        counter("weir_store_evicted_total", "objects", "Objects evicted to make room since the start.") {
            $0.evicted
        },
        counter("weir_store_purged_total", "objects", "Objects deleted because of purges since the start.") {
            $0.purged
        },
        counter("weir_store_dropped_total", "objects", "Objects begun but not stored since the start.") {
            $0.dropped
        },
        counter(
            "weir_store_refused_chunks_total", "chunks",
            "Chunks not stored because there was no room: the disk's reserve, or running fills."
        ) { $0.refusedChunks },
        counter("weir_store_commits_total", "commits", "Group commits of chunks since the start.") { $0.commits },
        counter("weir_store_failed_commits_total", "commits", "Transactions that failed since the start.") {
            $0.failedCommits
        },
        Figure(
            declaration: MetricDeclaration(
                "weir_store_commit_seconds_total", .counter, unit: "seconds",
                help: "Time the group commits took together.")
        ) { Double($0.commitMicroseconds) / 1e6 },
        counter(
            "weir_store_checksum_failures_total", "chunks",
            "Chunks that did not match their checksum and were dropped with their objects."
        ) { $0.checksumFailures },
    ]

    static var all: [MetricDeclaration] { figures.map(\.declaration) }
}
