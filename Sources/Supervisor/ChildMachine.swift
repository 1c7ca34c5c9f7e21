/// The life of one supervised process, without processes or clocks: events in, what to do next out.
///
///     idle ──start──▶ starting ──saidReady──▶ ready
///                        │  ▲                   │
///                     exited └─backOffElapsed─┐ exited
///                        ▼                    │ ▼
///                     backingOff ─────────────┘
///     any ──shutDown──▶ stopping ──exited──▶ stopped
struct ChildMachine {
    enum State: Equatable {
        case idle, starting, ready, backingOff, stopping, stopped
    }

    enum Action: Equatable {
        case nothing
        case spawn
        /// The process serves; `again` tells a restart from the first start.
        case announceReady(again: Bool)
        case restart(after: Duration)
        /// It never served, and another try would end the same way.
        case giveUp
        case terminate
        case finished
    }

    /// `sysexits.h`: the configuration was refused.
    static let configurationRefused: Int32 = 78
    /// How often a process may end before it has ever served.
    static let triesToServe = 5
    static let firstDelay: Duration = .milliseconds(250)
    static let longestDelay: Duration = .seconds(30)
    /// Serving this long ends a series of failures.
    static let steadyAfter: Duration = .seconds(60)

    private(set) var state = State.idle
    private var failuresInARow = 0
    private var hasServed = false

    mutating func start() -> Action {
        state = .starting
        return .spawn
    }

    mutating func saidReady() -> Action {
        guard state == .starting else { return .nothing }
        state = .ready
        defer { hasServed = true }
        return .announceReady(again: hasServed)
    }

    /// - Parameters:
    ///   - exitCode: `nil` when a signal ended the process.
    ///   - lifetime: from spawn to exit.
    mutating func exited(exitCode: Int32?, after lifetime: Duration) -> Action {
        switch state {
        case .stopping:
            state = .stopped
            return .finished
        case .idle, .backingOff, .stopped:
            return .nothing
        case .starting, .ready:
            let isHopeless = exitCode == Self.configurationRefused || failuresInARow + 1 >= Self.triesToServe
            return isHopeless ? couldNotStart(after: lifetime) : backOff(after: lifetime)
        }
    }

    /// The program could not be executed, says that its configuration is wrong, or has died again and again: worth another
    /// try only if it once served.
    mutating func couldNotStart(after lifetime: Duration = .zero) -> Action {
        if hasServed { return backOff(after: lifetime) }
        state = .stopped
        return .giveUp
    }

    private mutating func backOff(after lifetime: Duration) -> Action {
        failuresInARow = lifetime >= Self.steadyAfter ? 1 : failuresInARow + 1
        state = .backingOff
        return .restart(after: delay)
    }

    mutating func backOffElapsed() -> Action {
        guard state == .backingOff else { return .nothing }
        state = .starting
        return .spawn
    }

    mutating func shutDown() -> Action {
        switch state {
        case .starting, .ready:
            state = .stopping
            return .terminate
        case .idle, .backingOff:
            state = .stopped
            return .finished
        case .stopping, .stopped:
            return .nothing
        }
    }

    private var delay: Duration {
        let doublings = min(failuresInARow - 1, 16)
        return min(Self.firstDelay * (1 << doublings), Self.longestDelay)
    }
}
