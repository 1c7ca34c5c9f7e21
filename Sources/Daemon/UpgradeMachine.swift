/// The predecessor's side of an upgrade, without processes or clocks: events in, what to do next out.
///
///     serving ─request→ preparing ─prepared→ releasing ─released→ opening ─ready→ starting ─serving→ handedOver
///        ▲                  │ failed            │ failed             │ failed        │ failed
///        │                  ▼                   ▼ (after released)   ▼               ▼
///     resuming ◀────────────────────────────── ending ◀───────────────────────────────
///     any ──stop──▶ the successor is killed, then the process stops; after the hand-over it has less time to drain
struct UpgradeMachine {
    enum State: Equatable {
        case serving
        /// The successor reads its configuration and binds what is new.
        case preparing
        /// Accepting is on hold and the data is being released.
        case releasing
        /// The successor opens the data.
        case opening
        /// The successor begins to accept.
        case starting([String])
        /// The successor is being killed.
        case ending
        /// This process takes its role back.
        case resuming
        case handedOver
        case stopped
    }

    enum Action: Equatable {
        case nothing
        /// Start the successor.
        case launch
        /// Hold accepting and release the data.
        case release
        /// Say that the data may be opened.
        case open
        /// Say that connections may be accepted.
        case serve
        /// Leave these listeners to the successor, and drain.
        case handOver([String])
        /// Kill the successor and wait for its end.
        case kill
        /// Take the data back if it was released, and accept again.
        case resume(wasReleased: Bool)
        /// Tell whoever asked that it did not work.
        case report(String)
        case stop
    }

    /// Why a request is refused.
    struct Refused: Error, Equatable {
        let reason: String
    }

    private(set) var state = State.serving
    /// Whether this process may change the data. False after an upgrade that failed when the successor had opened it.
    private(set) var ownsData = true
    private var failure: String?
    private var isStopping = false

    mutating func request() throws(Refused) -> Action {
        switch state {
        case .serving:
            failure = nil
            state = .preparing
            return .launch
        case .preparing, .releasing, .opening, .starting, .ending, .resuming:
            throw Refused(reason: "an upgrade is under way already")
        case .handedOver, .stopped:
            throw Refused(reason: "this process is stopping; its successor can be upgraded")
        }
    }

    mutating func said(_ message: HandOverMessage) -> Action {
        switch (state, message) {
        case (.preparing, .prepared):
            state = .releasing
            return .release
        case (.opening, .ready(let listeners)):
            state = .starting(listeners)
            return .serve
        case (.starting(let listeners), .serving):
            state = .handedOver
            return .handOver(listeners)
        case (.preparing, .failed(let reason)), (.releasing, .failed(let reason)), (.opening, .failed(let reason)),
            (.starting, .failed(let reason)):
            return failed(reason)
        case (.ending, _), (.resuming, _), (.serving, _), (.handedOver, _), (.stopped, _):
            return .nothing
        case (.preparing, _), (.releasing, _), (.opening, _), (.starting, _):
            return failed("it said \"\(message.text)\", which is not its turn")
        }
    }

    mutating func released() -> Action {
        guard state == .releasing else { return .nothing }
        ownsData = false
        if failure != nil || isStopping {
            state = .ending
            return .kill
        }
        state = .opening
        return .open
    }

    /// The successor could not be started, takes too long, or has ended. While the data is being released that has to be
    /// waited for.
    mutating func failed(_ reason: String) -> Action {
        switch state {
        case .preparing, .opening, .starting:
            failure = reason
            state = .ending
            return .kill
        case .releasing:
            failure = failure ?? reason
            return .nothing
        case .serving, .ending, .resuming, .handedOver, .stopped:
            return .nothing
        }
    }

    /// The successor's process is no more.
    mutating func ended() -> Action {
        guard state == .ending else { return .nothing }
        if isStopping {
            state = .stopped
            return .stop
        }
        state = .resuming
        return .resume(wasReleased: !ownsData)
    }

    /// - Parameter problem: why the data could not be taken back; this process then serves without changing it.
    mutating func resumed(problem: String?) -> Action {
        guard state == .resuming else { return .nothing }
        ownsData = problem == nil
        if isStopping {
            state = .stopped
            return .stop
        }
        state = .serving
        return .report(failure ?? "it failed")
    }

    mutating func stop() -> Action {
        switch state {
        case .serving, .handedOver:
            state = .stopped
            return .stop
        case .preparing, .opening, .starting:
            isStopping = true
            state = .ending
            return .kill
        case .releasing, .ending, .resuming:
            isStopping = true
            return .nothing
        case .stopped:
            return .nothing
        }
    }
}
