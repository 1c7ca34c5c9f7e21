internal import Bytes
internal import Glibc
internal import Synchronization

/// Takes finished lines.
public protocol LogSink: Sendable {
    /// Takes one line with its line feed.
    ///
    /// Called from any thread, event loops included: it must not wait.
    func write(_ line: UnsafeRawBufferPointer)
    /// Waits until every line taken so far is written, at most about a second.
    func flush()
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

/// Writes lines to a descriptor from a thread of its own, so that a slow disk or a stuck pipe never holds an event loop.
///
/// At most `capacity` bytes wait. When the reader does not keep up, further lines are dropped and counted, and a line that
/// says how many is written once there is room.
public final class DescriptorSink: LogSink {
    /// Standard error.
    ///
    /// Lines still waiting when the process exits normally are written then.
    public static let standardError: DescriptorSink = {
        let sink = DescriptorSink(descriptor: 2)
        atexit { DescriptorSink.standardError.flush() }
        return sink
    }()

    private let queue: LogQueue

    /// Writes to `descriptor`, which stays the caller's.
    ///
    /// `capacity` is 1 MiB unless given.
    public init(descriptor: Int32, capacity: Int = 1_048_576) {
        queue = LogQueue(descriptor: descriptor, capacity: capacity)
        queue.start()
    }

    deinit {
        queue.close()
    }

    /// Lines dropped so far because the reader was too slow.
    public var droppedLines: Int { queue.droppedLines }

    /// Queues the line, or counts it as dropped.
    public func write(_ line: UnsafeRawBufferPointer) {
        queue.append(line)
    }

    /// Waits until the queue is empty, at most a second.
    public func flush() {
        queue.flush()
    }
}

/// The bytes between loggers and the writing thread; it lives until that thread has left.
private final class LogQueue: @unchecked Sendable {
    // Sendable because everything mutable is touched only with `lock` held, except `writing`, which is the thread's own.

    private let descriptor: Int32
    private let capacity: Int
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let filled = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let emptied = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var waiting = GrowableBuffer()
    private var writing = GrowableBuffer()
    private var isWriting = false
    private var flushes = 0
    private var isClosed = false
    private var unreported = 0
    private var dropped = 0

    /// How long the first of several lines waits for the others, in nanoseconds: a busy loop wakes the thread, and the thread
    /// the kernel, some ten times a second instead of at every line.
    private static let gatherTime = 100_000_000

    init(descriptor: Int32, capacity: Int) {
        self.descriptor = descriptor
        self.capacity = capacity
        pthread_mutex_init(lock, nil)
        pthread_cond_init(filled, nil)
        pthread_cond_init(emptied, nil)
    }

    deinit {
        pthread_cond_destroy(filled)
        pthread_cond_destroy(emptied)
        pthread_mutex_destroy(lock)
        filled.deallocate()
        emptied.deallocate()
        lock.deallocate()
    }

    /// Without a thread every line is written by its caller: late is better than lost.
    func start() {
        let box = Unmanaged.passRetained(self)
        var all = sigset_t()
        var previous = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &previous)
        defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<LogQueue>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            }, box.toOpaque())
        if code == 0 {
            pthread_detach(thread)
        } else {
            box.release()
            isClosed = true
        }
    }

    var droppedLines: Int {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return dropped
    }

    func append(_ line: UnsafeRawBufferPointer) {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        if isClosed {
            put(line)
        } else if waiting.count + line.count > capacity {
            dropped += 1
            unreported += 1
        } else {
            let isHurried = waiting.count < capacity / 2 && waiting.count + line.count >= capacity / 2
            if waiting.isEmpty || isHurried { pthread_cond_signal(filled) }
            waiting.append(line)
        }
    }

    func flush() {
        var deadline = Self.time(in: 1_000_000_000)
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        flushes += 1
        defer { flushes -= 1 }
        pthread_cond_signal(filled)
        while !isClosed && (isWriting || !waiting.isEmpty) {
            if pthread_cond_timedwait(emptied, lock, &deadline) == ETIMEDOUT { return }
        }
    }

    func close() {
        pthread_mutex_lock(lock)
        isClosed = true
        pthread_cond_signal(filled)
        pthread_mutex_unlock(lock)
    }

    private func run() {
        while takeWaiting() {
            put(writing.readable)
            writing.removeAll()
        }
    }

    /// Waits for bytes and moves them into `writing`; false when closed and empty.
    private func takeWaiting() -> Bool {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        isWriting = false
        if waiting.isEmpty { pthread_cond_broadcast(emptied) }
        while waiting.isEmpty {
            if isClosed { return false }
            pthread_cond_wait(filled, lock)
        }
        var deadline = Self.time(in: Self.gatherTime)
        while !isClosed && flushes == 0 && waiting.count < capacity / 2 {
            if pthread_cond_timedwait(filled, lock, &deadline) == ETIMEDOUT { break }
        }
        swap(&waiting, &writing)
        isWriting = true
        if unreported > 0 {
            let notice =
                "{\"level\":\"warning\",\"label\":\"log\",\"msg\":\"log lines dropped\",\"lines\":\(unreported)}\n"
            writing.append(string: notice)
            unreported = 0
        }
        return true
    }

    /// A time on the clock that condition variables wait by.
    private static func time(in nanoseconds: Int) -> timespec {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let sum = time.tv_nsec + nanoseconds
        time.tv_sec += sum / 1_000_000_000
        time.tv_nsec = sum % 1_000_000_000
        return time
    }

    private func put(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if count < 0 && errno == EAGAIN {
                var poller = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&poller, 1, -1)
            } else if count < 0 && errno != EINTR {
                return
            }
        }
    }
}
