internal import Glibc
internal import Synchronization

/// What became of asking for a chunk without waiting for the disk.
public enum ChunkLoan<Result> {
    /// What the closure returned.
    case lent(Result)
    /// Its pages are not in memory: have them read on a thread that may wait, and ask again.
    case cold(ColdChunk)
    /// As `nil` from `StoreReader.withChunk`.
    case gone
}

/// Where the bytes of a chunk lie on the disk.
///
/// A hint and no hold: if the chunk is replaced meanwhile, other bytes are read in vain.
public struct ColdChunk: Sendable {
    let environment: LMDBEnvironment
    let offset: Int
    let count: Int

    /// Has the kernel bring the pages into memory, and waits for that; not for a loop thread.
    ///
    /// Returns false if the disk does not give them: to touch them would be the end of the process.
    @discardableResult
    public func read() -> Bool {
        withUnsafeTemporaryAllocation(byteCount: count, alignment: 16) { buffer in
            var done = 0
            while done < count {
                let result = pread(environment.descriptor, buffer.baseAddress, count - done, off_t(offset + done))
                guard result > 0 || result < 0 && errno == EINTR else { return false }
                done += max(0, result)
            }
            return true
        }
    }
}

/// Remembers of which chunks the pages were in memory a few seconds ago, so that the kernel is not asked at every hit.
///
/// A table of fixed size in which a chunk may push another's memory out; then the kernel is asked once more.
final class Residency: @unchecked Sendable {
    // Sendable: the address never changes, and every word is atomic.
    private let words: UnsafeMutablePointer<Atomic<UInt64>>
    private let cold = Atomic<Int>(0)
    private let isResident: @Sendable (UnsafeRawBufferPointer) -> Bool

    private static let count = 1 << 15
    /// Seconds, as a power of two, for which pages that were in memory are taken to be there still.
    private static let trustBits = 3

    /// `isResident` asks the kernel by default.
    init(isResident: (@Sendable (UnsafeRawBufferPointer) -> Bool)?) {
        self.isResident = isResident ?? Residency.askKernel
        words = .allocate(capacity: Residency.count)
        for index in 0..<Residency.count { (words + index).initialize(to: Atomic(0)) }
    }

    deinit {
        words.deinitialize(count: Residency.count)
        words.deallocate()
    }

    /// How often a chunk was not in memory.
    var coldCount: Int { cold.load(ordering: .relaxed) }

    /// Whether all pages of a chunk's value are in memory.
    func holds(_ value: UnsafeRawBufferPointer, page: Int, _ sizeClass: SizeClass) -> Bool {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC_COARSE, &now)
        let period = UInt64(truncatingIfNeeded: now.tv_sec >> Residency.trustBits) & 0xffff
        let run = UInt64(page / sizeClass.pages) << 3 | UInt64(sizeClass.rawValue)
        let word = ((run &+ 1) << 16) | period
        let place = Int(truncatingIfNeeded: (run &* 0x9e37_79b9_7f4a_7c15) >> 49)
        if words[place].load(ordering: .relaxed) == word { return true }
        guard isResident(value) else {
            cold.add(1, ordering: .relaxed)
            return false
        }
        words[place].store(word, ordering: .relaxed)
        return true
    }

    @Sendable private static func askKernel(_ value: UnsafeRawBufferPointer) -> Bool {
        guard let base = value.baseAddress else { return true }
        let start = UnsafeMutableRawPointer(mutating: base) - SizeClass.pageHeaderBytes
        let pages = (value.count + SizeClass.pageHeaderBytes + SizeClass.pageBytes - 1) / SizeClass.pageBytes
        return withUnsafeTemporaryAllocation(byteCount: pages, alignment: 1) { states in
            guard let first = states.baseAddress,
                mincore(start, pages * SizeClass.pageBytes, first.assumingMemoryBound(to: UInt8.self)) == 0
            else { return true }
            return states.allSatisfy { $0 & 1 != 0 }
        }
    }
}
