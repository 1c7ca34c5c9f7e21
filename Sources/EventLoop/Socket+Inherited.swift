internal import CLinux
internal import Glibc

extension Socket {
    /// Takes over a listening socket that another process has opened, and makes it non-blocking.
    ///
    /// Throws when the descriptor is none, or not that of a listening TCP socket.
    public static func inherited(descriptor: Int32) throws(SystemError) -> Socket {
        let socket = Socket(descriptor: descriptor)
        guard socket.option(SOL_SOCKET, SO_ACCEPTCONN) == 1, socket.localAddress != nil else {
            throw SystemError("listen on the inherited descriptor \(descriptor)", code: EINVAL)
        }
        guard weir_set_nonblocking(descriptor) == 0 else {
            throw .last("use the inherited descriptor \(descriptor)")
        }
        // Accepted sockets inherit it.
        socket.setNoDelay(true)
        return socket
    }

    /// Whether other sockets of the same user may listen on the same address (`SO_REUSEPORT`).
    public var sharesPort: Bool { option(SOL_SOCKET, SO_REUSEPORT) == 1 }

    /// Another descriptor of the same socket, to be closed on its own; programs that are started do not inherit it.
    public func duplicated() throws(SystemError) -> Socket {
        let copy = weir_duplicate(descriptor, 3)
        guard copy >= 0 else { throw .last("duplicate a descriptor") }
        return Socket(descriptor: copy)
    }
}
