internal import Bytes
internal import Synchronization

/// Copies of index records in memory, so that a look-up of what is asked for often touches a few cold cache lines instead
/// of a path through a B-tree.
///
/// A ring of records, the oldest overwritten first, and a table of buckets that says where in the ring. LMDB remains the
/// truth: readers copy into the ring what they found there, and the writer, right after each commit, takes out what it
/// changed. "Records in memory" in the README says why no reader sees a torn or an outdated record.
final class RecordCache: @unchecked Sendable {
    // Sendable: addresses never change, and every word behind them is atomic.
    typealias Word = Atomic<UInt64>

    let memory: ReservedMemory?
    private let ring: UnsafeMutablePointer<Word>
    let table: UnsafeMutablePointer<Word>
    let bucketCount: Int
    /// Lines of 64 bytes in the ring.
    let lineCount: UInt64
    /// Lines ever taken, and one more, so that no record is at 0; the last `lineCount` of them hold records.
    let taken = Atomic<UInt64>(1)
    /// Lines with memory behind them.
    let populated = Atomic<UInt64>(0)
    /// Whether the writer has been asked for memory.
    let isAsked = Atomic<Bool>(false)
    let isOn = Atomic<Bool>(true)
    let misses = Atomic<Int>(0)
    private let isInserting = Atomic<Bool>(false)

    static let wordsPerBucket = 8
    static let lineBytes = 64
    private static let wordsPerLine = 8
    /// In front of each record: the two halves of its key's hash, and its length.
    private static let headerWords = 3
    /// Larger records are not worth their room.
    static let maxRecordBytes = 16_000

    /// Takes at most `byteCount` bytes; of less than 4 MiB nothing can be made.
    init(byteCount: Int) {
        let tableBytes = RecordCache.tableBytes(of: byteCount)
        let ringBytes = (byteCount - tableBytes) / ReservedMemory.step * ReservedMemory.step
        if byteCount >= 2 * ReservedMemory.step, let memory = ReservedMemory(byteCount: ringBytes + tableBytes) {
            ring = memory.base.assumingMemoryBound(to: Word.self)
            table = (memory.base + ringBytes).assumingMemoryBound(to: Word.self)
            bucketCount = tableBytes / RecordCache.lineBytes
            lineCount = UInt64(ringBytes / RecordCache.lineBytes)
            self.memory = memory
        } else {
            (ring, table) = (.allocate(capacity: 0), .allocate(capacity: 0))
            (bucketCount, lineCount, memory) = (0, 0, nil)
            isOn.store(false, ordering: .relaxed)
        }
    }

    deinit {
        if bucketCount > 0 { return }
        ring.deallocate()
        table.deallocate()
    }

    /// A thirty-second at least, in a power of two: seven entries for every 2 KiB of records.
    private static func tableBytes(of byteCount: Int) -> Int {
        var bytes = lineBytes
        while bytes * 32 < byteCount { bytes *= 2 }
        return bytes
    }

    /// Copies the record of `hash` to the start of `target`, which has room for the largest; returns its bytes, or `nil`.
    func copy(_ hash: Hash128, to target: UnsafeMutableRawBufferPointer) -> Int? {
        guard isOn.load(ordering: .acquiring) else { return nil }
        let bucket = bucket(of: hash)
        for index in 1..<RecordCache.wordsPerBucket {
            let entry = Entry(rawValue: bucket[index].load(ordering: .acquiring))
            if entry.matches(hash), let count = copy(entry, hash, to: target) { return count }
        }
        return nil
    }

    private func copy(_ entry: Entry, _ hash: Hash128, to target: UnsafeMutableRawBufferPointer) -> Int? {
        let position = entry.position
        guard taken.load(ordering: .acquiring) - position <= lineCount else { return nil }
        let words = ring + Int(position % lineCount) * RecordCache.wordsPerLine
        guard words[0].load(ordering: .relaxed) == hash.low, words[1].load(ordering: .relaxed) == hash.high else {
            return nil
        }
        let count = Int(truncatingIfNeeded: words[2].load(ordering: .relaxed))
        guard (0...RecordCache.maxRecordBytes).contains(count) else { return nil }
        let wordCount = (count + 7) / 8
        for index in 0..<wordCount {
            let word = words[RecordCache.headerWords + index].load(ordering: .relaxed)
            target.storeBytes(of: word, toByteOffset: 8 * index, as: UInt64.self)
        }
        // Had any of it been overwritten meanwhile, the lines would have been taken first.
        atomicMemoryFence(ordering: .acquiring)
        return taken.load(ordering: .relaxed) - position <= lineCount ? count : nil
    }

    /// Says what is known of `hash` now; to be asked for before LMDB is.
    func ticket(for hash: Hash128) -> Ticket? {
        guard isOn.load(ordering: .acquiring) else { return nil }
        misses.add(1, ordering: .relaxed)
        return Ticket(version: bucket(of: hash)[0].load(ordering: .acquiring))
    }

    /// Remembers the record that LMDB had after `ticket` was asked for, unless it was changed since or somebody else is
    /// inserting just now.
    ///
    /// - Returns: whether `populateMore` should be called soon, on a thread that may wait.
    func insert(_ record: UnsafeRawBufferPointer, of hash: Hash128, _ ticket: Ticket) -> Bool {
        guard record.count <= RecordCache.maxRecordBytes,
            !isInserting.exchange(true, ordering: .acquiring)
        else { return false }
        defer { isInserting.store(false, ordering: .releasing) }
        let lines = UInt64((8 * RecordCache.headerWords + record.count + 63) / RecordCache.lineBytes)
        guard let position = take(lines) else { return mustAskForMemory }
        let words = ring + Int(position % lineCount) * RecordCache.wordsPerLine
        words[0].store(hash.low, ordering: .relaxed)
        words[1].store(hash.high, ordering: .relaxed)
        words[2].store(UInt64(record.count), ordering: .relaxed)
        for index in 0..<record.count / 8 {
            words[RecordCache.headerWords + index].store(
                record.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self), ordering: .relaxed)
        }
        if record.count % 8 > 0 {
            var last: UInt64 = 0
            withUnsafeMutableBytes(of: &last) { $0.copyMemory(from: .init(rebasing: record[(record.count & ~7)...])) }
            words[RecordCache.headerWords + record.count / 8].store(last, ordering: .relaxed)
        }
        link(Entry(hash, position), hash, ticket)
        return mustAskForMemory
    }

    /// The next lines of the ring, no longer anybody else's; `nil` while there is no memory behind them.
    private func take(_ lines: UInt64) -> UInt64? {
        var position = taken.load(ordering: .relaxed)
        let place = position % lineCount
        if place + lines > lineCount { position += lineCount - place }
        let memory = populated.load(ordering: .acquiring)
        guard memory == lineCount || position + lines <= memory else { return nil }
        taken.store(position + lines, ordering: .relaxed)
        atomicMemoryFence(ordering: .releasing)
        return position
    }

    /// Puts an entry in the place of one of the same tag, an empty one, or the oldest, while the bucket is locked.
    private func link(_ entry: Entry, _ hash: Hash128, _ ticket: Ticket) {
        let bucket = bucket(of: hash)
        guard !ticket.isLocked,
            bucket[0].compareExchange(
                expected: ticket.version, desired: ticket.version | 1, ordering: .acquiringAndReleasing
            ).exchanged
        else { return }
        var (victim, leastPosition) = (1, UInt64.max)
        for index in 1..<RecordCache.wordsPerBucket {
            let known = Entry(rawValue: bucket[index].load(ordering: .relaxed))
            if known.matches(hash) {
                victim = index
                break
            }
            if known.position < leastPosition { (victim, leastPosition) = (index, known.position) }
        }
        bucket[victim].store(entry.rawValue, ordering: .releasing)
        bucket[0].store(ticket.version, ordering: .releasing)
    }

    /// The record of `hash` is not what it was: for the writer, after the commit that changed it.
    func invalidate(_ hash: Hash128) {
        if bucketCount == 0 { return }
        let bucket = bucket(of: hash)
        raiseVersion(of: bucket)
        for index in 1..<RecordCache.wordsPerBucket
        where Entry(rawValue: bucket[index].load(ordering: .relaxed)).matches(hash) {
            bucket[index].store(0, ordering: .releasing)
        }
    }
}
