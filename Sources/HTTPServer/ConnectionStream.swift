internal import EventLoop

/// A socket, with results in the words of a connection.
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

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Result {
        Self.result(of: socket.read(into: buffer), ofReading: true)
    }

    /// Writes both pieces in one system call.
    func write(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) -> Result {
        if first.isEmpty { return write(second) }
        if second.isEmpty { return write(first) }
        return Self.result(of: socket.write(first, second), ofReading: false)
    }

    func write(_ bytes: UnsafeRawBufferPointer) -> Result {
        Self.result(of: socket.write(bytes), ofReading: false)
    }

    /// Ends our side of the stream; reading goes on.
    func shutdownWrite() {
        socket.shutdownWrite()
    }

    /// Closes for good.
    func close(reset: Bool) {
        if reset {
            socket.closeWithReset()
        } else {
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
