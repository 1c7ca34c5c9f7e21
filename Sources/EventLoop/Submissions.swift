internal import CLinux
internal import Glibc
internal import Synchronization

/// Work that other threads hand to a loop, and the bell that wakes it.
///
/// The loop says under the lock that it is about to sleep; only then does a submitter pay for the eventfd write, so a busy
/// loop is never rung. The eventfd is registered edge-triggered and therefore never read.
final class Submissions: Sendable {
    enum Work {
        case job(UnownedJob)
        case closure(@Sendable () -> Void)
    }

    enum Acceptance {
        case taken
        case closed
    }

    private struct State {
        var waiting: [Work] = []
        var isAsleep = false
        var isClosed = false
    }

    let bell: Int32
    private let state = Mutex(State())

    init() throws(SystemError) {
        bell = weir_eventfd()
        guard bell >= 0 else { throw .last("create an eventfd") }
    }

    deinit {
        close(bell)
    }

    @discardableResult
    func submit(_ work: Work) -> Acceptance {
        let (acceptance, ring) = state.withLock { state -> (Acceptance, Bool) in
            if state.isClosed { return (.closed, false) }
            state.waiting.append(work)
            defer { state.isAsleep = false }
            return (.taken, state.isAsleep)
        }
        if ring { _ = weir_eventfd_signal(bell) }
        return acceptance
    }

    /// Declares the loop asleep unless work waits.
    ///
    /// True if it may sleep.
    func prepareToSleep() -> Bool {
        state.withLock { state in
            state.isAsleep = state.waiting.isEmpty
            return state.isAsleep
        }
    }

    /// Moves what waits behind `queue`; declares the loop awake.
    func take(into queue: inout [Work]) {
        state.withLock { state in
            state.isAsleep = false
            if state.waiting.isEmpty { return }
            if queue.isEmpty {
                swap(&queue, &state.waiting)
            } else {
                queue.append(contentsOf: state.waiting)
                state.waiting.removeAll(keepingCapacity: true)
            }
        }
    }

    /// Refuses further work if none waits.
    ///
    /// True once closed.
    func closeIfEmpty() -> Bool {
        state.withLock { state in
            if state.waiting.isEmpty { state.isClosed = true }
            return state.isClosed
        }
    }
}
