internal import Bytes
internal import Synchronization

/// The one thread that changes the environments.
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

    let store: SegmentStore
    let environments: StoreEnvironments
    /// By slot.
    var entries: [Entry?]
    var freeSlots: [UInt32] = []
    var sieve = Sieve()
    var budget: SpaceBudget
    /// Chunks whose record is gone already, per size class.
    var doomed: [[ChunkKey]] = Array(repeating: [], count: SizeClass.allCases.count)
    /// Whether the last commit of a size class was a deletion.
    var hasFreshHoles = Array(repeating: false, count: SizeClass.allCases.count)
    var indexBytes = 0
    var bodyBytes = 0
    var sweep: Sweep?
    /// After a failure the sweeper pauses instead of spinning.
    var sweepNotBefore = 0
    private var idCeiling: UInt64
    private let bootIdentity: String
    private var lastReaderCheck = monotonicMicroseconds()

    static let readerCheckSeconds = 30

    init(store: SegmentStore, opening: StoreOpening) {
        self.store = store
        environments = opening.environments
        idCeiling = opening.idCeiling
        bootIdentity = opening.bootIdentity
        entries = Array(repeating: nil, count: Int(opening.records.map(\.slot).max() ?? 0) + 1)
        budget = SpaceBudget(
            capacityPages: opening.options.capacityBytes / SizeClass.pageBytes,
            batchPages: opening.options.effectiveBatchBytes / SizeClass.pageBytes)
        for found in opening.records {
            entries[Int(found.slot)] = Entry(
                id: found.id, keyHash: found.keyHash, length: found.length, recordBytes: found.recordBytes,
                isInline: found.isInline)
            sieve.insert(found.slot)
            indexBytes += found.recordBytes
            bodyBytes += found.length
            if !found.isInline {
                for sizeClass in SizeClass.allCases {
                    budget.add(sizeClass.pieces(ofLength: found.length), to: sizeClass)
                }
            }
        }
        freeSlots = entries.indices.reversed().filter { entries[$0] == nil }.map { UInt32($0) }
        for sizeClass in SizeClass.allCases { noteFileSize(of: sizeClass) }
        publishStatistics()
    }

    /// Works until the queue is closed and empty, then leaves everything flushed and marked clean.
    func run() {
        while true {
            switch store.queue.next(byteLimit: store.options.effectiveBatchBytes, waitingUpTo: secondsToWait) {
            case .commands(let commands):
                process(commands)
            case .idle:
                deleteDoomed()
            case .closed:
                deleteDoomed()
                leaveClean()
                return
            }
            sweepSlice()
            checkReaders()
            publishStatistics()
        }
    }

    private var secondsToWait: Int {
        if hasDoomed { return 0 }
        if store.purges.unsettled == nil { return StoreWriter.readerCheckSeconds }
        return monotonicMicroseconds() < sweepNotBefore ? 1 : 0
    }

    private func process(_ commands: [WriterCommand]) {
        reserveIDs()
        var chunks: [PendingChunk] = []
        var records: [PendingRecord] = []
        var barriers: [@Sendable () -> Void] = []
        for command in commands {
            switch command {
            case .chunk(let fill, let index, let buffer):
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
        if store.purges.hasDroppableEntries { dropSettledPurges() }
        if !barriers.isEmpty {
            deleteDoomed()
            publishStatistics()
            for body in barriers { body() }
        }
    }

    /// Keeps the persisted ceiling ahead of every id handed out, so that no id is used twice even after a crash.
    private func reserveIDs() {
        let begun = store.bodiesBegun
        guard begun + StoreOpening.idReserve / 2 > idCeiling else { return }
        let ceiling = begun + StoreOpening.idReserve
        do throws(StoreError) {
            try StoreOpening.writeIDCeiling(ceiling, environments)
            idCeiling = ceiling
        } catch {
            report(error)
        }
    }

    /// Frees reader slots whose owner died without a word, now and then.
    private func checkReaders() {
        let now = monotonicMicroseconds()
        guard now - lastReaderCheck >= StoreWriter.readerCheckSeconds * 1_000_000 else { return }
        lastReaderCheck = now
        for environment in environments.all { environment.checkReaders() }
    }

    private func leaveClean() {
        do throws(StoreError) {
            for environment in environments.all { try environment.sync() }
            try store.directory.replaceFile(
                StoreState.fileName, with: StoreState(bootIdentity: bootIdentity, isClean: true).bytes)
        } catch {
            report(error)
        }
    }

    func report(_ error: StoreError) {
        store.counters.update { $0.failedCommits += 1 }
        store.options.onEvent(.writeFailed(error))
    }

    func noteFileSize(of sizeClass: SizeClass) {
        budget.setFilePages(environments[sizeClass].environment.pagesInFile, of: sizeClass)
    }

    func publishStatistics() {
        store.counters.update { statistics in
            statistics.objects = sieve.count
            statistics.bodyBytes = bodyBytes
            statistics.usedBytes = budget.usedBytes
            statistics.fileBytes = budget.fileBytes
            statistics.indexBytes = indexBytes
        }
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
}
