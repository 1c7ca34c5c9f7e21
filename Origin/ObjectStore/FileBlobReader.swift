internal import EventLoop
internal import Glibc

/// An open file of a whole blob; closed with its last reference.
final class FileBlobReader: BlobReader {
    let size: Int64
    private let descriptor: Int32
    private let path: String
    private let pool: BlockingPool

    init(taking descriptor: Int32, path: String, pool: BlockingPool) throws {
        self.descriptor = descriptor
        self.path = path
        self.pool = pool
        do {
            size = try FileSystem.size(of: descriptor, path)
        } catch {
            close(descriptor)
            throw error
        }
    }

    deinit { close(descriptor) }

    func read(at offset: Int64, count: Int) async throws -> [UInt8] {
        let (descriptor, path) = (descriptor, path)
        return try await pool.run {
            // The closure keeps the reader, and with it the descriptor, alive until the read is over.
            try withExtendedLifetime(self) { try FileSystem.read(count, at: offset, from: descriptor, path) }
        }
    }
}
