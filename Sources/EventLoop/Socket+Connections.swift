internal import CLinux
internal import Glibc

extension Socket {
    /// What one `accept` did.
    public enum Acceptance: Sendable {
        /// A connection, already non-blocking and without Nagle's delay.
        case accepted(Socket, peer: SocketAddress)
        /// No connection waits.
        case wouldBlock
        /// The process or machine has no room (`EMFILE`, `ENFILE`, `ENOBUFS`, `ENOMEM`): stop accepting for a while.
        case exhausted(Int32)
        /// The listener itself is broken.
        case failed(Int32)
    }

    /// How far a connect got at once.
    public enum ConnectProgress: Sendable, Equatable {
        /// Connected already.
        case connected
        /// Wait for writability, then read `pendingError()`.
        case inProgress
    }

    /// Listens on `address`; port 0 takes a free one (`localAddress` tells which).
    ///
    /// `reusePort` lets several sockets, one per loop or process, share the address while the kernel spreads connections. An
    /// IPv6 listener takes only IPv6.
    public static func listen(
        on address: SocketAddress, reusePort: Bool = true, backlog: Int32 = 4_096
    ) throws(SystemError) -> Socket {
        let socket = try bind(to: address, reusePort: reusePort)
        do throws(SystemError) {
            try socket.listen(backlog: backlog)
        } catch {
            throw socket.closing(error)
        }
        return socket
    }

    /// Takes `address` without listening: no connection comes here before `listen(backlog:)`.
    public static func bind(to address: SocketAddress, reusePort: Bool = true) throws(SystemError) -> Socket {
        let descriptor = weir_socket(address.domain)
        guard descriptor >= 0 else { throw .last("create a socket for \(address)") }
        let socket = Socket(descriptor: descriptor)
        socket.setOption(SOL_SOCKET, SO_REUSEADDR, 1)
        if reusePort { socket.setOption(SOL_SOCKET, SO_REUSEPORT, 1) }
        if address.family == .ipv6 { socket.setOption(Int32(IPPROTO_IPV6), IPV6_V6ONLY, 1) }
        // Accepted sockets inherit it, which saves a call per connection.
        socket.setNoDelay(true)
        guard address.withStorage({ weir_bind(descriptor, $0, $1) }) == 0 else {
            throw socket.closing(.last("bind \(address)"))
        }
        return socket
    }

    /// Lets connections to the bound address wait here to be accepted.
    public func listen(backlog: Int32 = 4_096) throws(SystemError) {
        guard Glibc.listen(descriptor, backlog) == 0 else {
            throw .last("listen on \(localAddress.map(\.description) ?? "a socket")")
        }
    }

    /// Takes one waiting connection.
    ///
    /// Connections that died in the queue are passed over.
    public func accept() -> Acceptance {
        while true {
            var storage = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let connection = weir_accept(descriptor, &storage, &length)
            if connection >= 0 {
                let socket = Socket(descriptor: connection)
                guard let peer = SocketAddress(storage) else {
                    socket.close()
                    continue
                }
                return .accepted(socket, peer: peer)
            }
            switch errno {
            case EAGAIN: return .wouldBlock
            case EINTR, ECONNABORTED, EPROTO, EPERM, ENETDOWN, ENOPROTOOPT, EHOSTDOWN, ENONET, EHOSTUNREACH,
                EOPNOTSUPP, ENETUNREACH:
                continue
            case EMFILE, ENFILE, ENOBUFS, ENOMEM: return .exhausted(errno)
            case let code: return .failed(code)
            }
        }
    }

    /// Starts to connect without waiting.
    ///
    /// Throws when the kernel refuses at once, for example without a route.
    public static func connect(to address: SocketAddress) throws(SystemError) -> (Socket, ConnectProgress) {
        let descriptor = weir_socket(address.domain)
        guard descriptor >= 0 else { throw .last("create a socket for \(address)") }
        let socket = Socket(descriptor: descriptor)
        socket.setNoDelay(true)
        if address.withStorage({ weir_connect(descriptor, $0, $1) }) == 0 { return (socket, .connected) }
        if errno == EINPROGRESS || errno == EINTR { return (socket, .inProgress) }
        throw socket.closing(.last("connect to \(address)"))
    }

    private func closing(_ error: SystemError) -> SystemError {
        close()
        return error
    }
}
