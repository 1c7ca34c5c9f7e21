internal import EventLoop
internal import Glibc
internal import HTTPWire
internal import JSON

/// The embedded default of code delivery: appends one JSON line per message to a file only the operator can read.
///
/// For an installation on one machine without a mail server: the operator reads the code or lets a program of theirs
/// follow the file. Lines hold `purpose`, `username`, `destination`, `code` and `sentAt`.
public final class OutboxFile: CodeDelivery {
    /// The file could not be written.
    public struct WriteFailed: Error, CustomStringConvertible {
        /// The file.
        public let path: String
        /// The system's error number.
        public let errorNumber: Int32
        /// Names the file and the reason.
        public var description: String { "cannot write \(path): \(String(cString: strerror(errorNumber)))" }
    }

    private let path: String
    private let pool: BlockingPool

    /// An outbox at `path`, created with mode 0600 at the first message.
    public init(path: String) throws {
        self.path = path
        pool = try BlockingPool(name: "outbox", threads: 1, queueLimit: 256)
    }

    /// Appends the message and waits until it is on the disk.
    public func deliver(_ message: CodeMessage) async throws {
        let object: JSONValue = [
            "purpose": .string(message.purpose.rawValue),
            "username": .string(message.username),
            "destination": .string(message.destination),
            "code": .string(message.code),
            "sentAt": .string(ISO8601.extended(milliseconds: message.sentAt)),
        ]
        let line = object.serialized() + [UInt8(ascii: "\n")]
        let path = path
        try await pool.run { try Self.append(line, to: path) }
    }

    private static func append(_ line: [UInt8], to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw WriteFailed(path: path, errorNumber: errno) }
        defer { close(descriptor) }
        // One write of a short line to an O_APPEND file is not torn by another process's.
        let written = line.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        guard written == line.count, fdatasync(descriptor) == 0 else {
            throw WriteFailed(path: path, errorNumber: errno)
        }
    }
}
