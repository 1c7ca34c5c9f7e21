internal import Bytes
internal import Glibc
internal import Synchronization

/// The edge's cache on disk: bodies as fixed-size chunks in LMDB environments, records in an index of its own, one
/// writer thread, any number of readers.
///
/// See the README for layout, trust and purging.
public final class SegmentStore: Sendable {
    let directory: StoreDirectory
    let options: SegmentStoreOptions
    let environments: StoreEnvironments
    let hasher: SipHash128
    let visited: VisitedTable
    /// `nil` if everything found at opening is trusted.
    let verification: VerificationTable?
    let purges: PurgeLedger
    let queue: WriterQueue
    let counters = StoreCounters()
    private let nextID: Atomic<UInt64>
    private let finished = WriterEnd()

    static let closedError = StoreError(.closed, "the segment store is closed")

    /// Opens or creates the store in `directory`.
    ///
    /// Blocks on the disk: reads every index record, and after a crash every chunk key; not for a loop thread.
    ///
    /// Throws `.inUse` if another process has the directory, `.options` for a value out of range.
    public static func open(
        directory path: String, options: SegmentStoreOptions = SegmentStoreOptions()
    ) throws(StoreError) -> SegmentStore {
        try options.validate()
        let opening = try StoreOpening(path: path, options: options)
        let store = SegmentStore(opening)
        let writer = StoreWriter(store: store, opening: opening)
        options.onEvent(
            .opened(
                objects: opening.records.count, dropped: opening.droppedObjects, orphans: opening.orphans,
                trusted: opening.isTrusted))
        let box = WriterBox(writer)
        let finished = store.finished
        try startThread {
            box.take()?.run()
            finished.signal()
        }
        return store
    }

    private init(_ opening: StoreOpening) {
        directory = opening.directory
        options = opening.options
        environments = opening.environments
        hasher = opening.hasher
        visited = VisitedTable(count: opening.options.maxObjects)
        verification = opening.verification
        purges = opening.purges
        queue = WriterQueue(limitBytes: opening.options.queueBytes)
        nextID = Atomic(opening.nextID)
    }

    /// A reader for one thread at a time; each loop has its own.
    ///
    /// It must be gone before the directory can be opened again.
    public func makeReader() throws(StoreError) -> StoreReader {
        try StoreReader(store: self)
    }

    /// Place in the order of purges to remember when a request to the origin begins.
    public var currentFence: PurgeSequence { purges.sequence }

    /// Begins to store a body.
    ///
    /// `fence` is `currentFence` from before the origin was asked.
    ///
    /// - Parameters:
    ///   - key: canonical cache key; bytes behind the first NUL tell variants of one URL apart. At most 16,384 bytes.
    ///   - expectedLength: announced length; the object is dropped if the body differs.
    ///   - expectedCRC32C: announced CRC-32C of the body, if the origin sent one.
    ///   - onResume: called on the writer thread after an `.pause`, when more may be appended.
    ///   - onProgress: called on the writer thread whenever `committedChunks` may have grown or the object was dropped.
    public func beginObject(
        key: [UInt8], fence: PurgeSequence, expectedLength: Int? = nil, expectedCRC32C: UInt32? = nil,
        onResume: @escaping @Sendable () -> Void = {}, onProgress: @escaping @Sendable () -> Void = {}
    ) -> ObjectWriter {
        let id = ObjectID(rawValue: nextID.wrappingAdd(1, ordering: .relaxed).oldValue)
        let fill = Fill(
            id: id, key: key, keyHash: hasher.hash(key), fence: fence, onResume: onResume, onProgress: onProgress)
        purges.beginFill(fence)
        if key.count > 16_384 || key.isEmpty { fill.fail(.tooLarge) }
        return ObjectWriter(
            store: self, fill: fill, expectedLength: expectedLength, expectedCRC32C: expectedCRC32C)
    }

    /// Gives a stored body new metadata, tags included, after the origin said "not modified".
    ///
    /// `fence` is `currentFence` from before the origin was asked; `completion` runs on the writer thread.
    public func refresh(
        _ object: StoredObject, fence: PurgeSequence, metadata: ObjectMetadata,
        completion: @escaping @Sendable (StoreOutcome) -> Void = { _ in }
    ) {
        guard metadata.isWithinLimits else { return completion(.tooLarge) }
        purges.beginFill(fence)
        let refresh = Refresh(
            id: object.id, keyHash: object.keyHash, fence: fence, metadata: metadata, completion: completion)
        if !queue.enqueue(.refresh(refresh)) {
            purges.endFill(fence)
            completion(.failed(SegmentStore.closedError))
        }
    }

    /// Drops one object soon, for instance because the origin said it is gone.
    ///
    /// A purge is what takes effect at once.
    public func remove(_ object: StoredObject) {
        queue.enqueue(.remove(Removal(id: object.id, keyHash: object.keyHash)))
    }

    /// Hides, or marks stale, everything `request` covers that began to be stored before now.
    ///
    /// When it returns, the purge is on the disk and no look-up that begins later sees the old bytes; space is reclaimed
    /// later. Blocks for one `fdatasync`; not for a loop thread. `published` runs before it returns, with the purge in
    /// force, for what the caller itself must fence.
    @discardableResult
    public func purge(
        _ request: PurgeRequest, published: (PurgeSequence) -> Void = { _ in }
    ) throws(StoreError) -> PurgeReceipt {
        guard request.prefixes.allSatisfy({ $0.count <= 1_024 && !$0.isEmpty }) else {
            throw StoreError(.options, "a purge prefix must hold 1 to 1,024 bytes; use \"all\" to purge everything")
        }
        let start = monotonicMicroseconds()
        let sequence = try purges.purge(request)
        published(sequence)
        queue.nudge()
        return PurgeReceipt(sequence: sequence, elapsedMicroseconds: monotonicMicroseconds() - start)
    }

    /// What is known of a purge: of all that are still being reclaimed and of about a thousand before them.
    public func purgeStatus(_ sequence: PurgeSequence) -> PurgeStatus? {
        purges.status(sequence)
    }

    /// Figures of this moment for the metrics page.
    public var statistics: StoreStatistics { counters.statistics(capacityBytes: options.capacityBytes) }

    /// Runs `body` on the writer thread after everything queued so far is done.
    ///
    /// Returns false if the store is closed.
    @discardableResult
    public func whenWritten(_ body: @escaping @Sendable () -> Void) -> Bool {
        queue.enqueue(.barrier(body))
    }

    /// Waits until everything queued is stored, flushes it and marks the directory as clean.
    ///
    /// The next opening then trusts the files even after a power loss. Every store must be closed: its thread keeps it
    /// alive until then. Blocks; calling it twice does nothing more. Readers keep working.
    public func close() {
        queue.close()
        finished.wait()
        purges.close()
    }

    var maxObjectBytes: Int { options.maxObjectBytes ?? options.capacityBytes / 4 }
    /// Bodies up to this size have no chunks.
    public var inlineBodyBytes: Int { options.inlineBodyBytes }
    var bodiesBegun: UInt64 { nextID.load(ordering: .acquiring) }
}

/// Hands the writer to its thread; `StoreWriter` itself is confined to that thread.
private final class WriterBox: @unchecked Sendable {
    // Sendable: taken exactly once, by the thread that `open` starts, before which `open` no longer touches it.
    private var writer: StoreWriter?
    init(_ writer: StoreWriter) { self.writer = writer }
    func take() -> StoreWriter? {
        defer { writer = nil }
        return writer
    }
}

/// Lets `close` wait for the writer thread.
private final class WriterEnd: @unchecked Sendable {
    // Sendable: a semaphore is made to be shared.
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
    init() { sem_init(semaphore, 0, 0) }
    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }
    func signal() { sem_post(semaphore) }
    func wait() {
        while sem_wait(semaphore) != 0 {}
        sem_post(semaphore)
    }
}

func monotonicMicroseconds() -> Int {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return now.tv_sec * 1_000_000 + now.tv_nsec / 1_000
}
