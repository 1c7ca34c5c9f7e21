internal import EventLoop

/// A deadline that moves often and rarely fires: moving it costs an assignment. Loop-confined.
final class Watchdog {
    private static let never = UInt64.max

    private let loop: EventLoop
    private var deadline = never
    private var token: TimerToken?
    private var scheduledFor = never
    private var expire: (() -> Void)?

    init(_ loop: EventLoop) {
        self.loop = loop
    }

    /// Calls `body` on the loop when `duration` has passed without another `start` or `stop`.
    func startOnLoop(_ duration: Duration, _ body: @escaping () -> Void) {
        expire = body
        extendOnLoop(duration)
    }

    /// Moves the deadline of the running watch.
    func extendOnLoop(_ duration: Duration) {
        guard expire != nil else { return }
        deadline = loop.nowNanoseconds &+ duration.nanosecondsClamped
        if token == nil || scheduledFor > deadline { scheduleOnLoop() }
    }

    /// Forgets the deadline until the next `extendOnLoop` or `startOnLoop`.
    func pauseOnLoop() {
        deadline = Self.never
    }

    /// Ends the watch and releases what it would have called.
    func stopOnLoop() {
        deadline = Self.never
        expire = nil
        if let token { loop.cancelOnLoop(token) }
        token = nil
    }

    private func scheduleOnLoop() {
        if let token { loop.cancelOnLoop(token) }
        scheduledFor = deadline
        let now = loop.nowNanoseconds
        let delay = deadline > now ? deadline - now : 0
        token = loop.scheduleOnLoop(after: .nanoseconds(Int64(clamping: delay))) { [weak self] in
            guard let self else { return }
            token = nil
            if deadline == Self.never { return }
            if loop.nowNanoseconds < deadline { return scheduleOnLoop() }
            let expire = expire
            stopOnLoop()
            expire?()
        }
    }
}
