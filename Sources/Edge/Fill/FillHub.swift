import EventLoop
import Synchronization

/// A client's side of a fill: woken on its own loop whenever the fill has changed. A waiter may be woken once more after
/// it has left.
protocol FillWaiter: AnyObject {
    func fillChangedOnLoop(_ fill: Fill)
}

/// The waiters of one fill on one loop. However many changes happen meanwhile, the loop is woken once.
final class FillHub: @unchecked Sendable {
    // Sendable: `waiters` is only touched on `loop`; the flag is atomic.
    let loop: EventLoop
    private var waiters: [any FillWaiter] = []
    private let isWakePending = Atomic<Bool>(false)

    init(_ loop: EventLoop) {
        self.loop = loop
    }

    func addOnLoop(_ waiter: any FillWaiter) {
        loop.assertOnLoop()
        waiters.append(waiter)
    }

    func removeOnLoop(_ waiter: any FillWaiter) {
        loop.assertOnLoop()
        waiters.removeAll { $0 === waiter }
    }

    /// From any thread. The flag is lowered before the waiters look, so a change after their look wakes them again.
    func wake(for fill: Fill) {
        if isWakePending.exchange(true, ordering: .acquiringAndReleasing) { return }
        loop.submit {
            self.isWakePending.store(false, ordering: .sequentiallyConsistent)
            for waiter in self.waiters { waiter.fillChangedOnLoop(fill) }
        }
    }
}
