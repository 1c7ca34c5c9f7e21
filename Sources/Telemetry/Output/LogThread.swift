internal import Bytes
internal import Glibc
internal import Synchronization

/// The thread of a `LogWriter` and what it shares with the threads that log; it lives until the thread has left.
///
///     asleep ─a line→ gathering ─100 ms, or much waits→ writing ─nothing left→ asleep
///                                                          └─nothing goes→ gathering, for a second
final class LogThread: @unchecked Sendable {
    // Sendable because what is mutable is touched with `lock` held, but for `pass`, which is the thread's own.

    private enum Phase {
        static let writing: UInt8 = 0
        /// Wants to be woken when much waits.
        static let gathering: UInt8 = 1
        /// Wants to be woken for a line.
        static let asleep: UInt8 = 2
    }

    /// How long the first of several lines waits for the others, in nanoseconds: a busy loop wakes the thread, and the thread
    /// the kernel, some ten times a second instead of at every line.
    private static let gatherTime: UInt64 = 100_000_000
    /// How long what does not go is left alone.
    private static let retryTime: UInt64 = 1_000_000_000
    /// Bytes of one queue that are written without waiting for more.
    private static let muchBytes = 262_144

    private let phase = Atomic<UInt8>(Phase.writing)
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let wanted = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let finished = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let onEvent: (@Sendable (LogEvent) -> Void)?
    private var pass: LogPass
    private var rings: [LineRing] = []
    private var orders = Orders()
    private var done = Orders()
    /// Set before there is a second thread.
    private var hasThread = true
    /// What waits is given up then.
    private var closesAt: UInt64?
    private var hasLeft = false

    private struct Orders: Equatable {
        var flushes = 0
        var reopenings = 0
    }

    init(_ outlet: any LogOutlet, onEvent: (@Sendable (LogEvent) -> Void)?) {
        pass = LogPass(outlet)
        self.onEvent = onEvent
        pthread_mutex_init(lock, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(wanted, &attributes)
        pthread_cond_init(finished, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(wanted)
        pthread_cond_destroy(finished)
        pthread_mutex_destroy(lock)
        wanted.deallocate()
        finished.deallocate()
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
                if let argument { Unmanaged<LogThread>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            }, box.toOpaque())
        if code == 0 {
            pthread_detach(thread)
        } else {
            box.release()
            locked { hasThread = false }
        }
    }

    // MARK: Any thread

    func add(_ ring: LineRing) {
        locked { rings.append(ring) }
    }

    var droppedLines: Int { locked { rings.reduce(0) { $0 + $1.droppedLines } } }

    /// By the ring's producer.
    func append(_ line: UnsafeRawBufferPointer, to ring: LineRing) {
        guard let bytes = ring.append(line) else { return }
        queued(in: ring, bytes)
    }

    /// By the ring's producer, of a line that it has queued.
    func queued(in ring: LineRing, _ bytes: (before: Int, after: Int)) {
        if hasThread, !mustWake(ring, bytes.before, bytes.after) { return }
        locked {
            if hasThread { pthread_cond_signal(wanted) } else { _ = pass.write(rings) }
        }
    }

    private func mustWake(_ ring: LineRing, _ before: Int, _ after: Int) -> Bool {
        switch phase.load(ordering: .sequentiallyConsistent) {
        case Phase.asleep:
            // The first to find the thread asleep wakes it; the others need not.
            return phase.compareExchange(
                expected: Phase.asleep, desired: Phase.gathering, ordering: .sequentiallyConsistent
            ).exchanged
        case Phase.gathering:
            let much = min(Self.muchBytes, ring.capacity / 2)
            return before < much && after >= much
        default: return false
        }
    }

    func flush() {
        let end = Self.now() + 1_000_000_000
        locked {
            orders.flushes += 1
            let mine = orders.flushes
            pthread_cond_signal(wanted)
            while hasThread, !hasLeft, done.flushes < mine, wait(finished, until: end) {}
        }
    }

    func reopen() {
        locked {
            orders.reopenings += 1
            pthread_cond_signal(wanted)
        }
    }

    func close(within seconds: Int, waits: Bool) {
        let end = Self.now() + UInt64(seconds) * 1_000_000_000
        locked {
            if closesAt == nil { closesAt = end }
            pthread_cond_signal(wanted)
            // A little longer than the thread tries, so that it has counted what it gives up.
            while waits, hasThread, !hasLeft, wait(finished, until: end + 1_500_000_000) {}
        }
    }

    // MARK: The thread

    private func run() {
        while true {
            let work = awaitWork()
            if work.reopens { report(pass.reopen()) }
            let isEmpty = pass.write(work.rings)
            for event in pass.takeEvents(dropped: droppedLines, isCaughtUp: isEmpty) { report(event) }
            if finish(work.orders, isEmpty: isEmpty) { return }
        }
    }

    private struct Work {
        let rings: [LineRing]
        let orders: Orders
        let reopens: Bool
    }

    /// Sleeps until there is something to do that can be done.
    private func awaitWork() -> Work {
        locked {
            var gathersUntil: UInt64?
            let retriesAt = pass.isStuck ? Self.now() + (closesAt == nil ? Self.retryTime : Self.gatherTime) : nil
            while orders == done, closesAt == nil || retriesAt != nil {
                if let retriesAt {
                    phase.store(Phase.writing, ordering: .sequentiallyConsistent)
                    if !wait(wanted, until: retriesAt) { break }
                    continue
                }
                if mostWaiting == 0 {
                    gathersUntil = nil
                    phase.store(Phase.asleep, ordering: .sequentiallyConsistent)
                    if mostWaiting == 0 { pthread_cond_wait(wanted, lock) }
                    continue
                }
                let end = gathersUntil ?? Self.now() + Self.gatherTime
                gathersUntil = end
                phase.store(Phase.gathering, ordering: .sequentiallyConsistent)
                if rings.contains(where: { $0.count >= min(Self.muchBytes, $0.capacity / 2) }) { break }
                if !wait(wanted, until: end) { break }
            }
            phase.store(Phase.writing, ordering: .sequentiallyConsistent)
            return Work(rings: rings, orders: orders, reopens: orders.reopenings != done.reopenings || pass.mustReopen)
        }
    }

    private var mostWaiting: Int { rings.reduce(0) { max($0, $1.count) } }

    /// Whether the thread is to leave.
    private func finish(_ orders: Orders, isEmpty: Bool) -> Bool {
        locked {
            done = orders
            if let closesAt {
                if !isEmpty, Self.now() >= closesAt { rings.forEach { $0.abandon() } }
                hasLeft = mostWaiting == 0
            }
            pthread_cond_broadcast(finished)
            return hasLeft
        }
    }

    private func report(_ event: LogEvent?) {
        guard let event else { return }
        if let onEvent { return onEvent(event) }
        guard case .dropped(let lines) = event else { return }
        let notice = "{\"level\":\"warning\",\"label\":\"log\",\"msg\":\"log lines dropped\",\"lines\":\(lines)}\n"
        pass.write(notice: notice)
    }

    // MARK: Lock and time

    private func locked<Result>(_ body: () -> Result) -> Result {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return body()
    }

    /// Gives the lock back and waits; false when the time is over.
    private func wait(_ condition: UnsafeMutablePointer<pthread_cond_t>, until nanoseconds: UInt64) -> Bool {
        var time = timespec(
            tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        return pthread_cond_timedwait(condition, lock, &time) != ETIMEDOUT
    }

    private static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
