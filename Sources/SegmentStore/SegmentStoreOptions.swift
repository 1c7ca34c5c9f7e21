/// How large a store may grow and how it talks to its owner.
public struct SegmentStoreOptions: Sendable {
    /// When the checksum of a chunk is compared before its first use after opening.
    public enum Verification: Sendable, Equatable {
        /// Only after a power loss or an unknown boot, when the page cache cannot vouch for the files.
        case whenUntrusted
        /// After every opening.
        case always
    }

    /// Bytes of body the files may hold, all size classes together.
    ///
    /// Default 10 GiB, least 4 MiB.
    public var capacityBytes = 10 << 30
    /// Bytes of the file system that stay free: below, nothing grows any more and new objects replace old ones.
    ///
    /// Never more than a twentieth of the file system. Default 1 GiB; 0 for none.
    public var reserveBytes = 1 << 30
    /// Parts by key hash, each with files and a writer thread of its own; a power of two up to 64.
    ///
    /// Counts for a new directory; an old one keeps what it has, because to move every object costs more than it gives.
    /// Default one, and one more for every eight processors, but none under 8 GiB.
    public var shards: Int?
    /// Bytes of index records and inline bodies.
    ///
    /// Default a sixteenth of `capacityBytes`, at least 8 MiB.
    public var indexCapacityBytes: Int?
    /// Bytes of memory for copies of the index records that are asked for often; of less than 4 MiB a shard nothing is made.
    ///
    /// Taken in steps of 2 MiB as records are copied, and a thirty-second for the table that finds them. A record of an
    /// object without inline body takes about 512 bytes. Default 512 MiB, enough for a million.
    public var recordCacheBytes = 512 << 20
    /// Objects at most, which bounds the memory of the eviction list (about 60 bytes each).
    ///
    /// Default 1,048,576.
    public var maxObjects = 1 << 20
    /// Larger objects are passed on but not stored.
    ///
    /// Default a quarter of `capacityBytes`.
    public var maxObjectBytes: Int?
    /// Bodies up to this size live in the index record, one look-up for both.
    ///
    /// Default and most 8,192 bytes.
    public var inlineBodyBytes = 8_192
    /// Bytes that may wait for the writer; from half of it on, fills are asked to pause.
    ///
    /// Default 64 MiB.
    public var queueBytes = 64 << 20
    /// Bytes of chunks in one group commit.
    ///
    /// Default 8 MiB, and never more than a sixteenth of the capacity.
    public var batchBytes = 8 << 20
    /// Hundredths of the stored bytes that objects nobody asked for twice may keep once room is needed; 0 for plain
    /// SIEVE.
    ///
    /// Default 10, most 50.
    public var probationShare = 10
    /// When chunks are verified.
    ///
    /// Default `.whenUntrusted`.
    public var verification = Verification.whenUntrusted
    /// Called for everything an operator may want in the log, on the thread where it happened.
    ///
    /// Default: nothing.
    public var onEvent: @Sendable (StoreEvent) -> Void = { _ in }

    /// Runs on every writer thread before it begins.
    ///
    /// Tests use it to look at a store whose writer has not begun.
    var beforeWriting: @Sendable () -> Void = {}
    /// What the file system has free; `nil` asks the kernel.
    ///
    /// Tests use it to fill a disk.
    var freeBytes: (@Sendable () -> Int)?
    /// Whether the pages of a value are in memory; `nil` asks the kernel.
    ///
    /// Tests use it to have chunks go cold.
    var isResident: (@Sendable (UnsafeRawBufferPointer) -> Bool)?
    /// Slots of each reader table.
    ///
    /// Tests use it to run out of them.
    var maxReaders = StoreEnvironments.maxReaders
    /// Identity of the running boot; `nil` asks the kernel.
    ///
    /// Tests use it to play a restart of the machine.
    var bootIdentity: String?
    /// Map size of every environment; `nil` derives it from the capacity.
    ///
    /// Tests use it to fill a map.
    var mapBytes: Int?

    /// Every option at its default.
    public init() {}
}

/// What happened inside the store that an operator may want to know.
public enum StoreEvent: Sendable, Equatable {
    /// The store is open and serves what it found.
    case opened(objects: Int, shards: Int, trusted: Bool)
    /// A shard has compared its index with its chunks after a crash: objects dropped as incomplete or damaged, chunks
    /// deleted because they belonged to none.
    case reconciled(shard: Int, dropped: Int, orphans: Int)
    /// The directory has another number of shards than the options ask for, and keeps it until it is emptied.
    case shardsKept(Int, asked: Int)
    /// An environment could not be trusted and was emptied; `reason` names the page and the fault.
    case wiped(environment: String, reason: String)
    /// A chunk did not match its checksum; its object was dropped.
    case checksumFailure(ObjectID)
    /// The file system has less free than the reserve: the cache no longer grows.
    case spaceLow(freeBytes: Int, reserveBytes: Int)
    /// The file system has room again.
    case spaceRecovered(freeBytes: Int)
    /// LMDB gave a shard's files up after an error; they are closed, checked and opened again while requests go to the
    /// origin.
    case reopening(shard: Int, reason: String)
    /// The shard's files are open again.
    case reopened(shard: Int)
    /// The writer could not store a group; the objects in it were dropped.
    case writeFailed(StoreError)
    /// The sweeper finished with a purge.
    case purgeReclaimed(PurgeStatus)
}
