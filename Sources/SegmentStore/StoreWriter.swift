internal import Bytes
internal import Glibc
internal import Synchronization

/// The one thread that changes the environments of a shard.
///
/// It takes what is queued, makes room, commits the chunks of many fills in one transaction per environment, and writes
/// index records only for bodies whose chunks are all committed.
///
/// Order is what makes a crash harmless: chunks before the record that names them, and the record's deletion before the
/// deletion of its chunks. What a crash leaves over is a chunk without record, which the next opening deletes.
final class StoreWriter {
    /// What the writer remembers of a stored object.
    struct Entry {
        var id: ObjectID
        var keyHash: Hash128
        var length: Int
        var recordBytes: Int
        var isInline: Bool
    }

    let shard: StoreShard
    var environments: StoreEnvironments
    /// By slot; `nil` where there is none, or none is known yet.
    var entries: [Entry?]
    var freeSlots: [UInt32] = []
    var order: EvictionOrder
    var budget: SpaceBudget
    /// Chunks whose record is gone already, per size class.
    var doomed: [[ChunkKey]] = Array(repeating: [], count: SizeClass.allCases.count)
    /// Whether the last commit of a size class was a deletion.
    var hasFreshHoles = Array(repeating: false, count: SizeClass.allCases.count)
    /// Records in the index, whether or not they are loaded.
    var objectCount: Int
    var loadedCount = 0
    var indexBytes = 0
    var bodyBytes = 0
    /// What is recorded beside the records.
    var settings: ShardSettings
    var load: IndexLoad?
    /// Bytes of the index file that were read into memory; `nil` when that is done.
    private var readBytes: Int? = 0
    var reconciliation: Reconciliation?
    var sweep: Sweep?
    /// Whether more may be stored than the capacity allows.
    private var isShrinking = true
    var space: SpaceGuard
    /// Set once LMDB has given the files up; nothing can be done with them any more.
    private(set) var loss: StoreError?
    /// After a failure, what runs in the background pauses instead of spinning.
    var backgroundNotBefore = 0
    /// Objects from this one on were begun after opening.
    let firstNew: ObjectID
    private var lastReaderCheck = monotonicMicroseconds()

    static let readerCheckSeconds = 30
    private static let readSliceBytes = 16 << 20
    /// Most bytes of the index that are read before it is loaded: they must not push everything else out.
    private static let mostReadBytes = sysconf(Int32(_SC_PHYS_PAGES)) / 4 * SizeClass.pageBytes

    init(shard: StoreShard, opening: ShardOpening) throws(StoreError) {
        self.shard = shard
        environments = opening.environments
        settings = opening.settings
        firstNew = ObjectID(rawValue: opening.nextID)
        objectCount = opening.objectCount
        entries = Array(repeating: nil, count: min(Int(opening.settings.slots), opening.options.maxObjects))
        order = EvictionOrder(probationShare: opening.options.probationShare)
        budget = SpaceBudget(
            capacityPages: opening.options.capacityBytes / SizeClass.pageBytes,
            batchPages: opening.options.effectiveBatchBytes / SizeClass.pageBytes)
        space = SpaceGuard(
            folder: opening.folder, reserveBytes: opening.options.reserveBytes, measure: opening.options.freeBytes)
        load = IndexLoad(maxObjects: opening.options.maxObjects, verifiesChecksums: false)
        if opening.needsReconciliation { reconciliation = Reconciliation(dropped: opening.dropped) }
        try takeStock()
        // A small index is loaded before anybody asks.
        loadSlice()
        publishStatistics()
    }

    /// How a writer ends.
    enum End {
        /// The queue is closed and empty.
        case closed
        /// The files must be closed and opened again.
        case lost(StoreError)
    }

    static let filesLost = StoreError(.damaged, "the files were closed after an error while the body was being stored")

    /// Works until the queue is closed and empty, then leaves everything flushed; or until the files are lost.
    func run() -> End {
        while true {
            if let loss { return .lost(loss) }
            switch shard.queue.next(byteLimit: shard.options.effectiveBatchBytes, waitingUpTo: secondsToWait) {
            case .commands(let commands):
                process(commands)
            case .idle:
                deleteDoomed()
            case .released:
                if !park() { return .closed }
            case .closed:
                deleteDoomed()
                flush()
                return .closed
            }
            workInBackground()
            shard.records.populateMore()
            checkReaders()
            publishStatistics()
        }
    }

    /// Counts what the chunk files hold, without walking them.
    func takeStock() throws(StoreError) {
        for sizeClass in SizeClass.allCases {
            let chunks = environments[sizeClass]
            let transaction = try ReadTransaction(chunks.environment)
            let count = try transaction.withSnapshot { (snapshot) throws(StoreError) in
                let hasAgeKey = try ChunkKey.ageKey.withRawBytes { (key) throws(StoreError) in
                    try snapshot.value(of: key, in: chunks.database) != nil
                }
                return try snapshot.count(in: chunks.database) - (hasAgeKey ? 1 : 0)
            }
            budget.add(count - budget.pieces[sizeClass.rawValue], to: sizeClass)
            noteFileSize(of: sizeClass)
        }
    }

    private var secondsToWait: Int {
        let mayWork = monotonicMicroseconds() >= backgroundNotBefore
        if hasDoomed { return 0 }
        if load != nil || reconciliation != nil || isShrinking || shard.purges.unsettled(in: shard.number) != nil {
            return mayWork ? 0 : 1
        }
        return StoreWriter.readerCheckSeconds
    }

    /// One slice of what can wait.
    private func workInBackground() {
        guard monotonicMicroseconds() >= backgroundNotBefore else { return }
        if load != nil {
            if readBytes == nil { loadSlice() } else { readSlice() }
        } else if reconciliation != nil {
            reconcileSlice()
        } else if !isShrinking || !shrinkSlice() {
            isShrinking = false
            sweepSlice()
        }
    }

    /// Reads some of the index in the file's order, so that loading it in the order of its keys waits for nothing.
    private func readSlice() {
        guard let start = readBytes else { return }
        let end = start + StoreWriter.readSliceBytes
        let goesOn = environments.index.readIntoMemory(start..<end)
        readBytes = goesOn && end < StoreWriter.mostReadBytes ? end : nil
    }

    /// Asks the file system how much is free, and lets the files grow or not.
    func lookAtSpace() {
        switch space.look() {
        case .none: return
        case .low(let free, let reserve):
            shard.options.onEvent(.spaceLow(freeBytes: free, reserveBytes: reserve))
        case .recovered(let free): shard.options.onEvent(.spaceRecovered(freeBytes: free))
        }
        budget.mayGrow = !space.isLow
    }

    /// Something in the background failed: tell, and pause.
    func pauseBackground(_ error: StoreError) {
        report(error)
        backgroundNotBefore = monotonicMicroseconds() + 1_000_000
    }

    private func process(_ commands: [WriterCommand]) {
        reserveIDs()
        var chunks: [PendingChunk] = []
        var records: [PendingRecord] = []
        var barriers: [@Sendable () -> Void] = []
        for command in commands {
            switch command {
            case .chunk(let fill, let index, let buffer):
                if fill.id < firstNew { fill.fail(.failed(StoreWriter.filesLost)) }
                if fill.outcome == nil { chunks.append(PendingChunk(fill: fill, index: index, buffer: buffer)) }
            case .finish(let fill, let finish): records.append(.finish(fill, finish))
            case .abort(let fill): records.append(.abort(fill))
            case .refresh(let refresh): records.append(.refresh(refresh))
            case .remove(let removal): records.append(.remove(removal))
            case .barrier(let body): barriers.append(body)
            }
        }
        storeChunks(chunks)
        var told: Set<ObjectID> = []
        for chunk in chunks where told.insert(chunk.fill.id).inserted { chunk.fill.onProgress() }
        settle(records)
        if doomed.contains(where: { $0.count > 2_048 }) { deleteDoomed() }
        if shard.purges.hasDroppableEntries { dropSettledPurges() }
        shard.requests.age(objects: objectCount)
        if !barriers.isEmpty {
            deleteDoomed()
            publishStatistics()
            for body in barriers { body() }
        }
    }

    /// Keeps the recorded ceiling ahead of every id handed out, so that no id is used twice even after a crash.
    private func reserveIDs() {
        let reserve = ShardOpening.idReserve * UInt64(shard.shardCount)
        let begun = shard.bodiesBegun
        guard begun + reserve / 2 > settings.ids else { return }
        var raised = settings
        raised.ids = begun + reserve
        do throws(StoreError) {
            let transaction = try WriteTransaction(environments.index)
            try raised.write(environments, in: transaction)
            try transaction.commit()
            settings = raised
        } catch {
            report(error)
        }
    }

    /// Frees reader slots whose owner died without a word, now and then.
    private func checkReaders() {
        let now = monotonicMicroseconds()
        guard now - lastReaderCheck >= StoreWriter.readerCheckSeconds * 1_000_000 else { return }
        lastReaderCheck = now
        lookAtSpace()
        for environment in environments.all { environment.checkReaders() }
    }

    /// Leaves the files to another process until they are given back; returns whether they were.
    private func park() -> Bool {
        deleteDoomed()
        publishStatistics()
        shard.parked.set()
        return shard.queue.waitWhileReleased()
    }

    private func flush() {
        do throws(StoreError) {
            for environment in environments.all { try environment.sync() }
            shard.isFlushed.store(load == nil && reconciliation == nil, ordering: .releasing)
        } catch {
            report(error)
        }
    }

    func report(_ error: StoreError) {
        shard.counters.update { $0.failedCommits += 1 }
        shard.options.onEvent(.writeFailed(error))
        if error.code == .damaged { loss = error }
    }

    func noteFileSize(of sizeClass: SizeClass) {
        budget.setFilePages(environments[sizeClass].environment.pagesInFile, of: sizeClass)
    }

    func publishStatistics() {
        shard.counters.update { statistics in
            statistics.objects = objectCount
            statistics.unloadedObjects = load == nil ? 0 : max(0, objectCount - loadedCount)
            statistics.bodyBytes = bodyBytes
            statistics.usedBytes = budget.usedBytes
            statistics.fileBytes = budget.fileBytes
            statistics.indexBytes = indexBytes
            statistics.shardsOutOfSpace = space.isLow ? 1 : 0
        }
    }
}

extension StoreWriter.Entry {
    /// What there is to remember of `record`, which is `bytes`.
    init(_ record: IndexRecord, keyHash: Hash128, bytes: UnsafeRawBufferPointer) {
        self.init(
            id: record.id, keyHash: keyHash, length: Int(record.length), recordBytes: bytes.count,
            isInline: record.kind == .inline)
    }

    func pieces(in sizeClass: SizeClass) -> Int { isInline ? 0 : sizeClass.pieces(ofLength: length) }

    /// Pages in all files together.
    var pages: Int {
        (isInline ? 0 : SizeClass.pages(ofLength: length)) + (recordBytes + SizeClass.pageBytes - 1)
            / SizeClass.pageBytes
    }
}

/// A chunk to commit.
struct PendingChunk {
    let fill: Fill
    let index: Int
    let buffer: ChunkBuffer

    var sizeClass: SizeClass { SizeClass(fitting: buffer.count) }
    var key: ChunkKey { ChunkKey(id: fill.id, index: UInt32(index)) }
}

/// A change of the index, in the order it was asked for.
enum PendingRecord {
    case finish(Fill, Finish)
    case abort(Fill)
    case refresh(Refresh)
    case remove(Removal)

    var keyHash: Hash128 {
        switch self {
        case .finish(let fill, _), .abort(let fill): fill.keyHash
        case .refresh(let refresh): refresh.keyHash
        case .remove(let removal): removal.keyHash
        }
    }
}
