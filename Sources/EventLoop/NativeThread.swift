internal import CLinux
internal import Glibc
internal import Synchronization

/// How a thread shares the processors with busy ones.
public enum ThreadPace: Sendable {
    /// As the kernel deals it: a thread that wakes may wait for milliseconds until a busy one has had its turn.
    case usual
    /// In short turns, and therefore soon (Linux 6.12 and newer): for threads that mostly wait and whose callers wait for
    /// them. It gets no more time than others do.
    case prompt
}

/// A POSIX thread that is started once, knows whether it is the current one, and is joined by whoever comes first.
///
/// All signals are blocked on it: they belong to the signal descriptor of `SignalWatcher`.
final class NativeThread: Sendable {
    private struct Start: Sendable {
        var owner: NativeThread
        var name: String
        var pace: ThreadPace
        var body: @Sendable () -> Void
    }

    private final class StartBox: Sendable {
        let start: Start
        init(_ start: Start) { self.start = start }
    }

    private let current = Atomic<UInt>(0)
    private let joinable = Mutex<pthread_t?>(nil)

    var isCurrent: Bool {
        current.load(ordering: .relaxed) == UInt(pthread_self())
    }

    /// Runs `body` on a new thread.
    ///
    /// The thread keeps what `body` captures until it ends.
    func start(
        name: String, pace: ThreadPace = .usual, _ body: @escaping @Sendable () -> Void
    ) throws(SystemError) {
        let box = Unmanaged.passRetained(StartBox(Start(owner: self, name: name, pace: pace, body: body)))
        var all = sigset_t()
        var previous = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &previous)
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                NativeThread.enter(Unmanaged<StartBox>.fromOpaque(argument).takeRetainedValue().start)
                return nil
            }, box.toOpaque())
        pthread_sigmask(SIG_SETMASK, &previous, nil)
        guard code == 0 else {
            box.release()
            throw SystemError("start the thread \(name)", code: code)
        }
        joinable.withLock { $0 = thread }
    }

    private static func enter(_ start: Start) {
        start.owner.current.store(UInt(pthread_self()), ordering: .relaxed)
        _ = weir_set_thread_name(String(start.name.prefix(15)))
        // Where the kernel refuses, the thread waits for its turn like any other.
        if start.pace == .prompt { _ = weir_set_time_slice(100_000) }
        start.body()
        start.owner.current.store(0, ordering: .relaxed)
    }

    deinit {
        if let thread = joinable.withLock({ $0.take() }) { pthread_detach(thread) }
    }

    /// Waits for the thread's end.
    ///
    /// Later calls return at once.
    func join() {
        let thread = joinable.withLock { $0.take() }
        if let thread { pthread_join(thread, nil) }
    }
}
