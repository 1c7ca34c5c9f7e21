/// The way of one thread's lines to a log, without a lock. A line is written where it waits, so it is not copied.
public final class LogChannel {
    private let ring: LineRing
    /// Takes the lines out of the queue; nil where the channel does so itself.
    private let thread: LogThread?
    /// Where the channel leads, which must not go before it.
    private let sink: any LogSink
    /// Where a line is written for which the queue has no room at its longest.
    private var spare: UnsafeMutableRawBufferPointer?
    private var isInSpare = false

    init(ring: LineRing, writer: LogWriter, thread: LogThread) {
        self.ring = ring
        self.thread = thread
        sink = writer
    }

    /// Leads to a sink without queues for single threads.
    init(to sink: any LogSink) {
        ring = LineRing(capacity: 65_536)
        thread = nil
        self.sink = sink
    }

    deinit {
        spare?.deallocate()
    }

    /// Takes one line with its line feed, or counts it as dropped. Does not wait.
    public func write(_ line: UnsafeRawBufferPointer) {
        if let thread { thread.append(line, to: ring) } else { sink.write(line) }
    }

    /// Memory for a line of `most` bytes at most, until `commit`.
    public func reserve(_ most: Int) -> UnsafeMutableRawPointer {
        if let room = ring.reserve(most) { return room }
        return reserveSpare(most)
    }

    /// Takes the line that has been written into the memory reserved last, or counts it as dropped. Does not wait.
    ///
    /// - Parameter byteCount: the length of the line, its line feed included.
    public func commit(_ byteCount: Int) {
        if isInSpare { return commitSpare(byteCount) }
        let bytes = ring.commit(byteCount)
        guard let thread else { return forward() }
        thread.queued(in: ring, bytes)
    }

    /// There may be room for the line as it is, if not for the longest one.
    @inline(never)
    private func reserveSpare(_ most: Int) -> UnsafeMutableRawPointer {
        isInSpare = true
        if let spare, let base = spare.baseAddress, spare.count >= most { return base }
        spare?.deallocate()
        let memory = UnsafeMutableRawPointer.allocate(byteCount: most, alignment: 16)
        spare = UnsafeMutableRawBufferPointer(start: memory, count: most)
        return memory
    }

    @inline(never)
    private func commitSpare(_ byteCount: Int) {
        isInSpare = false
        guard let spare else { return }
        write(UnsafeRawBufferPointer(rebasing: spare[..<byteCount]))
    }

    @inline(never)
    private func forward() {
        let line = ring.peek()
        sink.write(line)
        ring.consume(line.count)
    }
}
