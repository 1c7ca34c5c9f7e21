internal import EventLoop
internal import Synchronization

/// What the heartbeat and the run of one unit share: how far it is, when its child last moved, and why it must stop.
final class UnitState: Sendable {
    /// Why a running unit is ended from outside.
    enum Stop: Error, Sendable, Equatable {
        /// Another worker may have it.
        case leaseLost
        /// This worker shuts down.
        case draining
        /// It used up its time, in seconds.
        case outOfTime(Int)
        /// Its child has been silent for too long.
        case hung
    }

    private struct Fields {
        var progress = 0.0
        var movedAt: UInt64?
        var stop: Stop?
    }

    private let fields = Mutex(Fields())
    private let bell = Doorbell()

    /// Share of the unit that is done.
    var progress: Double { fields.withLock { $0.progress } }

    /// Seconds since the child's last sign of life; 0 before it was started.
    var silentSeconds: Int {
        guard let movedAt = fields.withLock({ $0.movedAt }) else { return 0 }
        return Int((MonotonicClock.nanoseconds() - movedAt) / 1_000_000_000)
    }

    /// Notes a sign of life.
    func moved(_ progress: Double? = nil) {
        let now = MonotonicClock.nanoseconds()
        fields.withLock { fields in
            fields.movedAt = now
            if let progress { fields.progress = max(fields.progress, progress) }
        }
    }

    /// Stops the unit; the first reason counts.
    func end(_ reason: Stop) {
        fields.withLock { fields in
            if fields.stop == nil { fields.stop = reason }
        }
        bell.ring()
    }

    /// Returns why the unit must stop as soon as it must; nil when the task is cancelled.
    func stopped() async -> Stop? {
        while !Task.isCancelled {
            let rings = bell.rings
            if let stop = fields.withLock({ $0.stop }) { return stop }
            await bell.wait(after: rings, upTo: .seconds(3600))
        }
        return nil
    }
}
