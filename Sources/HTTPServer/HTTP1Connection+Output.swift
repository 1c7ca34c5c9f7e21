internal import Bytes
internal import EventLoop
internal import HTTPWire
internal import Transport

/// The only code that writes to the socket.
extension HTTP1Connection {
    /// Under TLS, queued bytes are topped up with body to this size, so that head and body share a record.
    private static let recordSize = 16_384

    /// Writes what waits, closing the connection if that fails.
    func flushOutputOnLoop() {
        if writer.buffer.isEmpty || isWriteBlocked { return }
        _ = sendOnLoop(UnsafeRawBufferPointer(start: nil, count: 0))
        if isBroken { closeOnLoop(reset: true) }
    }

    /// Writes what waits, then as much of `bytes` as the socket takes. Returns how many of `bytes` need not be offered again.
    func sendOnLoop(_ bytes: UnsafeRawBufferPointer) -> Int {
        stream.tls == nil ? sendPlainOnLoop(bytes) : sendEncryptedOnLoop(bytes)
    }

    /// Starts a chunk of all of `bytes`, or continues the started one.
    func writeChunkOnLoop(_ bytes: UnsafeRawBufferPointer) -> Int {
        if chunkRemaining == 0 {
            writer.buffer.append(hexadecimal: UInt64(bytes.count))
            writer.buffer.append("\r\n")
            chunkRemaining = bytes.count
        }
        let sent = sendOnLoop(UnsafeRawBufferPointer(rebasing: bytes[..<min(bytes.count, chunkRemaining)]))
        chunkRemaining -= sent
        if chunkRemaining == 0 { writer.buffer.append("\r\n") }
        return sent
    }

    private func sendPlainOnLoop(_ bytes: UnsafeRawBufferPointer) -> Int {
        let queued = writer.buffer.count
        switch stream.write(writer.buffer.readable, bytes) {
        case .bytes(let count):
            wrote(count, of: queued + bytes.count)
            writer.buffer.consume(min(count, queued))
            return max(0, count - queued)
        case .blocked:
            blocked()
        case .ended, .broken:
            isBroken = true
        }
        return 0
    }

    /// OpenSSL keeps a record it could not send and insists on being offered the same bytes again, so what it refused is
    /// taken over into what waits and counts as accepted.
    private func sendEncryptedOnLoop(_ bytes: UnsafeRawBufferPointer) -> Int {
        var position = 0
        if !writer.buffer.isEmpty, writer.buffer.count < Self.recordSize, !bytes.isEmpty {
            position = min(bytes.count, Self.recordSize - writer.buffer.count)
            writer.buffer.append(UnsafeRawBufferPointer(rebasing: bytes[..<position]))
        }
        while !writer.buffer.isEmpty {
            switch stream.write(writer.buffer.readable) {
            case .bytes(let count):
                wrote(count, of: count)
                writer.buffer.consume(count)
            case .blocked:
                blocked()
                return position
            case .ended, .broken:
                isBroken = true
                return position
            }
        }
        while position < bytes.count {
            let record = UnsafeRawBufferPointer(
                rebasing: bytes[position..<min(bytes.count, position + Self.recordSize)])
            switch stream.write(record) {
            case .bytes(let count):
                wrote(count, of: count)
                position += count
            case .blocked:
                writer.buffer.append(record)
                blocked()
                return position + record.count
            case .ended, .broken:
                isBroken = true
                return position
            }
        }
        return position
    }

    private func wrote(_ count: Int, of offered: Int) {
        server.metrics.sent(count)
        if count < offered { blocked() } else { writeDeadline = Self.never }
    }

    private func blocked() {
        isWriteBlocked = true
        writeDeadline = loop.nowNanoseconds + server.timeouts.write
    }
}
