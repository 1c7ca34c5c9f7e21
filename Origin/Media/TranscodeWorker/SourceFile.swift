internal import CSandbox
internal import EventLoop
internal import Glibc

/// An upload on local disk, as a file that has no name: when the descriptor goes, so do the bytes, also after a crash.
///
/// Its readers name positions of their own, so many may have the descriptor.
final class SourceFile: Sendable {
    let descriptor: Int32

    init(taking descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Downloads an upload. Throws `ObjectClient.Refused`, `ClientError`, or `Incomplete`.
    static func download(
        _ source: LeasedUnit.Source, from objects: ObjectClient, into directory: String, pool: BlockingPool
    ) async throws -> SourceFile {
        let descriptor = weir_unnamed_file(directory)
        guard descriptor >= 0 else {
            throw Incomplete(description: "cannot make a file in \(directory) (errno \(-descriptor))")
        }
        let file = SourceFile(taking: descriptor)
        var received: Int64 = 0
        try await objects.get(bucket: source.bucket, key: source.key) { bytes in
            let offset = received
            received += Int64(bytes.count)
            guard received <= source.bytes else { throw Incomplete(description: "the upload has grown") }
            try await pool.run { try file.write(bytes, at: offset) }
        }
        guard received == source.bytes else {
            throw Incomplete(description: "got \(received) of \(source.bytes) bytes of the upload")
        }
        return file
    }

    struct Incomplete: Error, CustomStringConvertible {
        let description: String
    }

    private func write(_ bytes: [UInt8], at offset: Int64) throws {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                buffer.baseAddress.map { pwrite(descriptor, $0 + done, buffer.count - done, off_t(offset) + done) } ?? 0
            }
            if count > 0 {
                done += count
            } else if errno != EINTR {
                throw Incomplete(description: "cannot write the upload to disk (errno \(errno))")
            }
        }
    }
}
