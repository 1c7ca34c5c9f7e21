internal import Synchronization

/// Figures of one moment.
///
/// Counters start at zero with every opening.
public struct StoreStatistics: Sendable, Equatable {
    /// Objects that can be found.
    public var objects = 0
    /// Those of them the eviction order does not know yet, for a moment after opening.
    public var unloadedObjects = 0
    /// Bytes of their bodies, as far as loaded.
    public var bodyBytes = 0
    /// Bytes those bodies occupy, padding included, and chunks of running fills.
    public var usedBytes = 0
    /// Bytes of the chunk files, free pages included.
    public var fileBytes = 0
    /// The configured limit of `fileBytes`.
    public var capacityBytes = 0
    /// Bytes of index records.
    public var indexBytes = 0
    /// Bytes of memory for copies of index records; see `SegmentStoreOptions.recordCacheBytes`.
    public var recordCacheBytes = 0
    /// Look-ups that did not find their record among these copies.
    public var recordCacheMisses = 0
    /// Chunks that were to be had only from the disk when a reader that does not wait asked for them.
    public var coldChunks = 0
    /// Objects stored.
    public var stored = 0
    /// Objects evicted to make room.
    public var evicted = 0
    /// Objects the sweeper deleted because of purges.
    public var purged = 0
    /// Objects that were begun but not stored.
    public var dropped = 0
    /// Chunks that did not match their checksum.
    public var checksumFailures = 0
    /// Group commits.
    public var commits = 0
    /// Group commits that failed.
    public var failedCommits = 0
    /// Objects stored on probation, because nobody had asked for them before.
    public var onProbation = 0
    /// Chunks not stored because there was no room: the reserve of the file system, or running fills.
    public var refusedChunks = 0
    /// Shards that do not grow because the file system has less free than its reserve.
    public var shardsOutOfSpace = 0
    /// Shards whose files are being opened again after an error.
    public var shardsClosed = 0
    /// Microseconds from the beginning of a group's transaction to its commit, summed over all groups.
    public var commitMicroseconds = 0
    /// Longest of them.
    public var slowestCommitMicroseconds = 0
    /// Number of groups that took at most 250 µs, 1 ms, 4 ms, 16 ms, 64 ms, 256 ms, 1 s, and longer.
    public var commitBuckets = [Int](repeating: 0, count: StoreStatistics.commitBucketBounds.count + 1)

    /// Shards, each with files and a writer thread of its own.
    public var shards = 0

    /// Figures of one shard more.
    mutating func add(_ other: StoreStatistics) {
        objects += other.objects
        unloadedObjects += other.unloadedObjects
        bodyBytes += other.bodyBytes
        usedBytes += other.usedBytes
        fileBytes += other.fileBytes
        indexBytes += other.indexBytes
        stored += other.stored
        evicted += other.evicted
        purged += other.purged
        dropped += other.dropped
        checksumFailures += other.checksumFailures
        commits += other.commits
        failedCommits += other.failedCommits
        onProbation += other.onProbation
        refusedChunks += other.refusedChunks
        shardsOutOfSpace += other.shardsOutOfSpace
        shardsClosed += other.shardsClosed
        commitMicroseconds += other.commitMicroseconds
        slowestCommitMicroseconds = max(slowestCommitMicroseconds, other.slowestCommitMicroseconds)
        for index in commitBuckets.indices { commitBuckets[index] += other.commitBuckets[index] }
        shards += 1
    }

    /// Upper bounds of `commitBuckets` in microseconds.
    public static let commitBucketBounds = [250, 1_000, 4_000, 16_000, 64_000, 256_000, 1_000_000]
}

/// The live counters behind `StoreStatistics`.
final class StoreCounters: Sendable {
    private let state = Mutex(StoreStatistics())

    /// Not on the hit path: the writer thread, and readers that found damage.
    func update(_ body: (inout StoreStatistics) -> Void) {
        state.withLock { body(&$0) }
    }

    func recordCommit(microseconds: Int) {
        update { statistics in
            statistics.commits += 1
            statistics.commitMicroseconds += microseconds
            statistics.slowestCommitMicroseconds = max(statistics.slowestCommitMicroseconds, microseconds)
            let bounds = StoreStatistics.commitBucketBounds
            statistics.commitBuckets[bounds.firstIndex { microseconds <= $0 } ?? bounds.count] += 1
        }
    }

    var statistics: StoreStatistics { state.withLock { $0 } }
}
