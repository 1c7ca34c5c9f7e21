internal import Bytes
internal import EventLoop
internal import HTTPWire
internal import Transport

/// The only code that writes to the socket.
extension HTTP1Connection {
    /// Writes what waits, closing the connection if that fails.
    func flushOutputOnLoop() {
        if isWriteBlocked || (writer.buffer.isEmpty && !stream.hasPendingOutput) { return }
        _ = sendOnLoop(UnsafeRawBufferPointer(start: nil, count: 0))
        if isBroken { closeOnLoop(reset: true) }
    }

    /// Writes what waits, then as much of `bytes` as the socket takes. Returns how many of `bytes` need not be offered again.
    func sendOnLoop(_ bytes: UnsafeRawBufferPointer) -> Int {
        let queued = writer.buffer.count
        switch stream.write(writer.buffer.readable, bytes) {
        case .bytes(let count):
            wrote(count, of: queued + bytes.count)
            writer.buffer.consume(min(count, queued))
            returnOutputOnLoop()
            return max(0, count - queued)
        case .blocked:
            blocked()
        case .ended, .broken:
            isBroken = true
        }
        return 0
    }

    /// Starts a chunk of all of `bytes`, or continues the started one.
    func writeChunkOnLoop(_ bytes: UnsafeRawBufferPointer) -> Int {
        if chunkRemaining == 0 {
            borrowOutputOnLoop()
            writer.buffer.append(hexadecimal: UInt64(bytes.count))
            writer.buffer.append("\r\n")
            chunkRemaining = bytes.count
        }
        let sent = sendOnLoop(UnsafeRawBufferPointer(rebasing: bytes[..<min(bytes.count, chunkRemaining)]))
        chunkRemaining -= sent
        if chunkRemaining == 0 { writer.buffer.append("\r\n") }
        return sent
    }

    private func wrote(_ count: Int, of offered: Int) {
        server.metrics.sent(count)
        sentBytes &+= count
        if count < offered || stream.hasPendingOutput { blocked() } else { reader.end() }
    }

    private func blocked() {
        isWriteBlocked = true
        reader.begin()
    }
}
