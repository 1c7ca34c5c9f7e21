import EventLoop
import HTTPClient
import Telemetry
import Transport

/// How fast the origin is read: no faster than there is room, no slower than is decent.
extension FillDriver {
    /// Reads on, or not, and gives up what nobody wants any more.
    func flowOnLoop(_ room: Fill.Room) -> Flow {
        switch room {
        case .free: isStalled = false
        case .stalled: isStalled = true
        case .deserted:
            endOnLoop(.released)
            return .more
        }
        if writer == nil, fill.hasLostStart { core.fills.remove(fill) }
        guard isStalled || isPausedByStore else { return .more }
        pace.paused()
        return .pause
    }

    func resumeOnLoop(_ room: Fill.Room) {
        guard exchange != nil, flowOnLoop(room) == .more else { return }
        exchange?.resumeOnLoop()
    }

    /// Watches what stops and slows a body from here on.
    func watchOnLoop() {
        let driver = weaklyBound
        fill.watchRoom { driver.loop.submit { driver.valueOnLoop.driver?.roomChangedOnLoop() } }
        watchPaceOnLoop()
    }

    private func roomChangedOnLoop() {
        resumeOnLoop(fill.room())
    }

    private func watchPaceOnLoop() {
        paceTimer = loop.scheduleOnLoop(after: .seconds(FillPace.intervalSeconds)) { [weak self] in
            self?.paceIntervalEndedOnLoop()
        }
    }

    private func paceIntervalEndedOnLoop() {
        guard let exchange else { return }
        if pace.intervalEnded(isPaused: isStalled || isPausedByStore) { return watchPaceOnLoop() }
        let error = ClientError(
            kind: .idleTimeout, side: .upstream, retry: .no,
            message: "\(route.group.id) sends too slowly or for too long")
        core.metrics.originFailed(route.group.id, kind: error.kind.description)
        core.log.originFailed(route.group.id, path: fill.key, error: error)
        exchange.cancelOnLoop()
        failedOnLoop(error)
    }

    func stopWatchOnLoop() {
        if let paceTimer { loop.cancelOnLoop(paceTimer) }
        paceTimer = nil
    }
}
