internal import Bytes
internal import HTTPWire

/// Buffers are the loop's and lent to the connection that is being served, so that an idle connection owns none and a busy
/// loop's stay in the processor's caches. What must outlast the turn moves to memory of its own size.
extension HTTP1Connection {
    /// A lent buffer that has grown beyond this many bytes goes back to the heap.
    private static let keptCapacity = 65_536

    /// Takes the loop's buffer for a read; the start of a head, kept from an earlier one, moves there.
    func borrowInputOnLoop() {
        if input.capacity == 0 {
            swap(&input, &server.spareInput)
        } else if server.spareInput.capacity > 0 {
            server.spareInput.append(input.readable)
            swap(&input, &server.spareInput)
            server.spareInput.removeAll(keepingCapacity: false)
        }
    }

    /// Gives the loop's buffer back, keeping what is in it: a head that is incomplete or being answered, and what follows it.
    func returnInputOnLoop() {
        if isClosed { input.removeAll() }
        if input.isEmpty {
            Self.giveBack(&input, to: &server.spareInput)
        } else if server.spareInput.capacity == 0 {
            var kept = GrowableBuffer(capacity: input.count)
            kept.append(input.readable)
            swap(&kept, &input)
            kept.removeAll()
            Self.giveBack(&kept, to: &server.spareInput)
        }
    }

    /// Takes the loop's buffer for what is about to be written.
    func borrowOutputOnLoop() {
        if writer.buffer.capacity == 0 { swap(&writer.buffer, &server.spareOutput) }
    }

    /// Gives it back once everything has been written.
    func returnOutputOnLoop() {
        if writer.buffer.isEmpty, writer.buffer.capacity > 0 {
            Self.giveBack(&writer.buffer, to: &server.spareOutput)
        }
    }

    private static func giveBack(_ buffer: inout GrowableBuffer, to spare: inout GrowableBuffer) {
        if spare.capacity == 0, buffer.capacity <= keptCapacity { swap(&buffer, &spare) }
        buffer.removeAll(keepingCapacity: false)
    }
}
