internal import CLinux
internal import Glibc

/// Tells the supervisor that this process serves, by the `sd_notify(3)` protocol: systemd and `weir up` speak it alike.
public enum ReadinessNotice {
    /// Sends `READY=1` to the datagram socket named by `NOTIFY_SOCKET`; without one nobody waits and nothing happens.
    public static func ready() { ready(process: getpid()) }

    /// Says that another process serves in the place of this one, which systemd believes only from the process itself.
    static func ready(process: Int32) { send("READY=1", process: process) }

    /// Sends `STOPPING=1` when a drain begins.
    public static func stopping() { send("STOPPING=1", process: getpid()) }

    private static func send(_ state: String, process: Int32) {
        guard let path = getenv("NOTIFY_SOCKET").map({ String(cString: $0) }) else { return }
        let descriptor = weir_datagram_socket()
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var address = UnixAddress.make(path)
        let message = Array("\(state)\nMAINPID=\(process)".utf8)
        _ = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, message, message.count, Int32(MSG_NOSIGNAL), $0, UnixAddress.length)
            }
        }
    }
}

/// Paths of Unix sockets as the kernel wants them.
enum UnixAddress {
    static let length = socklen_t(MemoryLayout<sockaddr_un>.size)

    /// A leading `@` means the abstract namespace, as in `sd_notify(3)`.
    static func make(_ path: String) -> sockaddr_un {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { target in
            for (index, byte) in path.utf8.prefix(target.count - 1).enumerated() {
                target[index] = index == 0 && byte == UInt8(ascii: "@") ? 0 : byte
            }
        }
        return address
    }
}
