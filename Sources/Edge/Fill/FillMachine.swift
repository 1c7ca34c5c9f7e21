/// Decides what a fill does with each event of its origin's response.
///
/// It holds no socket, lock or bytes, so every path through a fill is tested as plain values.
///
///     awaitingHead ─storable→ streaming(stored) ─end→ ended (commit)
///          │                      └─short, over-long or failed→ ended (nothing stored, waiters cut)
///          ├─shareable→ streaming(shared) ─end→ ended
///          ├─for one client only→ relaying ─end→ ended
///          ├─not modified, stale allowed, too large, refused→ ended
///          └─failed→ ended
struct FillMachine: Equatable {
    /// What the response head means for the cache.
    enum Verdict: Equatable {
        /// Stored, and streamed to everybody who waits; `length` when the origin announced one.
        case store(length: Int?)
        /// Streamed to everybody who waits, but not stored: an error, for example.
        case share(length: Int?)
        /// For the client that asked, and nobody else: private or uncacheable.
        case alone
        /// Nothing to share and nothing to relay: each client asks for itself.
        case release
        /// 304 to our own condition: the stored object is current again.
        case notModified
        /// A server error.
        case serverError(length: Int?)
    }

    enum HeadAction: Equatable {
        /// Open a writer in the store, tell the waiters.
        case stream(storing: Bool)
        /// Hand the response to the client that asked; all others ask for themselves.
        case relay
        /// Drop the response; every waiter asks for itself.
        case releaseWaiters
        /// Drop the response, which is too large to be stored whole; waiters try to have it in slices.
        case slice
        /// Extend the stored object, drop the response.
        case refresh
        /// Drop the response; waiters serve the stale object they hold.
        case serveStale
    }

    enum BodyAction: Equatable {
        case append(storing: Bool)
        /// More than may be stored: stream on, but store nothing.
        case appendStoringNoMore
        case relay
        /// More than announced: cut the waiters, stop the origin, store nothing.
        case overrun
        case ignore
    }

    enum EndAction: Equatable {
        case commit
        case finishShared
        case relay
        /// Fewer bytes than announced: cut the waiters, store nothing.
        case truncated
        case ignore
    }

    enum FailureAction: Equatable {
        /// No waiter has a byte yet.
        case failWaiters
        case serveStale
        /// Waiters have begun: only closing their connections tells them the truth.
        case cutWaiters
        case relay
        case ignore
    }

    private enum State: Equatable {
        case awaitingHead
        case streaming(storing: Bool, expected: Int?, received: Int)
        case relaying
        case ended
    }

    private var state = State.awaitingHead
    /// Most bytes a stored object may have.
    private let objectLimit: Int
    /// Whether waiters hold an object that may be served when the origin fails.
    private let hasStale: Bool

    init(objectLimit: Int, hasStale: Bool) {
        self.objectLimit = objectLimit
        self.hasStale = hasStale
    }

    /// Whether a client that comes now can still be served by this fill.
    var acceptsWaiters: Bool {
        switch state {
        case .awaitingHead, .streaming: true
        case .relaying, .ended: false
        }
    }

    /// A final response head arrived.
    ///
    /// `canRelay` says whether the client that asked is still there and wants the whole.
    mutating func headArrived(_ verdict: Verdict, canRelay: Bool) -> HeadAction {
        precondition(state == .awaitingHead, "a second response to one fill")
        switch verdict {
        case .store(let length):
            if let length, length > objectLimit { return leave(with: .slice) }
            state = .streaming(storing: true, expected: length, received: 0)
            return .stream(storing: true)
        case .share(let length):
            state = .streaming(storing: false, expected: length, received: 0)
            return .stream(storing: false)
        case .alone:
            if canRelay {
                state = .relaying
                return .relay
            }
            return leave(with: .releaseWaiters)
        case .release: return leave(with: .releaseWaiters)
        case .notModified: return leave(with: .refresh)
        case .serverError(let length):
            return hasStale ? leave(with: .serveStale) : headArrived(.share(length: length), canRelay: canRelay)
        }
    }

    /// Body bytes arrived.
    mutating func bodyArrived(_ count: Int) -> BodyAction {
        switch state {
        case .streaming(let storing, let expected, let received):
            let total = received + count
            if let expected, total > expected {
                state = .ended
                return .overrun
            }
            let mayStore = storing && total <= objectLimit
            state = .streaming(storing: mayStore, expected: expected, received: total)
            return storing && !mayStore ? .appendStoringNoMore : .append(storing: storing)
        case .relaying: return .relay
        case .awaitingHead, .ended: return .ignore
        }
    }

    /// The origin says the body is complete.
    mutating func bodyEnded() -> EndAction {
        defer { state = .ended }
        switch state {
        case .streaming(let storing, let expected, let received):
            if let expected, expected != received { return .truncated }
            return storing ? .commit : .finishShared
        case .relaying: return .relay
        case .awaitingHead, .ended: return .ignore
        }
    }

    /// The origin could not be reached, was too slow, or broke off.
    mutating func failed() -> FailureAction {
        defer { state = .ended }
        return switch state {
        case .awaitingHead: hasStale ? .serveStale : .failWaiters
        case .streaming: .cutWaiters
        case .relaying: .relay
        case .ended: .ignore
        }
    }

    private mutating func leave(with action: HeadAction) -> HeadAction {
        state = .ended
        return action
    }
}
