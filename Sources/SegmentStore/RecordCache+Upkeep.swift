internal import Bytes
internal import Glibc
internal import Synchronization

extension RecordCache {
    /// Where the record of a key may be: sixteen bits of the key's hash, and the line at which it begins.
    struct Entry {
        let rawValue: UInt64

        private static let positionBits: UInt64 = 48

        init(rawValue: UInt64) { self.rawValue = rawValue }

        init(_ hash: Hash128, _ position: UInt64) {
            rawValue = (hash.high >> Entry.positionBits) << Entry.positionBits | position
        }

        /// 0 for no entry. Lines are counted from the beginning and never wrap: so many would take centuries to write.
        var position: UInt64 { rawValue & (1 << Entry.positionBits - 1) }

        /// Whether this is an entry with the tag of `hash`.
        func matches(_ hash: Hash128) -> Bool {
            rawValue >> Entry.positionBits == hash.high >> Entry.positionBits && position != 0
        }
    }

    /// The state of a bucket before LMDB was asked. The writer adds two to a version; an odd one is locked by an insertion.
    struct Ticket {
        let version: UInt64
        var isLocked: Bool { version & 1 != 0 }
    }

    func bucket(of hash: Hash128) -> UnsafeMutablePointer<Word> {
        table + Int(truncatingIfNeeded: hash.low & UInt64(bucketCount - 1)) * RecordCache.wordsPerBucket
    }

    /// Insertions with an older ticket fail from now on.
    func raiseVersion(of bucket: UnsafeMutablePointer<Word>) {
        while true {
            let version = bucket[0].load(ordering: .relaxed)
            if Ticket(version: version).isLocked {
                sched_yield()
            } else if bucket[0].compareExchange(
                expected: version, desired: version &+ 2, ordering: .acquiringAndReleasing
            ).exchanged {
                return
            }
        }
    }

    /// Answers nothing any more: somebody else writes to the index, or nobody knows what is in it.
    func turnOff() { isOn.store(false, ordering: .sequentiallyConsistent) }

    /// Begins anew, empty.
    func turnOn() {
        if bucketCount == 0 { return }
        for index in 0..<bucketCount {
            let bucket = table + index * RecordCache.wordsPerBucket
            raiseVersion(of: bucket)
            for index in 1..<RecordCache.wordsPerBucket { bucket[index].store(0, ordering: .releasing) }
        }
        isOn.store(true, ordering: .releasing)
    }

    /// Whether the ring will soon be at the end of its memory, and nobody has said so yet.
    var mustAskForMemory: Bool {
        let ready = populated.load(ordering: .relaxed)
        let ahead = UInt64(ReservedMemory.step / 2 / RecordCache.lineBytes)
        guard ready < lineCount, taken.load(ordering: .relaxed) + ahead > ready else { return false }
        return !isAsked.exchange(true, ordering: .acquiringAndReleasing)
    }

    /// Adds some memory if it was asked for; waits for the kernel, and only one thread may do it.
    func populateMore() {
        guard isAsked.load(ordering: .acquiring), let memory else { return }
        let ready = Int(populated.load(ordering: .relaxed)) * RecordCache.lineBytes
        let end = ready + ReservedMemory.step
        memory.populate(ready..<end)
        populated.store(UInt64(end / RecordCache.lineBytes), ordering: .releasing)
        isAsked.store(false, ordering: .releasing)
        // From here on the table is used all over, and its misses of the TLB count.
        if end == 4 * ReservedMemory.step {
            let start = Int(lineCount) * RecordCache.lineBytes
            memory.collapse(start..<start + bucketCount * RecordCache.lineBytes)
        }
    }

    /// Look-ups that found nothing here.
    var missCount: Int { misses.load(ordering: .relaxed) }

    /// Bytes of memory in use for records.
    var usedBytes: Int { Int(populated.load(ordering: .relaxed)) * RecordCache.lineBytes }
}
