internal import Daemon
internal import EventLoop
internal import HTTPWire

/// Keeps each message as a file that only the operator can read: for an installation without a mail server.
///
/// The files are `TIME-ID.eml`, so that their names sort by time; mail programs open them. Nothing here removes them.
public final class MailFolder: MailTransport {
    private let path: String
    private let pool: BlockingPool

    /// A folder at `path`, made with mode 0700 if it is missing. Blocks.
    ///
    /// Throws `FileError` when it cannot be made, `SystemError` without a thread left.
    public init(path: String) throws {
        self.path = path
        try File.makeDirectory(path, mode: 0o700)
        pool = try BlockingPool(name: "mail", threads: 1, queueLimit: 256)
    }

    /// Returns once the message is on the disk, whole and under its name; throws `FileError` when it cannot be written.
    public func send(_ message: MailMessage) async throws {
        let time = ISO8601.extended(milliseconds: message.sentAt).filter { $0 != "-" && $0 != ":" }
        let file = "\(path)/\(time)-\(message.id).eml"
        try await pool.run { try File.writeAtomically(message.bytes, to: file, mode: 0o600) }
    }
}
