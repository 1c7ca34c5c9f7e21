internal import CLinux
internal import Glibc
internal import Synchronization

/// A POSIX thread that is started once, knows whether it is the current one, and is joined by whoever comes first.
///
/// All signals are blocked on it: they belong to the signal descriptor of `SignalWatcher`.
final class NativeThread: Sendable {
    private struct Start: Sendable {
        var owner: NativeThread
        var name: String
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
    func start(name: String, _ body: @escaping @Sendable () -> Void) throws(SystemError) {
        let box = Unmanaged.passRetained(StartBox(Start(owner: self, name: name, body: body)))
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
