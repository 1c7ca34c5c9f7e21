/// Seconds of work per second of output, as this worker has measured it, and the deadlines that follow from it.
///
/// Pure. A second of output is one of 1280×720 at 30 frames per second, see `WorkPlan.effortSeconds`.
struct WorkPace: Sendable {
    /// Taken until something was measured: ten seconds for one of output is slow on any machine of today.
    static let assumed = 10.0
    /// A unit may take this many times the measured pace, for content differs.
    static let patience = 20.0
    /// What every unit may take, however small: starting a process, seeking, a busy disk.
    static let leastSeconds = 300.0

    private var measured: [LeasedUnit.Kind: Double] = [:]

    /// The pace of units of `kind`; nil before the first one is done.
    func pace(of kind: LeasedUnit.Kind) -> Double? { measured[kind] }

    /// Learns from a unit that was done: each further one counts a fifth.
    mutating func learn(_ kind: LeasedUnit.Kind, effortSeconds: Double, workSeconds: Double) {
        guard effortSeconds > 0, workSeconds > 0 else { return }
        let pace = workSeconds / effortSeconds
        measured[kind] = measured[kind].map { $0 + (pace - $0) / 5 } ?? pace
    }

    /// How long a unit may take, in seconds, at most `limit`.
    func deadline(_ kind: LeasedUnit.Kind, effortSeconds: Double, limit: Int) -> Int {
        let pace = measured[kind].map { max($0 * Self.patience, 1) } ?? Self.assumed
        return Int(min(Double(limit), Self.leastSeconds + effortSeconds * pace))
    }
}
