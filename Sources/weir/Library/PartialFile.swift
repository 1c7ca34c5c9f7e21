import Glibc
import Synchronization

/// A file that grows beside its place and takes it when it is whole.
final class PartialFile: Sendable {
    private let path: String
    private let partial: String
    private let totalBytes: Int64
    private let descriptor: Int32
    private let position: Mutex<Int64>

    /// Bytes that are there.
    var size: Int64 { position.withLock { $0 } }

    /// Goes on with what an earlier command has left of the same `version`, unless that is more than there will be.
    init(_ path: String, version: String, totalBytes: Int64) throws(CommandFailure) {
        self.path = path
        self.totalBytes = totalBytes
        partial = "\(path).\(version).part"
        descriptor = open(partial, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard descriptor >= 0 else { throw PartialFile.failure("create", partial) }
        let end = lseek(descriptor, 0, SEEK_END)
        position = Mutex(Int64(end))
        if end > totalBytes { try beginAnew() }
    }

    deinit { close(descriptor) }

    /// Forgets what is there.
    func beginAnew() throws(CommandFailure) {
        guard ftruncate(descriptor, 0) == 0, lseek(descriptor, 0, SEEK_SET) == 0 else {
            throw Self.failure("empty", partial)
        }
        position.withLock { $0 = 0 }
    }

    func append(_ bytes: [UInt8]) throws(CommandFailure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.failure("write", partial) }
            rest = rest.dropFirst(count)
        }
        position.withLock { $0 += Int64(bytes.count) }
    }

    /// Gives it its name.
    func finish() throws(CommandFailure) {
        guard size == totalBytes else {
            throw CommandFailure("\(partial) has \(size) bytes and not \(totalBytes); delete it and try again")
        }
        guard fsync(descriptor) == 0 else { throw Self.failure("write", partial) }
        guard rename(partial, path) == 0 else { throw Self.failure("rename", partial) }
    }

    private static func failure(_ operation: String, _ path: String) -> CommandFailure {
        CommandFailure("cannot \(operation) \(path): \(String(cString: strerror(errno)))")
    }
}
