public import EventLoop
public import TLS

/// A socket with or without TLS, behind one set of results. Of the loop that owns the connection.
public struct ConnectionStream {
    /// What one read or write did.
    public enum Result: Sendable, Equatable {
        /// So many bytes moved, at least one.
        case bytes(Int)
        /// Nothing moves until the socket is readable (reading) or writable (writing).
        case blocked
        /// Reading: the peer ended its stream, under TLS with its closing alert.
        case ended
        /// The connection is broken; bytes may be missing.
        case broken
    }

    /// The connection's socket, for the loop.
    public let socket: Socket
    /// The TLS session over it; nil without TLS.
    public let tls: TLSSession?

    /// Takes over a connected socket, and closes it by `close(reset:)`.
    public init(socket: Socket, tls: TLSSession?) {
        self.socket = socket
        self.tls = tls
    }

    /// Whether plaintext may wait inside the TLS session, which the kernel's readiness does not show.
    public var hasBufferedInput: Bool { tls?.hasBufferedBytes ?? false }

    /// Reads what is there, at most `buffer.count` bytes.
    public func read(into buffer: UnsafeMutableRawBufferPointer) -> Result {
        guard let tls else { return Self.result(of: socket.read(into: buffer), ofReading: true) }
        switch tls.read(into: buffer) {
        case .bytes(let count): return .bytes(count)
        case .wantRead, .wantWrite: return .blocked
        case .closed: return tls.wasClosedCleanly ? .ended : .broken
        case .failed: return .broken
        }
    }

    /// Writes a prefix of both pieces, in order, in one system call; under TLS in one per 64 KiB.
    ///
    /// What is accepted need not be offered again, but under TLS some of it may still wait inside: see `hasPendingOutput`.
    /// With `more`, a further write of this turn follows, and what is written now may wait for it.
    public func write(
        _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer, more: Bool = false
    ) -> Result {
        guard let tls else {
            if first.isEmpty { return Self.result(of: socket.write(second, more: more), ofReading: false) }
            if second.isEmpty { return Self.result(of: socket.write(first, more: more), ofReading: false) }
            return Self.result(of: socket.write(first, second), ofReading: false)
        }
        switch tls.write(first, second, more: more) {
        case .bytes(let count): return .bytes(count)
        case .wantRead, .wantWrite: return .blocked
        case .closed, .failed: return .broken
        }
    }

    /// Writes a prefix of `bytes`; the same as two pieces of which one is empty.
    public func write(_ bytes: UnsafeRawBufferPointer, more: Bool = false) -> Result {
        write(bytes, UnsafeRawBufferPointer(start: nil, count: 0), more: more)
    }

    /// Whether accepted bytes wait for the socket to become writable; writing, nothing if need be, sends them. Never without
    /// TLS.
    public var hasPendingOutput: Bool { tls?.hasPendingOutput ?? false }

    /// Whether accepted bytes wait because the socket takes none. Never without TLS.
    public var isWriteBlocked: Bool { tls?.isWriteBlocked ?? false }

    /// Gives back memory that only a busy connection needs.
    public func releaseIdleBuffers() {
        tls?.releaseIdleBuffers()
    }

    /// Ends our side of the stream, TLS first; reading goes on.
    public func shutdownWrite() {
        _ = tls?.shutdown()
        socket.shutdownWrite()
    }

    /// Closes for good; a TLS peer is told that the stream is complete unless `reset`.
    public func close(reset: Bool) {
        if reset {
            socket.closeWithReset()
        } else {
            _ = tls?.shutdown()
            socket.close()
        }
    }

    private static func result(of result: IOResult, ofReading: Bool) -> Result {
        switch result {
        case .bytes(let count): .bytes(count)
        case .wouldBlock: .blocked
        case .closed: ofReading ? .ended : .broken
        case .failed: .broken
        }
    }
}
