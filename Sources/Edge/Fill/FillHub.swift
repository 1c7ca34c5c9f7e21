import EventLoop
import Synchronization

/// A client's side of a fill: woken on its own loop whenever the fill has changed. A waiter may be woken once more after
/// it has left, and waits for one fill at a time.
protocol FillWaiter: AnyObject {
    /// Where it stands among its hub's waiters; the hub's to set.
    var place: Int { get set }
    func fillChangedOnLoop(_ fill: Fill)
}

/// The waiters of one fill on one loop. However many changes happen meanwhile, the loop is woken once, and however many
/// waiters there are, each turn of the loop has time for others.
final class FillHub: @unchecked Sendable {
    // Sendable: everything but the flag is only touched on `loop`; the flag is atomic.
    let loop: EventLoop
    private var waiters: [any FillWaiter] = []
    private let isWakePending = Atomic<Bool>(false)
    /// The next waiter to be called in the round under way, counted down so that the leaving of one skips nobody.
    private var next = -1
    private var isRoundUnderWay = false
    private var isRoundDue = false

    /// Nanoseconds of a turn that a round may take.
    static let turnNanoseconds: UInt64 = 500_000

    init(_ loop: EventLoop) {
        self.loop = loop
    }

    /// Bytes a waiter may send before the others get theirs: all of a crowd begin before anyone has much.
    func shareOnLoop(isFirst: Bool) -> Int {
        max(isFirst ? 16_384 : 65_536, 4_194_304 / max(1, waiters.count))
    }

    func addOnLoop(_ waiter: any FillWaiter) {
        loop.assertOnLoop()
        waiter.place = waiters.count
        waiters.append(waiter)
    }

    /// False if it was not here.
    func removeOnLoop(_ waiter: any FillWaiter) -> Bool {
        loop.assertOnLoop()
        let place = waiter.place
        guard waiters.indices.contains(place), waiters[place] === waiter else { return false }
        waiter.place = -1
        let last = waiters.removeLast()
        if last !== waiter {
            waiters[place] = last
            last.place = place
        }
        return true
    }

    /// From any thread. The flag is lowered before the waiters look, so a change after their look wakes them again.
    func wake(for fill: Fill) {
        if isWakePending.exchange(true, ordering: .acquiringAndReleasing) { return }
        loop.submit { self.wokenOnLoop(for: fill) }
    }

    private func wokenOnLoop(for fill: Fill) {
        isWakePending.store(false, ordering: .sequentiallyConsistent)
        if isRoundUnderWay {
            isRoundDue = true
        } else {
            next = waiters.count - 1
            continueRoundOnLoop(for: fill)
        }
    }

    /// Calls waiters until all have been called or the time is up; the rest comes in the loop's next turn.
    private func continueRoundOnLoop(for fill: Fill) {
        let deadline = MonotonicClock.nanoseconds() + Self.turnNanoseconds
        isRoundUnderWay = true
        while true {
            next = min(next, waiters.count - 1)
            if next < 0 {
                guard isRoundDue else { break }
                isRoundDue = false
                next = waiters.count - 1
            } else {
                let waiter = waiters[next]
                next -= 1
                waiter.fillChangedOnLoop(fill)
            }
            if MonotonicClock.nanoseconds() >= deadline {
                loop.scheduleOnLoop(after: .zero) { self.continueRoundOnLoop(for: fill) }
                return
            }
        }
        isRoundUnderWay = false
    }
}
