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

    /// Whether the last read found nothing more.
    private var isDry = true

    /// Takes over a connected socket, and closes it by `close(reset:)`.
    public init(socket: Socket, tls: TLSSession?) {
        self.socket = socket
        self.tls = tls
    }

    /// Whether plaintext may wait inside the TLS session, which the kernel's readiness does not show. Half a record in there
    /// does not count once a read has tried it.
    public var hasBufferedInput: Bool { !isDry && (tls?.hasBufferedBytes ?? false) }

    /// Reads what is there, at most `buffer.count` bytes.
    public mutating func read(into buffer: UnsafeMutableRawBufferPointer) -> Result {
        guard let tls else { return Self.result(of: socket.read(into: buffer), ofReading: true) }
        let result = tls.read(into: buffer)
        isDry = true
        switch result {
        case .bytes(let count):
            isDry = false
            return .bytes(count)
        case .wantRead, .wantWrite: return .blocked
        case .closed: return tls.wasClosedCleanly ? .ended : .broken
        case .failed: return .broken
        }
    }

    /// Writes both pieces in one system call; only without TLS, which knows no such call.
    public func write(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) -> Result {
        if first.isEmpty { return write(second) }
        if second.isEmpty { return write(first) }
        return Self.result(of: socket.write(first, second), ofReading: false)
    }

    /// Writes a prefix of `bytes`. Under TLS, what was refused must be offered again as it was.
    public func write(_ bytes: UnsafeRawBufferPointer) -> Result {
        guard let tls else { return Self.result(of: socket.write(bytes), ofReading: false) }
        switch tls.write(bytes) {
        case .bytes(let count): return .bytes(count)
        case .wantRead, .wantWrite: return .blocked
        case .closed, .failed: return .broken
        }
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
