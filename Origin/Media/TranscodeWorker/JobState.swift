internal import EventLoop
internal import Synchronization

/// What the heartbeat and the run of one job share: how far it is, when it last moved, and why it must stop.
final class JobState: Sendable {
    /// Why a running job is ended from outside.
    enum Stop: Sendable, Equatable {
        /// Another worker may have it.
        case leaseLost
        /// This worker shuts down.
        case draining
        /// It used up its time.
        case outOfTime
        /// Its child has been silent for too long.
        case hung
    }

    private struct Fields {
        var phase = "probing"
        var progress = 0.0
        var movedAt: UInt64
        var child: (any TranscodeProcess)?
        var stop: Stop?
    }

    private let fields: Mutex<Fields>

    init() { fields = Mutex(Fields(movedAt: MonotonicClock.nanoseconds())) }

    var report: (phase: String, progress: Double) { fields.withLock { ($0.phase, $0.progress) } }

    var stop: Stop? { fields.withLock { $0.stop } }

    /// Seconds since the last sign of life.
    var silentSeconds: Int {
        let movedAt = fields.withLock { $0.movedAt }
        return Int((MonotonicClock.nanoseconds() - movedAt) / 1_000_000_000)
    }

    /// Notes a sign of life.
    func moved(phase: String? = nil, progress: Double? = nil) {
        fields.withLock { fields in
            fields.movedAt = MonotonicClock.nanoseconds()
            if let phase { fields.phase = phase }
            if let progress { fields.progress = progress }
        }
    }

    /// Puts `child` under this state's control; false (and the child is killed) when a stop has come before.
    func adopt(_ child: any TranscodeProcess) -> Bool {
        let stopped = fields.withLock { fields in
            if fields.stop == nil { fields.child = child }
            return fields.stop != nil
        }
        if stopped { child.kill() }
        return !stopped
    }

    /// Lets go of a child that has ended, so that its number is never signalled again.
    func release() { fields.withLock { $0.child = nil } }

    /// Stops the job; the first reason counts.
    func end(_ reason: Stop) {
        fields.withLock { fields in
            if fields.stop == nil { fields.stop = reason }
            fields.child?.kill()
        }
    }
}
