internal import Glibc

/// What readers and fills ask of the writer thread.
enum WriterCommand {
    case chunk(Fill, index: Int, ChunkBuffer)
    case finish(Fill, Finish)
    case abort(Fill)
    case refresh(Refresh)
    case remove(Removal)
    case barrier(@Sendable () -> Void)

    /// Bytes that wait in memory because of it.
    var bytes: Int {
        if case .chunk(_, _, let buffer) = self { return buffer.count }
        if case .finish(_, let finish) = self { return finish.inlineBody.count }
        return 0
    }
}

/// The bounded queue in front of the writer thread.
final class WriterQueue: @unchecked Sendable {
    // Sendable: everything below is touched only between lock() and unlock().
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var commands: [WriterCommand] = []
    private var pausedFills: [Fill] = []
    private var waitingBytes = 0
    private var mode = Mode.open
    private var isNudged = false
    private let limitBytes: Int

    private enum Mode { case open, released, closed }

    private var isClosed: Bool { mode != .open }

    /// From half of `limitBytes` fills are asked to pause; beyond it their chunks are refused.
    init(limitBytes: Int) {
        self.limitBytes = limitBytes
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    enum Admission { case accepted, pause, overrun, closed }

    /// Adds a chunk of `fill` unless the queue is over its limit.
    func enqueueChunk(_ command: WriterCommand, of fill: Fill) -> Admission {
        lock()
        defer { unlock() }
        if isClosed { return .closed }
        if waitingBytes + command.bytes > limitBytes { return .overrun }
        append(command)
        if waitingBytes * 2 < limitBytes { return .accepted }
        if !pausedFills.contains(where: { $0 === fill }) { pausedFills.append(fill) }
        return .pause
    }

    /// Adds a command that is never refused unless the store is closed; returns whether it was taken.
    @discardableResult
    func enqueue(_ command: WriterCommand) -> Bool {
        lock()
        defer { unlock() }
        if isClosed { return false }
        append(command)
        return true
    }

    /// Wakes the writer although nothing is queued, for instance to begin a sweep.
    func nudge() {
        lock()
        isNudged = true
        pthread_cond_signal(condition)
        unlock()
    }

    /// Refuses everything from now on; the writer still gets what is queued.
    func close() { enter(.closed) }

    /// As `close`, but for a while: the writer parks once it has done what is queued.
    func release() { enter(.released) }

    /// Takes commands again.
    func reopen() { enter(.open) }

    private func enter(_ mode: Mode) {
        lock()
        self.mode = mode
        pthread_cond_signal(condition)
        unlock()
    }

    /// Parks the writer until `reopen` or `close`; returns whether it was the former.
    func waitWhileReleased() -> Bool {
        lock()
        defer { unlock() }
        while mode == .released { pthread_cond_wait(condition, mutex) }
        return mode == .open
    }

    enum Batch { case commands([WriterCommand]), idle, released, closed }

    /// The next commands in order, about `byteLimit` bytes of them, waiting up to `seconds` for the first.
    ///
    /// `.closed` or `.released` when that is so and the queue is empty.
    func next(byteLimit: Int, waitingUpTo seconds: Int) -> Batch {
        lock()
        if commands.isEmpty, !isClosed, !isNudged, seconds > 0 {
            var deadline = timespec()
            clock_gettime(CLOCK_MONOTONIC, &deadline)
            deadline.tv_sec += seconds
            while commands.isEmpty, !isClosed, !isNudged {
                if pthread_cond_timedwait(condition, mutex, &deadline) == ETIMEDOUT { break }
            }
        }
        isNudged = false
        if commands.isEmpty {
            let mode = mode
            unlock()
            switch mode {
            case .open: return .idle
            case .released: return .released
            case .closed: return .closed
            }
        }
        var count = 0
        var bytes = 0
        while count < commands.count, count < 4_096, bytes == 0 || bytes + commands[count].bytes <= byteLimit {
            bytes += commands[count].bytes
            count += 1
        }
        let batch = Array(commands[..<count])
        commands.removeFirst(count)
        waitingBytes -= bytes
        var resumed: [Fill] = []
        if waitingBytes * 4 < limitBytes { swap(&resumed, &pausedFills) }
        unlock()
        for fill in resumed { fill.onResume() }
        return .commands(batch)
    }

    private func append(_ command: WriterCommand) {
        commands.append(command)
        waitingBytes += command.bytes
        if commands.count == 1 { pthread_cond_signal(condition) }
    }

    private func lock() { pthread_mutex_lock(mutex) }
    private func unlock() { pthread_mutex_unlock(mutex) }
}
