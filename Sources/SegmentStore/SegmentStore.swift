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
    let shards: [StoreShard]
    let purges: PurgeLedger
    private let hasher: SipHash128
    private let bootIdentity: String
    private let life = Mutex(Life.open)

    private enum Life { case open, released, closed }

    static let closedError = StoreError(.closed, "the segment store is closed")

    /// Opens or creates the store in `directory`.
    ///
    /// Blocks on the disk, after a power loss for as long as it takes to read the structure of every file; not for a
    /// loop thread.
    ///
    /// Throws `.inUse` if another process has the directory, `.options` for a value out of range.
    public static func open(
        directory path: String, options: SegmentStoreOptions = SegmentStoreOptions()
    ) throws(StoreError) -> SegmentStore {
        try options.validate()
        let opening = try StoreOpening(path: path, options: options)
        let store = SegmentStore(opening)
        var writers: [WriterBox] = []
        for (shard, opened) in zip(store.shards, opening.shards) {
            writers.append(WriterBox(try StoreWriter(shard: shard, opening: opened)))
        }
        for (shard, writer) in zip(store.shards, writers) {
            // The store's lock goes with the store, and whoever closes it may open the directory again.
            try startThread(
                { [store] in
                    store.options.beforeWriting()
                    withExtendedLifetime(store) { shard.work(writer) }
                }, ended: { shard.ended.set() })
        }
        options.onEvent(
            .opened(
                objects: opening.shards.reduce(0) { $0 + $1.objectCount }, shards: store.shards.count,
                trusted: opening.isTrusted))
        return store
    }

    private init(_ opening: StoreOpening) {
        directory = opening.directory
        options = opening.options
        hasher = opening.layout.hasher
        purges = opening.purges
        bootIdentity = opening.bootIdentity
        let (hasher, purges, count) = (opening.layout.hasher, opening.purges, opening.shards.count)
        shards = opening.shards.map { StoreShard($0, shardCount: count, hasher: hasher, purges: purges) }
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
        let hash = hasher.hash(key)
        let shard = shard(of: hash)
        shard.requests.note(hash)
        let fill = Fill(
            id: shard.takeID(), key: key, keyHash: hash, fence: fence, onResume: onResume, onProgress: onProgress)
        purges.beginFill(fence)
        if key.count > 16_384 || key.isEmpty { fill.fail(.tooLarge) }
        return ObjectWriter(
            shard: shard, fill: fill, expectedLength: expectedLength, expectedCRC32C: expectedCRC32C)
    }

    /// Somebody else asked for an object that is being filled: it need not prove itself on probation.
    ///
    /// Takes no lock.
    public func noteRequest(key: [UInt8]) {
        let hash = hasher.hash(key)
        shard(of: hash).requests.note(hash)
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
        if !shard(of: object.keyHash).queue.enqueue(.refresh(refresh)) {
            purges.endFill(fence)
            completion(.failed(SegmentStore.closedError))
        }
    }

    /// Drops one object soon, for instance because the origin said it is gone.
    ///
    /// A purge is what takes effect at once.
    public func remove(_ object: StoredObject) {
        shard(of: object.keyHash).queue.enqueue(.remove(Removal(id: object.id, keyHash: object.keyHash)))
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
        for shard in shards { shard.queue.nudge() }
        return PurgeReceipt(sequence: sequence, elapsedMicroseconds: monotonicMicroseconds() - start)
    }

    /// What is known of a purge: of all that are still being reclaimed and of about a thousand before them.
    public func purgeStatus(_ sequence: PurgeSequence) -> PurgeStatus? {
        purges.status(sequence)
    }

    /// Figures of this moment for the metrics page.
    public var statistics: StoreStatistics {
        var sum = StoreStatistics()
        for shard in shards {
            sum.add(shard.counters.statistics)
            sum.recordCacheBytes += shard.records.usedBytes
            sum.recordCacheMisses += shard.records.missCount
            sum.coldChunks += shard.residency.coldCount
        }
        sum.capacityBytes = options.capacityBytes
        return sum
    }

    /// Runs `body` on a writer thread after everything queued so far is done.
    ///
    /// Returns false if the store is closed.
    @discardableResult
    public func whenWritten(_ body: @escaping @Sendable () -> Void) -> Bool {
        let barrier = Barrier(count: shards.count, body)
        // All or none: a store closes its queues in this order.
        for shard in shards.reversed() {
            guard shard.queue.enqueue(.barrier { barrier.arrive() }) else { return false }
        }
        return true
    }

    /// Waits until everything queued is stored, flushes it and marks the directory as clean.
    ///
    /// The next opening then trusts the files even after a power loss. Every store must be closed: its threads keep it
    /// alive until then. Blocks; calling it twice does nothing more. Readers keep working.
    public func close() {
        let previous = life.withLock { life in
            defer { life = .closed }
            return life
        }
        for shard in shards { shard.queue.close() }
        for shard in shards { shard.ended.wait() }
        purges.close()
        guard previous == .open, shards.allSatisfy({ $0.isFlushed.load(ordering: .acquiring) }) else { return }
        leaveState(.clean)
    }

    /// Bodies up to this size have no chunks.
    public var inlineBodyBytes: Int { options.inlineBodyBytes }

    /// Stops writing and lets another process open the directory, while readers here go on.
    ///
    /// When it returns, everything that was queued is stored and the lock is free. From then on fills are not stored and
    /// purges are refused; look-ups obey the purges that the successor takes, for one `stat` each. Pages a reader here
    /// uses are not reused by the successor. Blocks until the queues are empty; not for a loop thread. Ends with `close`,
    /// or with `resumeAsWriter` if no successor came.
    public func releaseForSuccessor() {
        let mayRelease = life.withLock { life in
            guard life == .open else { return false }
            life = .released
            return true
        }
        guard mayRelease else { return }
        for shard in shards { shard.queue.release() }
        for shard in shards { shard.parked.consume() }
        for shard in shards { shard.records.turnOff() }
        purges.release()
        leaveState(.handed)
        directory.unlock()
    }

    /// Takes the writer's role back after `releaseForSuccessor`, if nobody else opened the directory since.
    ///
    /// Throws `.inUse` if somebody has it or had it: what this process remembers of the files is no longer true.
    public func resumeAsWriter() throws(StoreError) {
        guard life.withLock({ $0 == .released }) else { throw SegmentStore.closedError }
        try directory.lock()
        do throws(StoreError) {
            let state = try directory.readFile(StoreState.fileName).flatMap { StoreState($0) }
            guard state == StoreState(bootIdentity: bootIdentity, end: .handed) else {
                throw StoreError(
                    .inUse, "another process has written to \(directory.path) since it was released; start again")
            }
            try purges.resume()
        } catch {
            directory.unlock()
            throw error
        }
        leaveState(.running)
        life.withLock { $0 = .open }
        for shard in shards { shard.records.turnOn() }
        for shard in shards { shard.queue.reopen() }
    }

    private func leaveState(_ end: StoreState.End) {
        do throws(StoreError) {
            try directory.replaceFile(
                StoreState.fileName, with: StoreState(bootIdentity: bootIdentity, end: end).bytes)
        } catch {
            options.onEvent(.writeFailed(error))
        }
    }

    func shard(of hash: Hash128) -> StoreShard { shards[hash.shard(of: shards.count)] }
    func hash(_ key: UnsafeRawBufferPointer) -> Hash128 { hasher.hash(key) }
    func hash(_ key: [UInt8]) -> Hash128 { hasher.hash(key) }
    func encodedTags(_ tags: [[UInt8]]) -> [UInt8] { TagList.encode(tags, hasher) }
}

/// Runs something once every shard has come to it.
private final class Barrier: Sendable {
    private let missing: Atomic<Int>
    private let body: @Sendable () -> Void

    init(count: Int, _ body: @escaping @Sendable () -> Void) {
        missing = Atomic(count)
        self.body = body
    }

    func arrive() {
        if missing.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 { body() }
    }
}

func monotonicMicroseconds() -> Int {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return now.tv_sec * 1_000_000 + now.tv_nsec / 1_000
}
