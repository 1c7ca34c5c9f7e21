import Synchronization

/// The storage of a table that all loops share: a fixed number of words, in sets aligned to cache lines. Zeroes to begin
/// with, freed with its owner; a value in its table, so that a request reaches the words without a step in between.
struct AtomicWordSets: ~Copyable, Sendable {
    typealias Word = Atomic<UInt64>

    private static let cacheLine = 64

    // Unsafe only in name: allocated once, freed in deinit, the words are atomic.
    private nonisolated(unsafe) let words: UnsafeMutablePointer<Word>
    private let count: Int
    /// Makes a key's low bits the place of a set.
    private let shift: Int
    private let mask: Int

    /// Room for `capacity` words, rounded up to a power of two; `ways` of them, also a power of two, are a set.
    init(capacity: Int, ways: Int) {
        var count = ways
        while count < capacity { count *= 2 }
        self.count = count
        shift = ways.trailingZeroBitCount
        mask = count - ways
        words = UnsafeMutableRawPointer.allocate(
            byteCount: count * MemoryLayout<Word>.stride, alignment: Self.cacheLine
        ).bindMemory(to: Word.self, capacity: count)
        for index in 0..<count { (words + index).initialize(to: Word(0)) }
    }

    deinit {
        words.deinitialize(count: count)
        UnsafeMutableRawPointer(words).deallocate()
    }

    /// The words of the set of `key`, valid as long as the sets are.
    func set(of key: UInt64) -> UnsafeMutablePointer<Word> {
        words + (Int(truncatingIfNeeded: key) &<< shift) & mask
    }
}
