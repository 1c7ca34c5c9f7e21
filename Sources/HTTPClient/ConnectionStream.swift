internal import EventLoop
internal import TLS

/// A socket with or without TLS, behind one set of results.
struct ConnectionStream {
    /// What one read or write did.
    enum Result: Equatable {
        /// So many bytes moved, at least one.
        case bytes(Int)
        /// Nothing moves until the socket is readable (reading) or writable (writing).
        case blocked
        /// Reading: the peer ended its stream.
        case ended
        /// The connection is broken.
        case broken
    }

    let socket: Socket
    let tls: TLSSession?

    /// Whether the last read found nothing more.
    private var isDry = true

    init(socket: Socket, tls: TLSSession?) {
        self.socket = socket
        self.tls = tls
    }

    /// Whether plaintext may wait inside the TLS session, which the kernel's readiness does not show. Half a record in there
    /// does not count once a read has tried it.
    var hasBufferedInput: Bool { !isDry && (tls?.hasBufferedBytes ?? false) }

    mutating func read(into buffer: UnsafeMutableRawBufferPointer) -> Result {
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

    func write(_ bytes: UnsafeRawBufferPointer) -> Result {
        guard let tls else { return Self.result(of: socket.write(bytes), ofReading: false) }
        switch tls.write(bytes) {
        case .bytes(let count): return .bytes(count)
        case .wantRead, .wantWrite: return .blocked
        case .closed, .failed: return .broken
        }
    }

    /// Closes for good; a TLS peer is told that the stream is complete unless `reset`.
    func close(reset: Bool) {
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
