internal import EventLoop

/// What a throttle says before a source produces.
public enum BodyAllowance: Sendable, Equatable {
    /// So many bytes may go out now; at least one.
    case bytes(Int)
    /// Nothing may; to be asked again when this has passed.
    case after(Duration)
}

/// Holds a response body back, so that it goes out no faster than it may. All calls come on the exchange's loop.
///
/// Heads and whole responses are never held back: their bytes are counted, and what follows pays for them.
public protocol BodyThrottle: AnyObject {
    /// Asked before each turn of the source. No timer runs and nothing is asked while the socket is full.
    func allowanceOnLoop() -> BodyAllowance
    /// Body bytes have gone out.
    func spentOnLoop(_ bytes: Int)
}

extension Exchange {
    /// Whether the body has to wait; a timer then goes on with it.
    func isHeldBackOnLoop(by throttle: any BodyThrottle) -> Bool {
        switch throttle.allowanceOnLoop() {
        case .bytes(let bytes):
            allowance = bytes
            return false
        case .after(let delay):
            hold = loop.scheduleOnLoop(after: delay) { [self] in
                hold = nil
                pumpOnLoop()
            }
            transport?.flushOnLoop()
            return true
        }
    }

    /// Forgets throttle and timer at the end of the exchange.
    func releaseThrottleOnLoop() {
        throttle = nil
        if let hold { loop.cancelOnLoop(hold) }
        hold = nil
    }
}
