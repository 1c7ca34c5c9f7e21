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
    /// For a variant: the names by which the response is known to vary (`VariantSelection.names`).
    let variesBy: [UInt8]
    /// The purge sequence when the fill began: a later purge that covers the object keeps it out of the store.
    let fence: PurgeSequence
    private let budget: FillBudget
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
        /// A slice was asked for and the whole object comes: wait there.
        case continued(in: Fill)
        /// The object is not to be had in slices: ask for the whole.
        case wholeWanted
        /// The object is too large to be stored whole: ask for slices.
        case sliced
    }

    private struct Shared {
        var phase = Phase.awaitingHead
        var hints: [InterimHead] = []
        var window = FillWindow()
        var hubs: [FillHub] = []
        var notices: [FillNotice] = []
        /// Clients that read or wait.
        var readers = 0
        /// Whether the filling loop reads no further until there is room.
        var isStalled = false
        /// Tells the filling loop that there may be room, or nobody left to read.
        var onRoom: (@Sendable () -> Void)?
        /// Keeps what the store has of an object that it will not have whole, until the last reader has gone.
        var kept: KeptChunks?

        /// Lets go of what the window may not hold and notes whether that was enough.
        mutating func trim(_ budget: FillBudget) {
            let before = window.body.heldBytes
            isStalled = window.trim(to: budget.allowance)
            budget.add(window.body.heldBytes - before)
        }

        /// Where a reader stands that has nothing to read now.
        func rest(at position: Int, upTo end: Int?) -> Step {
            if let end, position >= end { return .finished }
            return switch phase {
            case .complete: position >= window.body.count ? .finished : .wait
            case .streaming: .wait
            default: .broken
            }
        }
    }

    init(key: [UInt8], variesBy: [UInt8] = [], fence: PurgeSequence, budget: FillBudget) {
        self.key = key
        self.variesBy = variesBy
        self.fence = fence
        self.budget = budget
        shared = Mutex(Shared())
    }

    deinit {
        budget.add(-shared.withLock { $0.window.body.heldBytes })
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

    /// Whether all bytes are here and the response is not fresh (any more), so that it must not be used without asking.
    func isOver(at now: Int64) -> Bool {
        if case .complete(let head) = phase { return head.freshUntil <= now }
        return false
    }

    /// Bytes published so far.
    var byteCount: Int { shared.withLock { $0.window.body.count } }

    // MARK: Reading

    /// What a waiter at `position` can do now.
    enum Step {
        case write(FillBody.Piece, Range<Int>)
        /// From the store: the chunk, its size, and the range within it.
        case read(ObjectID, chunk: Int, byteCount: Int, Range<Int>)
        case wait
        case finished
        case broken
        /// The bytes have left the window and the store does not have them.
        case lost
    }

    /// The next bytes from `position`, up to `end` (`nil`: the end of the object). Asking says that all before it was
    /// taken.
    func step(from position: Int, upTo end: Int?) -> Step {
        let (step, onRoom) = shared.withLock { shared -> (Step, (@Sendable () -> Void)?) in
            shared.window.passed(position)
            let step: Step =
                switch shared.window.step(from: position, upTo: end ?? .max) {
                case .write(let piece, let range): .write(piece, range)
                case .read(let id, let chunk, let count, let range): .read(id, chunk: chunk, byteCount: count, range)
                case .lost: .lost
                case .wait: shared.rest(at: position, upTo: end)
                }
            guard shared.isStalled else { return (step, nil) }
            shared.trim(budget)
            return (step, shared.isStalled ? nil : shared.onRoom)
        }
        onRoom?()
        return step
    }

    /// Whether a response may begin at `position`: its bytes are here, in the store, or still to come.
    func canServe(from position: Int) -> Bool {
        shared.withLock { shared in
            if case .lost = shared.window.step(from: position, upTo: .max) { return false }
            return true
        }
    }

    /// Whether who comes now cannot be served from the start.
    var hasLostStart: Bool { shared.withLock { $0.window.hasLostStart } }

    // MARK: Waiters

    /// Adds a waiter on its own loop; it is woken at every change from now on.
    func join(_ waiter: any FillWaiter, onLoop loop: EventLoop) -> FillHub {
        loop.assertOnLoop()
        let hub = hub(of: loop)
        hub.addOnLoop(waiter)
        return hub
    }

    func leave(_ waiter: any FillWaiter, onLoop loop: EventLoop) {
        loop.assertOnLoop()
        let hub = shared.withLock { shared in shared.hubs.first { $0.loop === loop } }
        guard let hub, hub.removeOnLoop(waiter) else { return }
        let onRoom = shared.withLock { shared in
            shared.readers -= 1
            return shared.readers == 0 && shared.isStalled ? shared.onRoom : nil
        }
        onRoom?()
    }

    private func hub(of loop: EventLoop) -> FillHub {
        shared.withLock { shared in
            shared.readers += 1
            if let hub = shared.hubs.first(where: { $0.loop === loop }) { return hub }
            let hub = FillHub(loop)
            shared.hubs.append(hub)
            return hub
        }
    }

    // MARK: Filling

    /// Whether the filling loop may read on.
    enum Room {
        case free
        /// Not before `onRoom` is called.
        case stalled
        /// Never: the store does not take the object and nobody reads it.
        case deserted
    }

    /// `body` is called on any thread after `.stalled`, when it is worth asking for `room` again.
    func watchRoom(_ body: @escaping @Sendable () -> Void) {
        shared.withLock { $0.onRoom = body }
    }

    /// Publishes bytes. Only the filling loop calls it.
    func append(_ bytes: UnsafeRawBufferPointer, expected: Int?) -> Room {
        let (room, hubs) = change { shared in
            shared.window.append(bytes, expected: expected)
        }
        wake(hubs)
        return room
    }

    /// The store takes the object under this number.
    func opened(_ id: ObjectID) {
        _ = change { $0.window.open(id) }
    }

    /// The store has committed this many whole chunks.
    func committed(_ chunks: Int) -> Room {
        change { $0.window.committed(chunks) }.room
    }

    /// The store does not take the object (any more). What it has taken stays readable as long as there are readers.
    func storeRefused(keeping writer: ObjectWriter?) -> Room {
        change { shared in
            shared.kept = writer.map(KeptChunks.init)
            shared.window.storeRefused()
        }.room
    }

    /// Lets `notice` know when the store has the object, or that it never will, at the latest when the fill is gone.
    func watch(_ notice: FillNotice) {
        shared.withLock { $0.notices.append(notice) }
    }

    /// The store has the whole object. Small bodies that have no chunks of their own stay in memory.
    func stored(inlineBytes: Int) {
        _ = change { shared in
            if shared.window.body.count > inlineBytes { shared.window.stored() }
        }
        let (notices, count) = shared.withLock { shared in
            defer { shared.notices = [] }
            return (shared.notices, shared.window.body.count)
        }
        for notice in notices { notice.stored(bytes: count) }
    }

    /// Whether there is room by now.
    func room() -> Room {
        change { _ in }.room
    }

    /// Publishes a change of phase. Only the filling loop calls it.
    func enter(_ phase: Phase) {
        wake(
            shared.withLock { shared in
                shared.phase = phase
                return shared.hubs
            })
    }

    /// Changes the window and makes room in it.
    private func change(_ body: (inout Shared) -> Void) -> (room: Room, hubs: [FillHub]) {
        shared.withLock { shared in
            let before = shared.window.body.heldBytes
            body(&shared)
            budget.add(shared.window.body.heldBytes - before)
            shared.trim(budget)
            if !shared.isStalled { return (.free, shared.hubs) }
            return (shared.readers == 0 && !shared.window.isBacked ? .deserted : .stalled, shared.hubs)
        }
    }

    private func wake(_ hubs: [FillHub]) {
        for hub in hubs { hub.wake(for: self) }
    }
}
