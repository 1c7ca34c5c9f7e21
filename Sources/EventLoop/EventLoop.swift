internal import CLinux
internal import Synchronization

/// One thread that waits for descriptors, timers and submitted work, and runs their handlers one at a time.
///
/// Everything named `…OnLoop` may be called only on that thread, which is checked. Objects used only there need no lock.
/// Async code runs there with `Task(executorPreference: loop)`. The loop never blocks except in `epoll_wait`.
public final class EventLoop: TaskExecutor, CustomStringConvertible, @unchecked Sendable {
    // Sendable because `machine` is touched only by the loop's own thread, and the rest is immutable or locked.

    /// The thread's name, as `top -H` shows it (15 bytes at most).
    public let name: String
    let submissions: Submissions
    let machine: Machine
    private let thread: NativeThread
    private let stop = Mutex(StopState.running)
    private let monotonic = Atomic<UInt64>(MonotonicClock.nanoseconds())
    private let wall = Atomic<Int64>(WallClock.nanoseconds())

    private enum StopState {
        case running
        case stopping([UnsafeContinuation<Void, Never>])
        case stopped
    }

    /// Starts a loop on a thread of its own.
    ///
    /// It runs until `shutdown()`.
    public init(name: String = "loop", pace: ThreadPace = .usual) throws(SystemError) {
        self.name = name
        submissions = try Submissions()
        machine = try Machine(bell: submissions.bell)
        thread = NativeThread()
        try thread.start(name: name, pace: pace) { self.runUntilStopped() }
    }

    /// What a person reads in logs and errors.
    public var description: String { "EventLoop(\(name))" }

    // MARK: Thread

    /// Whether the caller runs on this loop's thread.
    public var isOnLoop: Bool { thread.isCurrent }

    /// Traps unless the caller runs on this loop's thread: calling from elsewhere is a bug of ours.
    public func assertOnLoop(_ caller: StaticString = #function) {
        precondition(thread.isCurrent, "\(caller) called off its event loop")
    }

    // MARK: Time

    /// Monotonic nanoseconds, read once per turn of the loop.
    ///
    /// Other threads may see the time of the last wake-up.
    public var nowNanoseconds: UInt64 { monotonic.load(ordering: .relaxed) }

    /// Seconds since 1970, read once per turn of the loop.
    ///
    /// Other threads may see the time of the last wake-up.
    public var epochSeconds: Int64 { wall.load(ordering: .relaxed) / 1_000_000_000 }

    /// Nanoseconds since 1970, read once per turn of the loop.
    public var epochNanoseconds: Int64 { wall.load(ordering: .relaxed) }

    func readClocks() {
        monotonic.store(MonotonicClock.nanoseconds(), ordering: .relaxed)
        wall.store(WallClock.nanoseconds(), ordering: .relaxed)
    }

    // MARK: Work from any thread

    /// Runs `body` on the loop in a later step of the same or the next turn.
    ///
    /// Callable from any thread; in order per caller.
    ///
    /// Work that arrives after shutdown is dropped.
    public func submit(_ body: @escaping @Sendable () -> Void) {
        enqueue(.closure(body))
    }

    /// Runs `body` on the loop and returns its result to async code running anywhere.
    public func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withUnsafeThrowingContinuation { continuation in
            submit { continuation.resume(with: Swift.Result(catching: body)) }
        }
    }

    /// Queues a task's next piece; called by the Swift runtime.
    public func enqueue(_ job: consuming ExecutorJob) {
        enqueue(.job(UnownedJob(job)))
    }

    private func enqueue(_ work: Submissions.Work) {
        if thread.isCurrent {
            machine.ready.append(work)
        } else {
            submissions.submit(work)
        }
    }

    // MARK: Descriptors

    /// Watches a descriptor; the loop keeps the handler until `deregisterOnLoop`.
    ///
    /// The descriptor stays the caller's.
    ///
    /// Traps if the descriptor is already registered. Throws when the kernel refuses, for example out of watches.
    public func registerOnLoop(
        _ descriptor: Int32, interest: Interest, handler: any EventHandler
    ) throws(SystemError) {
        assertOnLoop()
        try machine.register(descriptor, interest: interest, handler: handler)
    }

    /// Changes what is watched.
    ///
    /// Costs a system call only if the interest differs from the last one.
    public func updateOnLoop(_ descriptor: Int32, interest: Interest) {
        assertOnLoop()
        machine.update(descriptor, interest: interest)
    }

    /// Stops watching and releases the handler; events already fetched for it are dropped.
    ///
    /// Call it *before* closing the descriptor. Unregistered descriptors are ignored.
    public func deregisterOnLoop(_ descriptor: Int32) {
        assertOnLoop()
        machine.deregister(descriptor)
    }

    /// How many descriptors are registered.
    public var registrationCountOnLoop: Int {
        assertOnLoop()
        return machine.registrationCount
    }

    // MARK: Observation

    /// Calls `observer` on the loop after each turn with the nanoseconds between waking and going to sleep again: as long
    /// as what came meanwhile had to wait. It takes the place of an earlier observer.
    public func observeTurnsOnLoop(_ observer: @escaping (UInt64) -> Void) {
        assertOnLoop()
        machine.turnObserver = observer
    }

    // MARK: Timers

    /// Calls `body` on the loop once `delay` has passed.
    ///
    /// Never early; late by up to a millisecond plus the running turn.
    @discardableResult
    public func scheduleOnLoop(after delay: Duration, _ body: @escaping () -> Void) -> TimerToken {
        assertOnLoop()
        return machine.timers.insert(deadline: Self.deadline(after: delay), .call(body))
    }

    /// Cancels a timer; false if it has fired or was cancelled before.
    @discardableResult
    public func cancelOnLoop(_ token: TimerToken) -> Bool {
        assertOnLoop()
        return machine.timers.cancel(token) != nil
    }

    /// Moves a waiting timer to `delay` from now without a new closure; false if it has fired or was cancelled.
    @discardableResult
    public func rescheduleOnLoop(_ token: TimerToken, after delay: Duration) -> Bool {
        assertOnLoop()
        return machine.timers.move(token, to: Self.deadline(after: delay))
    }

    static func deadline(after delay: Duration) -> UInt64 {
        MonotonicClock.nanoseconds() + delay.nanosecondsClamped
    }

    // MARK: Life

    /// Stops the loop once its queued work has run, and joins its thread.
    ///
    /// Call it last and from outside the loop: everything running on the loop must have ended. Sleeping tasks are woken with
    /// `CancellationError`; other timers are dropped; registered handlers are released, their descriptors stay open. Idempotent.
    public func shutdown() async {
        precondition(!isOnLoop, "a loop cannot wait for its own end")
        await withUnsafeContinuation { continuation in
            let isFirst = stop.withLock { state -> Bool? in
                switch state {
                case .running:
                    state = .stopping([continuation])
                    return true
                case .stopping(let waiters):
                    state = .stopping(waiters + [continuation])
                    return false
                case .stopped:
                    return nil
                }
            }
            switch isFirst {
            case true?: submit { self.machine.isStopping = true }
            case false?: break
            case nil: continuation.resume()
            }
        }
        thread.join()
    }

    /// The thread's whole life.
    func runUntilStopped() {
        machine.run(for: self)
        let waiters = stop.withLock { state in
            defer { state = .stopped }
            guard case .stopping(let waiters) = state else { return [UnsafeContinuation<Void, Never>]() }
            return waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}
