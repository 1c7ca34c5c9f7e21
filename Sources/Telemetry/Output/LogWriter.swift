internal import Glibc
internal import Synchronization

/// Writes lines from a thread of its own, so that a slow disk, a stuck pipe or a dead daemon never holds an event loop.
///
/// Any thread may write to it; a thread with much to say has a `channel`, which takes no lock. What waits is bounded: beyond
/// it lines are dropped and counted. What cannot be written is tried again every second, and said once.
public final class LogWriter: LogSink {
    /// Standard error.
    ///
    /// Lines still waiting when the process exits normally are written then.
    public static let standardError: LogWriter = {
        let writer = LogWriter(.standardError)
        atexit { LogWriter.standardError.flush() }
        return writer
    }()

    private let thread: LogThread
    private let shared: Mutex<LineRing>

    /// Opens nothing yet: that is the thread's first work.
    ///
    /// - Parameters:
    ///   - header: what a file starts with.
    ///   - capacity: bytes that may wait, beside those of channels; 1 MiB unless given.
    ///   - onEvent: called by the thread; without it, a line says how many were dropped.
    public init(
        _ destination: LogDestination, header: StaticString = "", capacity: Int = 1_048_576,
        onEvent: (@Sendable (LogEvent) -> Void)? = nil
    ) {
        let ring = LineRing(capacity: capacity)
        shared = Mutex(ring)
        thread = LogThread(destination.outlet(header: header), onEvent: onEvent)
        thread.add(ring)
        thread.start()
    }

    deinit {
        thread.close(within: 1, waits: false)
    }

    /// Lines dropped so far, those of channels included.
    public var droppedLines: Int { thread.droppedLines }

    /// Queues the line, or counts it as dropped.
    public func write(_ line: UnsafeRawBufferPointer) {
        shared.withLock { thread.append(line, to: $0) }
    }

    /// Waits until what is queued is written, at most a second.
    public func flush() {
        thread.flush()
    }

    /// Opens a file anew after the lines that are being written.
    public func reopen() {
        thread.reopen()
    }

    /// A queue of `capacity` bytes for the lines of one thread at a time.
    public func channel(capacity: Int) -> LogChannel {
        let ring = LineRing(capacity: capacity)
        thread.add(ring)
        return LogChannel(ring: ring, writer: self, thread: thread)
    }

    /// Writes what is queued, for at most so many seconds, and then nothing any more; what is left counts as dropped.
    public func close(within seconds: Int) {
        thread.close(within: seconds, waits: true)
    }
}
