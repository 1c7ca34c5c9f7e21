internal import Bytes
internal import Synchronization

/// One part of the store, by key hash: environments, a writer thread and a queue in front of it.
///
/// What the shards have in common (order of purges, key hash, directory) they are given.
final class StoreShard: Sendable {
    let number: Int
    /// Number of shards, a power of two.
    let shardCount: Int
    /// This shard's share of the capacities.
    let options: SegmentStoreOptions
    /// Directory of this shard's files.
    let folder: String
    let hasher: SipHash128
    let purges: PurgeLedger
    let visited: VisitedTable
    let records: RecordCache
    let residency: Residency
    /// `nil` if everything found at opening is trusted.
    let verification: VerificationTable?
    let requests: RequestSketch
    let queue: WriterQueue
    let counters = StoreCounters()
    /// Signalled when the writer thread has ended.
    let ended = Signal()
    /// Signalled when the writer thread has stopped touching the files because of `WriterQueue.release`.
    let parked = Signal()
    /// Whether the writer left everything on the disk when it ended.
    let isFlushed = Atomic<Bool>(false)
    private let opened: Mutex<StoreEnvironments?>
    private let nextID: Atomic<UInt64>

    init(_ opening: ShardOpening, shardCount: Int, hasher: SipHash128, purges: PurgeLedger) {
        number = opening.number
        self.shardCount = shardCount
        options = opening.options
        folder = opening.folder
        self.hasher = hasher
        self.purges = purges
        visited = VisitedTable(count: opening.options.maxObjects)
        residency = Residency(isResident: opening.options.isResident)
        records = RecordCache(byteCount: opening.options.recordCacheBytes)
        verification = opening.verification
        requests = RequestSketch(objects: opening.options.maxObjects)
        queue = WriterQueue(limitBytes: opening.options.queueBytes)
        opened = Mutex(opening.environments)
        nextID = Atomic(opening.nextID)
    }

    /// The open files, or `nil` while they are being opened again.
    var environments: StoreEnvironments? { opened.withLock { $0 } }

    /// The writer closes, or has opened again, the files; readers notice at their next look-up.
    func replaceEnvironments(_ environments: StoreEnvironments?) {
        if environments == nil { records.turnOff() } else { records.turnOn() }
        opened.withLock { $0 = environments }
        purges.announce()
    }

    /// From now on ids begin here; those before belong to fills that were lost.
    func skipIDs(to id: UInt64) { nextID.store(id, ordering: .releasing) }

    func takeID() -> ObjectID {
        ObjectID(rawValue: nextID.wrappingAdd(UInt64(shardCount), ordering: .relaxed).oldValue)
    }

    var bodiesBegun: UInt64 { nextID.load(ordering: .acquiring) }

    var maxObjectBytes: Int { options.maxObjectBytes ?? options.capacityBytes / 4 }
}
