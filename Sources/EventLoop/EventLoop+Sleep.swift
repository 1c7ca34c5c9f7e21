internal import Synchronization

/// The time allowed for an operation has passed.
public struct DeadlineExceeded: Error, Sendable, Equatable, CustomStringConvertible {
    /// How much time was allowed.
    public var limit: Duration

    /// Reports that `limit` was not enough.
    public init(limit: Duration) {
        self.limit = limit
    }

    /// What a person reads in logs and errors.
    public var description: String { "not finished within \(limit)" }
}

extension EventLoop {
    /// Suspends the calling task for at least `duration` on the loop's timers.
    ///
    /// Callable from any executor.
    ///
    /// Throws `CancellationError` at once when the task is cancelled, and when the loop shuts down first.
    public func sleep(for duration: Duration) async throws(CancellationError) {
        let sleeper = Sleeper()
        let woke = await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                guard sleeper.wait(continuation) else { return }
                if isOnLoop {
                    startOnLoop(sleeper, for: duration)
                } else {
                    submit { self.startOnLoop(sleeper, for: duration) }
                }
            }
        } onCancel: {
            sleeper.wake(.cancelled)
            submit { self.forgetOnLoop(sleeper) }
        }
        if woke == .cancelled { throw CancellationError() }
    }

    /// Runs `operation` and cancels it when `limit` has passed first, then throws `DeadlineExceeded`.
    ///
    /// The operation must react to cancellation: the call returns only after it has ended.
    public func withDeadline<Result: Sendable>(
        _ limit: Duration, _ operation: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await operation() }
            group.addTask {
                try await self.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let result = first else { throw DeadlineExceeded(limit: limit) }
            return result
        }
    }

    private func startOnLoop(_ sleeper: Sleeper, for duration: Duration) {
        guard sleeper.isWaiting else { return }
        sleeper.token = machine.timers.insert(deadline: Self.deadline(after: duration), .wake(sleeper))
    }

    private func forgetOnLoop(_ sleeper: Sleeper) {
        if let token = sleeper.token { machine.timers.cancel(token) }
    }
}

/// One suspended task: woken by its timer or by its cancellation, whichever comes first.
final class Sleeper: @unchecked Sendable {
    // Sendable because the state is locked and `token` is touched only on the loop.

    enum Reason: Sendable {
        case timer
        case cancelled
    }

    private enum State {
        case new
        case waiting(UnsafeContinuation<Reason, Never>)
        case woken(Reason)
    }

    var token: TimerToken?
    private let state = Mutex(State.new)

    var isWaiting: Bool {
        state.withLock { if case .waiting = $0 { true } else { false } }
    }

    /// False, and the continuation is resumed, if the sleeper was woken before it slept.
    func wait(_ continuation: UnsafeContinuation<Reason, Never>) -> Bool {
        let early = state.withLock { state -> Reason? in
            if case .woken(let reason) = state { return reason }
            state = .waiting(continuation)
            return nil
        }
        guard let early else { return true }
        continuation.resume(returning: early)
        return false
    }

    func wake(_ reason: Reason) {
        let continuation = state.withLock { state -> UnsafeContinuation<Reason, Never>? in
            switch state {
            case .new:
                state = .woken(reason)
                return nil
            case .waiting(let continuation):
                state = .woken(reason)
                return continuation
            case .woken:
                return nil
            }
        }
        continuation?.resume(returning: reason)
    }
}
