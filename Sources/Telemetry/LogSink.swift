internal import Synchronization

/// Takes finished lines.
public protocol LogSink: Sendable {
    /// Takes one line with its line feed.
    ///
    /// Called from any thread, event loops included: it must not wait.
    func write(_ line: UnsafeRawBufferPointer)
    /// Lines lost so far.
    var droppedLines: Int { get }
    /// Waits until every line taken so far is written, at most about a second.
    func flush()
    /// Opens a file anew, because the one there has been renamed.
    func reopen()
    /// The same place for the lines of one thread at a time, which take no lock; `capacity` bytes of them may wait.
    func channel(capacity: Int) -> LogChannel
}

extension LogSink {
    /// None.
    public var droppedLines: Int { 0 }

    /// Nothing is open.
    public func reopen() {}

    /// Leads to the sink itself.
    public func channel(capacity: Int) -> LogChannel { LogChannel(to: self) }
}

/// Keeps lines in memory, for tests that ask what was logged.
public final class MemorySink: LogSink {
    private let state = Mutex<[String]>([])

    /// Creates an empty sink.
    public init() {}

    /// The lines so far, without their line feeds.
    public var lines: [String] { state.withLock { $0 } }

    /// Keeps the line.
    public func write(_ line: UnsafeRawBufferPointer) {
        let text = String(decoding: line.dropLast(), as: UTF8.self)
        state.withLock { $0.append(text) }
    }

    /// Nothing waits in memory.
    public func flush() {}
}
