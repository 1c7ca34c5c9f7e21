internal import Glibc

/// Holds a TCP port for as long as it lives, without serving on it.
///
/// The socket is bound with `SO_REUSEPORT` and never listens, so it receives no connection; the processes that serve
/// bind beside it with the same option. A port chosen by the kernel (port 0) therefore stays ours from the moment it is
/// known, also while a process is being restarted.
public final class PortReservation: Sendable {
    /// The address as given.
    public let host: String
    /// The port held; never 0.
    public let port: UInt16
    private let descriptor: Int32

    /// Reserves a port on an IPv4 address or `localhost`; port 0 lets the kernel choose.
    ///
    /// - Throws: when something else serves there, naming the address and the way out.
    public init(host: String, port: UInt16) throws(SupervisionError) {
        self.host = host
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        guard inet_pton(AF_INET, host == "localhost" ? "127.0.0.1" : host, &address.sin_addr) == 1 else {
            throw SupervisionError("\(host) is not an IPv4 address: give one such as 127.0.0.1 or 0.0.0.0")
        }
        close(try Self.bind(&address, sharing: false).get())
        descriptor = try Self.bind(&address, sharing: true).get()
        self.port = UInt16(bigEndian: address.sin_port)
    }

    deinit { close(descriptor) }

    /// Binds without listening and fills in the port.
    ///
    /// Without `sharing` the bind fails when anything listens there, also a
    /// listener that would itself share.
    private static func bind(_ address: inout sockaddr_in, sharing: Bool) -> Result<Int32, SupervisionError> {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var on: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, size)
        if sharing { setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &on, size) }
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                Glibc.bind(descriptor, generic, length) == 0 && getsockname(descriptor, generic, &length) == 0
            }
        }
        if bound { return .success(descriptor) }
        let reason = String(cString: strerror(errno))
        close(descriptor)
        return .failure(
            SupervisionError(
                "cannot use port \(UInt16(bigEndian: address.sin_port)): \(reason); choose another, or 0 for a free one"
            ))
    }
}
