/// How many units are worked on side by side, between two bounds: as many as there is work for, while the machine's processors
/// stay near their target.
///
/// Pure. One step up or down at a time, so that each is measured before the next.
struct PoolSize: Sendable, Equatable {
    /// Share of the processors that may be busy.
    static let target = 0.7
    /// Steps down are taken only this far above the target, for else the size would swing.
    static let tolerance = 0.15
    /// Work that waits is worth another slot when it would take the present ones longer than this.
    static let acceptableDelaySeconds = 15.0

    var bounds: ClosedRange<Int>

    /// What is measured.
    struct Load: Sendable, Equatable {
        var running: Int
        /// Share of all processors that is busy, 0 to 1, whoever uses them.
        var processor: Double
        /// Work that waits, in seconds of output.
        var backlogSeconds: Double
        /// Seconds of work per second of output.
        var pace: Double
    }

    /// The size that follows `current`.
    func next(after current: Int, _ load: Load) -> Int {
        func bounded(_ size: Int) -> Int { min(max(size, bounds.lowerBound), bounds.upperBound) }
        guard current == bounded(current) else { return bounded(current) }
        if load.processor > Self.target + Self.tolerance { return bounded(current - 1) }
        guard load.running >= current else {
            return load.backlogSeconds > 0 ? current : bounded(max(load.running, current - 1))
        }
        let delay = load.backlogSeconds * load.pace / Double(max(1, current))
        let share = load.processor * Double(current + 1) / Double(max(1, current))
        return delay > Self.acceptableDelaySeconds && share <= Self.target ? bounded(current + 1) : current
    }
}
