internal import Bytes

/// Where the sessions of one loop put their records, so that many records leave with one system call.
///
/// Lent to one session at a time, for the length of a call or of a few calls of one turn; an idle session owns none of it.
/// Allocated when first used. Of the loop whose sessions share it.
public final class TLSOutput {
    /// Plain text that is encrypted before it is sent: 64 KiB, four full records. Measured on 200 KiB bodies, fewer cost
    /// more system calls, and more cost the processor's caches what the calls save.
    static let turn = 4 * 16_384

    private var records = GrowableBuffer()
    private var joined = GrowableBuffer()
    /// Whose records wait. Unowned: a session leaves before it ends.
    private unowned(unsafe) var holder: RecordSocket?

    /// Makes an empty output.
    public init() {}

    /// Adds bytes of `socket`'s; those of another one leave first.
    func append(_ bytes: UnsafeRawBufferPointer, of socket: RecordSocket) {
        if holder !== socket {
            holder?.flush()
            holder = socket
        }
        records.append(bytes)
    }

    /// Whether bytes of `socket` wait here.
    func holds(for socket: RecordSocket) -> Bool { holder === socket }

    /// How many bytes wait.
    var count: Int { records.count }

    /// Both pieces side by side, until the next call.
    func join(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        joined.removeAll()
        joined.reserve(first.count + second.count)
        joined.append(first)
        joined.append(second)
        return joined.readable
    }

    /// Hands out the bytes that wait, which are nobody's afterwards.
    func take(_ body: (UnsafeRawBufferPointer) -> Void) {
        body(records.readable)
        holder = nil
        // A handshake with a long chain may have grown it: what a turn does not need goes back.
        records.removeAll(keepingCapacity: records.capacity <= 2 * Self.turn)
    }
}
