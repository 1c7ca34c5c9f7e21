internal import Bytes
internal import Synchronization

/// One chunk of a body on its way to the writer.
///
/// Filled by one thread, then handed over whole.
final class ChunkBuffer: @unchecked Sendable {
    // Sendable: the filler gives up its reference when it enqueues the buffer; there is never more than one user.
    let base: UnsafeMutableRawPointer
    private(set) var count = 0

    init() { base = .allocate(byteCount: SizeClass.chunkBytes, alignment: 16) }

    deinit { base.deallocate() }

    var room: Int { SizeClass.chunkBytes - count }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    /// Takes as much of `source` as fits; returns how many bytes that was.
    func append(_ source: UnsafeRawBufferPointer) -> Int {
        let taken = min(room, source.count)
        if taken > 0, let start = source.baseAddress {
            (base + count).copyMemory(from: start, byteCount: taken)
            count += taken
        }
        return taken
    }
}

/// What filler and writer thread share about one object that is being stored.
final class Fill: @unchecked Sendable {
    // Sendable: the lets are immutable, `failure` and `committedChunks` guard themselves, and the rest is touched by the
    // writer thread alone.
    let id: ObjectID
    let key: [UInt8]
    let keyHash: Hash128
    let fence: PurgeSequence
    let onResume: @Sendable () -> Void
    let onProgress: @Sendable () -> Void
    /// Why the object will not be stored; set once, by whichever side noticed.
    private let failure = Mutex<StoreOutcome?>(nil)
    private let hasFailed = Atomic<Bool>(false)
    /// Whole chunks that a reader can already fetch, counted from the start.
    let committedChunks = Atomic<Int>(0)

    /// Writer thread only: CRC-32C per chunk, and the chunks that are in an environment.
    private(set) var checksums: [UInt32] = []
    var storedChunks: [(SizeClass, ChunkKey)] = []

    init(
        id: ObjectID, key: [UInt8], keyHash: Hash128, fence: PurgeSequence, onResume: @escaping @Sendable () -> Void,
        onProgress: @escaping @Sendable () -> Void
    ) {
        self.id = id
        self.key = key
        self.keyHash = keyHash
        self.fence = fence
        self.onResume = onResume
        self.onProgress = onProgress
    }

    /// A chunk is committed. A tail, in an environment of its own, may come before the chunks in front of it.
    func noteStored(_ index: Int, _ sizeClass: SizeClass, _ checksum: UInt32) {
        let missing = index + 1 - checksums.count
        if missing > 0 { checksums.append(contentsOf: repeatElement(0, count: missing)) }
        checksums[index] = checksum
        storedChunks.append((sizeClass, ChunkKey(id: id, index: UInt32(index))))
    }

    var outcome: StoreOutcome? {
        hasFailed.load(ordering: .acquiring) ? failure.withLock { $0 } : nil
    }

    func fail(_ outcome: StoreOutcome) {
        failure.withLock { if $0 == nil { $0 = outcome } }
        hasFailed.store(true, ordering: .releasing)
    }
}

/// The last step of a fill.
struct Finish: Sendable {
    var metadata: ObjectMetadata
    var length: Int
    /// The body, if it is small enough for the index.
    var inlineBody: [UInt8]
    var isInline: Bool
    var completion: @Sendable (StoreOutcome) -> Void
}

/// New metadata for a body that stays.
struct Refresh: Sendable {
    var id: ObjectID
    var keyHash: Hash128
    var fence: PurgeSequence
    var metadata: ObjectMetadata
    var completion: @Sendable (StoreOutcome) -> Void
}

/// An object to drop.
struct Removal: Sendable {
    var id: ObjectID
    var keyHash: Hash128
}
