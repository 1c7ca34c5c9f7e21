internal import EventLoop
internal import Glibc
internal import Synchronization

/// A file on its way from `temporary/` to `blobs/`.
final class FileBlobWriter: BlobWriter {
    let name: String
    private let temporary: String
    private let final: String
    private let folder: String
    private let pool: BlockingPool
    private let state: Mutex<State>

    fileprivate struct State {
        // -1 once committed or discarded.
        var descriptor: Int32
        /// Small pieces that wait for each other.
        var pending: [UInt8] = []
        /// Bytes in the file.
        var written: Int64 = 0
        /// How many of them the kernel has been told to bring to the disk.
        var writtenBack: Int64 = 0
    }

    // A hop to the pool per 256 KiB costs nothing beside the write itself.
    private static let flushBytes = 256 * 1024
    // Pieces from here on are written from where they are.
    private static let wholeBytes = 32 * 1024
    // Small enough for the disk to be busy soon, large enough for it to be told seldom.
    private static let writeBackBytes: Int64 = 8 << 20

    init(name: String, descriptor: Int32, temporary: String, final: String, folder: String, pool: BlockingPool) {
        self.name = name
        self.temporary = temporary
        self.final = final
        self.folder = folder
        self.pool = pool
        state = Mutex(State(descriptor: descriptor))
    }

    deinit { abandon() }

    func append(_ bytes: [UInt8]) async throws {
        guard bytes.count < FileBlobWriter.wholeBytes else { return try await pool.run { try self.write(bytes) } }
        let isFull = state.withLock { state in
            state.pending += bytes
            return state.pending.count >= FileBlobWriter.flushBytes
        }
        if isFull { try await pool.run { try self.write([]) } }
    }

    func commit() async throws {
        try await pool.run {
            try self.write([])
            let descriptor = self.state.withLock { $0.descriptor }
            try FileSystem.synchronize(descriptor, self.temporary)
            try FileSystem.rename(self.temporary, to: self.final)
            try FileSystem.synchronizeDirectory(self.folder)
            self.closeDescriptor()
        }
    }

    func discard() async {
        do { try await pool.run { self.abandon() } } catch { abandon() }
    }

    /// Writes what waits, then `bytes`, and has the disk begin with what is there.
    private func write(_ bytes: [UInt8]) throws {
        let (descriptor, pending) = state.withLock { state in
            defer { state.pending = [] }
            return (state.descriptor, state.pending)
        }
        precondition(descriptor >= 0, "a blob is written after its end")
        try FileSystem.write(pending, to: descriptor, temporary)
        try FileSystem.write(bytes, to: descriptor, temporary)
        let due = state.withLock {
            $0.written(Int64(pending.count + bytes.count), writingBackEvery: FileBlobWriter.writeBackBytes)
        }
        if let due { FileSystem.beginWriteBack(descriptor, at: due.lowerBound, count: Int64(due.count)) }
    }

    private func abandon() {
        // A commit whose rename succeeded but whose folder could not be synchronized leaves no name in temporary/; the
        // blob it made is in no catalog and the orphan sweep finds it.
        if closeDescriptor() { unlink(temporary) }
    }

    @discardableResult
    private func closeDescriptor() -> Bool {
        state.withLock { state in
            guard state.descriptor >= 0 else { return false }
            close(state.descriptor)
            state.descriptor = -1
            state.pending = []
            return true
        }
    }
}

extension FileBlobWriter.State {
    /// Counts bytes that are in the file now; the range that the disk is to begin with, if it is long enough.
    fileprivate mutating func written(_ count: Int64, writingBackEvery step: Int64) -> Range<Int64>? {
        written += count
        guard written - writtenBack >= step else { return nil }
        defer { writtenBack = written }
        return writtenBack..<written
    }
}
