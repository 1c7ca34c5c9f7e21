internal import Bytes
internal import Glibc
internal import Synchronization

/// The purges in force.
///
/// `purge` appends to the journal, flushes it, and only then publishes a new table; readers notice by one atomic load
/// per look-up.
final class PurgeLedger: Sendable {
    private struct State {
        var table = PurgeTable()
        var sequence = PurgeSequence.zero
        var outstanding: [PurgeJournal.Entry] = []
        var statuses: [PurgeStatus] = []
        /// Fences of running fills, with their number.
        var fills: [UInt64: Int] = [:]
        /// Set while another process keeps the journal.
        var followed: FollowedJournal?
        /// Up to where each shard's sweeper has seen every record.
        var settled: [PurgeSequence] = []
        /// Entries up to this one were dropped; a fill older than that can no longer be judged.
        var forgotten = PurgeSequence.zero

        /// Statuses are in the order of purges, and there may be thousands.
        func place(of sequence: PurgeSequence) -> Int? {
            var (low, high) = (0, statuses.count)
            while low < high {
                let middle = (low + high) / 2
                if statuses[middle].sequence < sequence { low = middle + 1 } else { high = middle }
            }
            return low < statuses.count && statuses[low].sequence == sequence ? low : nil
        }

        /// Entries up to here are settled everywhere, and no running fill is older than they are.
        var droppable: PurgeSequence {
            let everywhere = settled.min() ?? .zero
            guard let oldestFill = fills.keys.min() else { return everywhere }
            return min(everywhere, PurgeSequence(rawValue: oldestFill))
        }
    }

    static let fileName = "purges"
    private static let keptStatuses = 1_024

    private let directory: StoreDirectory
    private let hasher: SipHash128
    private let state: Mutex<State>
    /// `nil` once closed.
    ///
    /// Whoever holds this lock is the only one who writes.
    private let journal: Mutex<PurgeJournalFile?>
    /// Grows with every published table.
    let version = Atomic<UInt64>(1)

    /// Takes over what the journal file says.
    ///
    /// `newestFence` is the newest fence of any record: a journal that does not reach it, or is damaged, has lost a
    /// purge, and then everything older is hidden.
    init(
        directory: StoreDirectory, hasher: SipHash128, shards: Int, newestFence: PurgeSequence, isFresh: Bool,
        counts: [PurgeCounts] = []
    ) throws(StoreError) {
        self.directory = directory
        self.hasher = hasher
        var initial = State()
        initial.settled = Array(repeating: .zero, count: shards)
        let bytes = try directory.readFile(PurgeLedger.fileName)
        let contents = bytes.flatMap { PurgeJournal.decode($0) }
        if let contents {
            initial.sequence = max(contents.sequence, newestFence)
            initial.outstanding = contents.entries
        } else {
            initial.sequence = newestFence
        }
        let isWhole = contents.map { $0.isComplete && $0.sequence >= newestFence } ?? isFresh
        if !isWhole {
            initial.sequence = PurgeSequence(rawValue: initial.sequence.rawValue + 1)
            initial.outstanding.append(
                PurgeJournal.Entry(sequence: initial.sequence, request: PurgeRequest(all: true)))
        }
        initial.table = PurgeLedger.table(of: initial.outstanding, hasher)
        initial.statuses = PurgeLedger.statuses(of: contents?.history ?? [], isComplete: true, counts)
        initial.statuses += PurgeLedger.statuses(of: initial.outstanding, isComplete: false, counts)
        journal = Mutex(
            try PurgeJournalFile(
                replacing: PurgeLedger.fileName, in: directory, with: PurgeLedger.journal(initial), hasRoom: true))
        state = Mutex(initial)
    }

    deinit { close() }

    /// The current table; readers keep it until `version` changes.
    ///
    /// While another process keeps the journal, the version is 0, which never matches, and every call looks at the
    /// journal's file first.
    func snapshot() -> (table: PurgeTable, version: UInt64) {
        state.withLock { state in
            guard let journal = state.followed else { return (state.table, version.load(ordering: .acquiring)) }
            follow(&state, journal)
            return (state.table, 0)
        }
    }

    /// Makes readers ask for a snapshot although nothing was purged.
    func announce() { version.wrappingAdd(1, ordering: .releasing) }

    /// The newest purge.
    var sequence: PurgeSequence { state.withLock { $0.sequence } }

    /// Puts `request` in force and on disk.
    func purge(_ request: PurgeRequest) throws(StoreError) -> PurgeSequence {
        let result: Result<PurgeSequence, StoreError> = journal.withLock { journal in
            guard let journal else { return .failure(SegmentStore.closedError) }
            let sequence = PurgeSequence(rawValue: state.withLock { $0.sequence.rawValue } + 1)
            let entry = PurgeJournal.Entry(sequence: sequence, request: request)
            do throws(StoreError) {
                try journal.append(PurgeJournal.encode(entry))
            } catch {
                return .failure(error)
            }
            state.withLock { state in
                state.table.add(request, at: sequence, hasher)
                state.outstanding.append(entry)
                state.statuses.append(
                    PurgeStatus(sequence: sequence, request: request, objects: 0, bytes: 0, isComplete: false))
                if state.statuses.count > PurgeLedger.keptStatuses,
                    let index = state.statuses.firstIndex(where: \.isComplete)
                {
                    state.statuses.remove(at: index)
                }
                state.sequence = sequence
                version.wrappingAdd(1, ordering: .releasing)
            }
            return .success(sequence)
        }
        return try result.get()
    }

    /// What is known of a purge, or `nil` if that was long ago or never.
    func status(_ sequence: PurgeSequence) -> PurgeStatus? {
        state.withLock { state in state.place(of: sequence).map { state.statuses[$0] } }
    }

    /// The oldest purge whose status is known.
    var oldestKnown: PurgeSequence { state.withLock { $0.statuses.first?.sequence ?? $0.sequence } }

    /// A fill began at `fence`; entries it could be covered by are kept until `endFill`.
    func beginFill(_ fence: PurgeSequence) {
        state.withLock { $0.fills[fence.rawValue, default: 0] += 1 }
    }

    /// A fill that began at `fence` has ended.
    func endFill(_ fence: PurgeSequence) {
        state.withLock { state in
            guard let count = state.fills[fence.rawValue] else { return }
            state.fills[fence.rawValue] = count > 1 ? count - 1 : nil
        }
    }

    /// Whether a record of a fill that began at `fence` may be stored, and if so whether as stale.
    func verdictForStoring(
        fence: PurgeSequence, urlHash: Hash128, key: UnsafeRawBufferPointer, tags: UnsafeRawBufferPointer
    ) -> PurgeVerdict {
        state.withLock { state in
            if fence < state.forgotten { return .hidden }
            return state.table.verdict(fence: fence, urlHash: urlHash, key: key, tags: tags)
        }
    }

    /// Whether a purge covers a record that is there.
    func verdictForReading(
        fence: PurgeSequence, urlHash: Hash128, key: UnsafeRawBufferPointer, tags: UnsafeRawBufferPointer
    ) -> PurgeVerdict {
        state.withLock { $0.table.verdict(fence: fence, urlHash: urlHash, key: key, tags: tags) }
    }

    // MARK: Sweeping (writer threads)

    /// The newest purge a sweep of `shard` beginning now would settle, or `nil` if all are settled there.
    func unsettled(in shard: Int) -> PurgeSequence? {
        state.withLock { state in
            guard let newest = state.statuses.last, !newest.isComplete, newest.sequence > state.settled[shard] else {
                return nil
            }
            return state.sequence
        }
    }

    /// The sweeper deleted, or marked, an object because of `sequence`.
    func count(_ sequence: PurgeSequence, objects: Int, bytes: Int) {
        state.withLock { state in
            guard let index = state.place(of: sequence) else { return }
            state.statuses[index].objects += objects
            state.statuses[index].bytes += bytes
        }
    }

    /// A whole sweep of `shard` that began when `settled` was the newest purge is done, and its deletions are on the
    /// disk.
    ///
    /// Returns the purges that became complete, because it was the last shard.
    func complete(upTo settled: PurgeSequence, in shard: Int) -> [PurgeStatus] {
        state.withLock { state in
            state.settled[shard] = max(state.settled[shard], settled)
            let everywhere = state.settled.min() ?? settled
            var done: [PurgeStatus] = []
            for index in state.statuses.indices
            where !state.statuses[index].isComplete && state.statuses[index].sequence <= everywhere {
                state.statuses[index].isComplete = true
                done.append(state.statuses[index])
            }
            return done
        }
    }

    /// Whether an entry is settled and no running fill is older than it.
    var hasDroppableEntries: Bool {
        state.withLock { state in
            guard let first = state.outstanding.first else { return false }
            return first.sequence <= state.droppable
        }
    }

    /// Drops the entries no record and no running fill is older than, so that look-ups are one compare again.
    ///
    /// The deletions they caused must be on disk: after a power loss nobody would hide those records any more. The file is
    /// only shortened when it has become long, because a purge would have to wait for that; what it says twice does no harm,
    /// for whatever is stored from now on is newer.
    func dropSettled() throws(StoreError) {
        let hasDropped = state.withLock { state in
            let newest = state.droppable
            let kept = Array(state.outstanding.drop { $0.sequence <= newest })
            guard kept.count < state.outstanding.count else { return false }
            state.outstanding = kept
            state.table = PurgeLedger.table(of: kept, hasher)
            state.forgotten = max(state.forgotten, newest)
            version.wrappingAdd(1, ordering: .releasing)
            return true
        }
        if hasDropped { try shortenJournal(from: PurgeLedger.longJournalBytes) }
    }

    private static let longJournalBytes = 256 << 10
    /// Of settled purges that a new journal says more about, for whoever asks after a restart.
    private static let historyBytes = 64 << 10

    /// What the file has to say: purges in force, and the newest of those that are settled.
    private static func journal(_ state: State) -> [UInt8] {
        var history: [PurgeJournal.Entry] = []
        var room = historyBytes
        let oldest = state.outstanding.first?.sequence ?? PurgeSequence(rawValue: .max)
        for status in state.statuses.reversed() where status.isComplete && status.sequence < oldest {
            let entry = PurgeJournal.Entry(sequence: status.sequence, request: status.request)
            room -= PurgeJournal.encode(entry).count
            if room < 0 { break }
            history.append(entry)
        }
        return PurgeJournal.encode(
            sequence: state.sequence, history: history.reversed(), entries: state.outstanding)
    }

    private static func statuses(
        of entries: [PurgeJournal.Entry], isComplete: Bool, _ counts: [PurgeCounts]
    ) -> [PurgeStatus] {
        entries.map { entry in
            let found = counts.compactMap { $0.counts[entry.sequence] }
            return PurgeStatus(
                sequence: entry.sequence, request: entry.request, objects: found.reduce(0) { $0 + $1.objects },
                bytes: found.reduce(0) { $0 + $1.bytes }, isComplete: isComplete)
        }
    }

    /// Writes the journal anew, with the entries that are in force only, if it has at least so many bytes.
    private func shortenJournal(from bytes: Int) throws(StoreError) {
        let result: Result<Void, StoreError> = journal.withLock { journal in
            guard let file = journal, file.end >= bytes else { return .success(()) }
            do throws(StoreError) {
                journal = try rewritten(hasRoom: true)
            } catch {
                return .failure(error)
            }
            return .success(())
        }
        try result.get()
    }

    /// A journal of what there is to say now.
    private func rewritten(hasRoom: Bool) throws(StoreError) -> PurgeJournalFile {
        let content = state.withLock { PurgeLedger.journal($0) }
        return try PurgeJournalFile(
            replacing: PurgeLedger.fileName, in: directory, with: content, hasRoom: hasRoom)
    }

    // MARK: Succession

    /// From now on another process purges, and look-ups here obey what it writes.
    func release() {
        close()
        state.withLock { state in
            state.followed = FollowedJournal(PurgeLedger.fileName, in: directory)
            version.wrappingAdd(1, ordering: .releasing)
        }
    }

    /// Purges again; nobody else must have since `release`.
    func resume() throws(StoreError) {
        let file = try rewritten(hasRoom: true)
        journal.withLock { $0 = file }
        state.withLock { state in
            state.followed = nil
            version.wrappingAdd(1, ordering: .releasing)
        }
    }

    /// Takes over what the other process has written since the last time.
    ///
    /// An entry that is only half there was not acknowledged yet. A purge that is no longer listed has no record left.
    private func follow(_ state: inout State, _ journal: FollowedJournal) {
        switch journal.news() {
        case .none: break
        case .contents(let contents):
            state.table = PurgeLedger.table(of: contents.entries, hasher)
            state.sequence = max(state.sequence, contents.sequence)
        case .unreadable:
            // Hide everything until it can be read.
            state.table = PurgeTable()
            state.table.add(PurgeRequest(all: true), at: PurgeSequence(rawValue: .max), hasher)
        }
    }

    /// Refuses purges from now on. The next process finds only what is in force.
    func close() {
        journal.withLock { journal in
            guard journal != nil else { return }
            // A journal that says more than that is right as well.
            _ = try? rewritten(hasRoom: false)
            journal = nil
        }
    }

    private static func table(of entries: [PurgeJournal.Entry], _ hasher: SipHash128) -> PurgeTable {
        var table = PurgeTable()
        table.add(entries.map { ($0.request, $0.sequence) }, hasher)
        return table
    }
}
