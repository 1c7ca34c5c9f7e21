internal import Synchronization

/// One visited flag per slot, set by readers without a lock and cleared by the eviction hand.
final class VisitedTable: @unchecked Sendable {
    // Sendable: the pointer never changes and every element is atomic.
    private let flags: UnsafeMutablePointer<Atomic<UInt8>>
    private let count: Int

    init(count: Int) {
        self.count = count
        flags = .allocate(capacity: count)
        for index in 0..<count { (flags + index).initialize(to: Atomic(0)) }
    }

    deinit {
        flags.deinitialize(count: count)
        flags.deallocate()
    }

    /// Sets the flag; returns whether it was set. Reads first, so that a hot object's cache line stays shared between cores.
    @discardableResult
    func mark(_ slot: UInt32) -> Bool {
        guard Int(slot) < count else { return false }
        if flags[Int(slot)].load(ordering: .relaxed) != 0 { return true }
        flags[Int(slot)].store(1, ordering: .relaxed)
        return false
    }

    /// Clears the flag; returns whether it was set.
    func clear(_ slot: UInt32) -> Bool {
        flags[Int(slot)].exchange(0, ordering: .relaxed) != 0
    }
}

/// Remembers which chunks from before the opening have had their checksum compared since.
final class VerificationTable: @unchecked Sendable {
    // Sendable: pointers and bases never change after init and every word is atomic.
    private let words: UnsafeMutablePointer<Atomic<UInt64>>
    private let wordCount: Int
    private let bases: [Int]

    /// Objects from this one on were written after opening and need no comparison.
    let firstTrusted: ObjectID

    /// `chunkCounts` holds, per slot, the chunks of the object found there at opening.
    init(chunkCounts: [Int], firstTrusted: ObjectID) {
        var total = 0
        bases = chunkCounts.map { count in
            defer { total += count }
            return total
        }
        wordCount = total / 64 + 1
        words = .allocate(capacity: wordCount)
        for index in 0..<wordCount { (words + index).initialize(to: Atomic(0)) }
        self.firstTrusted = firstTrusted
    }

    deinit {
        words.deinitialize(count: wordCount)
        words.deallocate()
    }

    func isVerified(_ id: ObjectID, slot: UInt32, chunk: Int) -> Bool {
        if id >= firstTrusted { return true }
        let bit = bases[Int(slot)] + chunk
        return words[bit / 64].load(ordering: .acquiring) & (1 << UInt64(bit % 64)) != 0
    }

    func setVerified(slot: UInt32, chunk: Int) {
        let bit = bases[Int(slot)] + chunk
        words[bit / 64].bitwiseOr(1 << UInt64(bit % 64), ordering: .releasing)
    }
}
