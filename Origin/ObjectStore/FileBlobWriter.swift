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

    private struct State {
        // -1 once committed or discarded.
        var descriptor: Int32
        var pending: [UInt8] = []
    }

    // Chunks arrive in socket-sized pieces; a hop to the pool per 256 KiB costs nothing beside the write itself.
    private static let flushBytes = 256 * 1024

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
        let isFull = state.withLock { state in
            state.pending += bytes
            return state.pending.count >= FileBlobWriter.flushBytes
        }
        if isFull { try await pool.run { try self.flush() } }
    }

    func commit() async throws {
        try await pool.run {
            try self.flush()
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

    private func flush() throws {
        let (descriptor, bytes) = state.withLock { state in
            let taken = state.pending
            state.pending = []
            return (state.descriptor, taken)
        }
        precondition(descriptor >= 0, "a blob is written after its end")
        try FileSystem.write(bytes, to: descriptor, temporary)
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
