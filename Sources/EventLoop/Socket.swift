internal import CLinux
internal import Glibc

/// What one read or write did.
///
/// Waiting and closing are results, not errors.
public enum IOResult: Sendable, Equatable {
    /// So many bytes were moved, at least one unless nothing was asked for.
    case bytes(Int)
    /// Nothing can be moved now; the loop reports when it can.
    case wouldBlock
    /// Reading: the peer has ended its stream.
    ///
    /// Writing: the peer no longer takes bytes (`EPIPE`, `ECONNRESET`).
    case closed
    /// The `errno` of any other failure; the socket is of no further use.
    case failed(Int32)
}

/// A non-blocking TCP socket, named by its descriptor.
///
/// A plain value: the class that stores it owns the descriptor and calls `close()` exactly once, after
/// `EventLoop.deregisterOnLoop`. Calls are restarted when a signal interrupts them; writes never raise `SIGPIPE`.
public struct Socket: Sendable, Equatable {
    /// The descriptor, for `EventLoop.registerOnLoop` and for TLS.
    public let descriptor: Int32

    /// Names an open, non-blocking descriptor.
    public init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    // MARK: Reading and writing

    /// Reads what is there, at most `buffer.count` bytes.
    public func read(into buffer: UnsafeMutableRawBufferPointer) -> IOResult {
        while true {
            let count = Glibc.recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if count > 0 || (count == 0 && buffer.isEmpty) { return .bytes(count) }
            if count == 0 { return .closed }
            switch errno {
            case EINTR: continue
            case EAGAIN: return .wouldBlock
            case ECONNRESET: return .closed
            case let code: return .failed(code)
            }
        }
    }

    /// Writes a prefix of `bytes`.
    ///
    /// `more` says that further bytes follow at once, so the kernel waits for a full packet.
    public func write(_ bytes: UnsafeRawBufferPointer, more: Bool = false) -> IOResult {
        while true {
            let count = weir_send(descriptor, bytes.baseAddress, bytes.count, more ? 1 : 0)
            if count >= 0 { return .bytes(count) }
            if let result = Self.writeFailure() { return result }
        }
    }

    /// Writes a prefix of `first` followed by `second` in one call, such as a head and the start of its body.
    public func write(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) -> IOResult {
        while true {
            let count = weir_send_pair(descriptor, first.baseAddress, first.count, second.baseAddress, second.count)
            if count >= 0 { return .bytes(count) }
            if let result = Self.writeFailure() { return result }
        }
    }

    /// Writes a prefix of the pieces, in order, in one call; at most the first 64 pieces are looked at.
    public func write(gathering pieces: UnsafeBufferPointer<UnsafeRawBufferPointer>) -> IOResult {
        let limit = min(pieces.count, 64)
        return withUnsafeTemporaryAllocation(of: iovec.self, capacity: max(limit, 1)) { vector in
            for index in 0..<limit {
                vector[index] = iovec(
                    iov_base: UnsafeMutableRawPointer(mutating: pieces[index].baseAddress), iov_len: pieces[index].count
                )
            }
            while true {
                let count = weir_send_vector(descriptor, vector.baseAddress, limit)
                if count >= 0 { return .bytes(count) }
                if let result = Self.writeFailure() { return result }
            }
        }
    }

    private static func writeFailure() -> IOResult? {
        switch errno {
        case EINTR: nil
        case EAGAIN: .wouldBlock
        case EPIPE, ECONNRESET: .closed
        case let code: .failed(code)
        }
    }

    // MARK: Closing

    /// Ends the stream towards the peer; reading goes on.
    public func shutdownWrite() {
        _ = Glibc.shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Closes the descriptor.
    ///
    /// Unsent bytes are still delivered by the kernel.
    public func close() {
        _ = Glibc.close(descriptor)
    }

    /// Closes the descriptor with a reset: the peer sees an error instead of a complete-looking end.
    public func closeWithReset() {
        _ = weir_reset_on_close(descriptor)
        _ = Glibc.close(descriptor)
    }

    // MARK: Facts and options

    /// The address this end is bound to; nil if the descriptor is not a socket.
    public var localAddress: SocketAddress? {
        Self.address { weir_local_address(descriptor, $0, $1) }
    }

    /// The address of the other end; nil unless connected.
    public var peerAddress: SocketAddress? {
        Self.address { weir_peer_address(descriptor, $0, $1) }
    }

    /// Bytes written that the peer has not acknowledged yet; 0 if the descriptor is no TCP socket.
    public var unacknowledgedBytes: Int {
        max(0, Int(weir_unacknowledged(descriptor)))
    }

    /// Takes the pending error, 0 if none; after a connect has become writable, 0 means connected.
    public func pendingError() -> Int32 {
        option(SOL_SOCKET, SO_ERROR) ?? errno
    }

    /// Sends small writes at once (Nagle's algorithm off).
    public func setNoDelay(_ isOn: Bool) {
        setOption(Int32(IPPROTO_TCP), TCP_NODELAY, isOn ? 1 : 0)
    }

    /// Lets the kernel probe a silent peer, so that a vanished one is noticed at last.
    public func setKeepAlive(_ isOn: Bool) {
        setOption(SOL_SOCKET, SO_KEEPALIVE, isOn ? 1 : 0)
    }

    /// Reports writability only while fewer than `bytes` wait unsent, which bounds what a slow reader holds in the kernel.
    public func setUnsentLowWater(bytes: Int32) {
        setOption(Int32(IPPROTO_TCP), TCP_NOTSENT_LOWAT, bytes)
    }

    /// Asks the kernel for a send buffer of this size (it doubles and bounds the number).
    public func setSendBuffer(bytes: Int32) {
        setOption(SOL_SOCKET, SO_SNDBUF, bytes)
    }

    /// Asks the kernel for a receive buffer of this size (it doubles and bounds the number).
    public func setReceiveBuffer(bytes: Int32) {
        setOption(SOL_SOCKET, SO_RCVBUF, bytes)
    }

    func setOption(_ level: Int32, _ name: Int32, _ value: Int32) {
        _ = weir_set_option(descriptor, level, name, value)
    }

    func option(_ level: Int32, _ name: Int32) -> Int32? {
        var value: Int32 = 0
        return weir_get_option(descriptor, level, name, &value) == 0 ? value : nil
    }

    static func address(
        _ query: (UnsafeMutablePointer<sockaddr_storage>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> SocketAddress? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return query(&storage, &length) == 0 ? SocketAddress(storage) : nil
    }
}
