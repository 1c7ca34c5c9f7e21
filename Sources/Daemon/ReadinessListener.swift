internal import CLinux
internal import Glibc

/// The supervisor's end of `ReadinessNotice`: one datagram socket for all children, which say who they are by pid.
public final class ReadinessListener: Sendable {
    /// What to put into a child's `NOTIFY_SOCKET`.
    public let path: String
    /// Readable when a child has said something; owned here.
    public let descriptor: Int32

    /// Binds the socket, replacing a stale one of an earlier run.
    public init(path: String) throws(FileError) {
        self.path = path
        unlink(path)
        descriptor = weir_datagram_socket()
        guard descriptor >= 0, weir_ask_for_sender(descriptor) == 0 else {
            throw FileError(path: path, operation: "create socket", errno: errno)
        }
        var address = UnixAddress.make(path)
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, UnixAddress.length) }
        }
        guard bound == 0 else {
            let reason = errno
            close(descriptor)
            throw FileError(path: path, operation: "bind", errno: reason)
        }
    }

    deinit {
        close(descriptor)
        unlink(path)
    }

    /// Who says that a process serves.
    public struct Notice: Sendable, Equatable {
        /// Who said it, as the kernel knows.
        public let sender: Int32
        /// Of whom; the sender itself unless another process has taken its place.
        public let process: Int32
    }

    /// What was said with `READY=1` since the last call; never blocks.
    public func takeNotices() -> [Notice] {
        var notices: [Notice] = []
        var buffer = [UInt8](repeating: 0, count: 512)
        while true {
            var sender: Int32 = 0
            let count = weir_receive_from_process(descriptor, &buffer, buffer.count, &sender)
            guard count > 0 else { return notices }
            let lines = String(decoding: buffer[..<count], as: UTF8.self).split(separator: "\n")
            guard lines.contains("READY=1") else { continue }
            let named = lines.first { $0.hasPrefix("MAINPID=") }.flatMap { Int32($0.dropFirst(8)) }
            notices.append(Notice(sender: sender, process: named ?? sender))
        }
    }
}
