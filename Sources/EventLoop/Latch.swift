internal import CLinux
internal import Glibc

/// Closed until somebody opens it; then whoever waits goes on. For threads that have nothing else to do meanwhile.
public final class Latch: Sendable {
    // Readable from the first write on, since nobody reads it.
    private let descriptor: Int32

    /// A closed latch; throws `SystemError` when the process has no descriptor left.
    public init() throws(SystemError) {
        descriptor = weir_eventfd()
        guard descriptor >= 0 else { throw SystemError("eventfd", code: errno) }
    }

    deinit {
        close(descriptor)
    }

    /// Opens the latch for good; may be called often and from any thread.
    public func open() {
        var one: UInt64 = 1
        _ = write(descriptor, &one, MemoryLayout.size(ofValue: one))
    }

    /// Blocks the thread until the latch is open, or returns false when the time is over. Not for a loop's thread.
    public func wait(upTo limit: Duration) -> Bool {
        let deadline = ContinuousClock.now + limit
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while true {
            let left = (deadline - ContinuousClock.now).components
            let milliseconds = left.seconds * 1_000 + left.attoseconds / 1_000_000_000_000_000
            let ready = poll(&request, 1, Int32(clamping: max(0, milliseconds)))
            if ready > 0 { return true }
            if ready == 0, milliseconds <= 0 { return false }
        }
    }
}
