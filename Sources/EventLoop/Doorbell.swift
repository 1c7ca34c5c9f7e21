internal import Synchronization

/// Wakes tasks that wait for something to look at; it carries no data, so the waker never waits.
///
/// A ring between two looks is not lost: a waiter names the last ring it knows.
public final class Doorbell: Sendable {
    private struct State {
        var rings: UInt64 = 0
        var nextWaiter: UInt64 = 0
        var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
        // Released before they began to wait: the alarm or a cancellation was faster.
        var released: Set<UInt64> = []
    }

    private let state = Mutex(State())

    /// A bell nobody has rung.
    public init() {}

    /// How often it was rung.
    public var rings: UInt64 { state.withLock { $0.rings } }

    /// Wakes everyone who waits.
    public func ring() {
        let waiters = state.withLock { state in
            state.rings += 1
            let waiters = state.waiters
            state.waiters = [:]
            return waiters
        }
        for waiter in waiters.values { waiter.resume() }
    }

    /// Returns once the bell was rung after ring number `known`, the time is over, or the task is cancelled.
    public func wait(after known: UInt64, upTo limit: Duration) async {
        guard limit > .zero, !Task.isCancelled else { return }
        let ticket = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        let alarm = Task {
            try? await Task.sleep(for: limit)
            release(ticket)
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    guard state.rings == known, !state.released.contains(ticket) else { return true }
                    state.waiters[ticket] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            release(ticket)
        }
        alarm.cancel()
        _ = state.withLock { $0.released.remove(ticket) }
    }

    private func release(_ ticket: UInt64) {
        state.withLock { state in
            state.released.insert(ticket)
            return state.waiters.removeValue(forKey: ticket)
        }?.resume()
    }
}
