import EventLoop
import SegmentStore
import Synchronization

/// An object on its way from the origin, as every loop may see it. It belongs to its cache key, not to the client that
/// asked first: clients come and go, the fill goes on.
///
/// One loop (the one whose client asked first) advances it; waiters of any loop join and read. What they share stands
/// behind one lock that is taken once per arrival of bytes and once per read, never on a hit.
final class Fill: Sendable {
    let key: [UInt8]
    /// The purge sequence when the fill began: a later purge that covers the object keeps it out of the store.
    let fence: PurgeSequence
    private let shared: Mutex<Shared>

    /// How far the fill is, as a waiter must know it.
    enum Phase {
        case awaitingHead
        /// Bytes arrive and may be sent on.
        case streaming(FilledHead)
        /// All bytes are here.
        case complete(FilledHead)
        /// The origin broke off after some bytes: whoever has begun is cut.
        case broken
        /// There will be no response from the origin.
        case failed(FillFailure)
        /// The origin failed and an expired object may stand in.
        case serveStale(FillFailure)
        /// The store has it, confirmed or just stored: look it up again.
        case inStore(CacheResult)
        /// The response is not for sharing: ask for yourself.
        case released
    }

    private struct Shared {
        var phase = Phase.awaitingHead
        var hints: [InterimHead] = []
        var body = FillBody()
        var hubs: [FillHub] = []
    }

    init(key: [UInt8], fence: PurgeSequence) {
        self.key = key
        self.fence = fence
        shared = Mutex(Shared())
    }

    /// Publishes an interim response. Only the filling loop calls it.
    func append(_ hint: InterimHead) {
        wake(
            shared.withLock { shared in
                shared.hints.append(hint)
                return shared.hubs
            })
    }

    /// The interim responses behind the first `count`.
    func hints(after count: Int) -> [InterimHead] {
        shared.withLock { Array($0.hints.dropFirst(count)) }
    }

    var phase: Phase { shared.withLock { $0.phase } }

    /// What a waiter at `position` can do now.
    enum Step {
        case write(FillBody.Piece, Range<Int>)
        case wait
        case finished
        case broken
    }

    /// The next bytes from `position`, up to `end` (`nil`: the end of the object).
    func step(from position: Int, upTo end: Int?) -> Step {
        shared.withLock { shared in
            if let run = shared.body.run(from: position, upTo: end ?? .max) { return .write(run.piece, run.range) }
            if let end, position >= end { return .finished }
            switch shared.phase {
            case .complete: return position >= shared.body.count ? .finished : .wait
            case .streaming: return .wait
            default: return .broken
            }
        }
    }

    /// Adds a waiter on its own loop; it is woken at every change from now on.
    func join(_ waiter: any FillWaiter, onLoop loop: EventLoop) {
        loop.assertOnLoop()
        hub(of: loop).addOnLoop(waiter)
    }

    func leave(_ waiter: any FillWaiter, onLoop loop: EventLoop) {
        loop.assertOnLoop()
        hub(of: loop).removeOnLoop(waiter)
    }

    private func hub(of loop: EventLoop) -> FillHub {
        shared.withLock { shared in
            if let hub = shared.hubs.first(where: { $0.loop === loop }) { return hub }
            let hub = FillHub(loop)
            shared.hubs.append(hub)
            return hub
        }
    }

    /// Publishes bytes. Only the filling loop calls it.
    func append(_ bytes: UnsafeRawBufferPointer, expected: Int?) {
        wake(
            shared.withLock { shared in
                shared.body.append(bytes, expected: expected)
                return shared.hubs
            })
    }

    /// Publishes a change of phase. Only the filling loop calls it.
    func enter(_ phase: Phase) {
        wake(
            shared.withLock { shared in
                shared.phase = phase
                return shared.hubs
            })
    }

    /// Bytes published so far.
    var byteCount: Int { shared.withLock { $0.body.count } }

    private func wake(_ hubs: [FillHub]) {
        for hub in hubs { hub.wake(for: self) }
    }
}
