internal import Catalog
internal import Synchronization
public import Telemetry

/// What is exported of the queue: how much waits, so that workers can be added and taken away, and what goes wrong.
public enum WorkMetricTable {
    static let backlog = MetricDeclaration(
        "weir_origin_work_backlog_seconds", .gauge, unit: "seconds",
        help: """
            Effort of the units that wait (queued) or are being done (leased), in seconds of output: a second of 1280x720 at \
            30 frames per second is one. An upload that nobody has looked into counts one second per 500,000 bytes. Divided by \
            what the workers make per second it is the time until the queue is empty; scale the number of workers by it.
            """, labels: ["state"])
    static let units = MetricDeclaration(
        "weir_origin_work_units", .gauge, unit: "units",
        help: "Units of work that are not done, by state: queued, leased, dead, cancelled.", labels: ["state"])
    static let jobs = MetricDeclaration(
        "weir_origin_jobs", .gauge, unit: "jobs",
        help: "Jobs that are not done, by state: queued (not begun), running, dead (given up).", labels: ["state"])
    static let retries = MetricDeclaration(
        "weir_origin_work_retries_total", .counter, unit: "units",
        help: "Attempts at a unit that failed or went silent and are followed by another.")
    static let dead = MetricDeclaration(
        "weir_origin_dead_jobs_total", .counter, unit: "jobs",
        help: "Jobs that were given up; the reason is in the list of jobs and in the log.")

    /// All of them.
    public static let all = [backlog, units, jobs, retries, dead]
}

/// The queue's figures.
public final class WorkMetrics: Sendable {
    private static let unitStates: [JobUnit.State] = [.queued, .leased, .dead, .cancelled]
    private static let jobStates: [Job.State] = [.queued, .running, .dead]
    private static let refreshMilliseconds: Int64 = 2_000

    private let backlog: [JobUnit.State: Gauge]
    private let units: [JobUnit.State: Gauge]
    private let jobs: [Job.State: Gauge]
    private let retries: Counter
    private let dead: Counter
    private let measuredAt = Mutex<Int64?>(nil)

    /// Declares the figures in `registry`; each is there from the start, so that none is a number too.
    public init(_ registry: MetricsRegistry) {
        registry.declare(WorkMetricTable.all)
        func gauges<State: RawRepresentable<String> & Hashable>(
            _ declaration: MetricDeclaration, _ states: [State]
        ) -> [State: Gauge] {
            Dictionary(uniqueKeysWithValues: states.map { ($0, registry.gauge(declaration, $0.rawValue)) })
        }
        backlog = gauges(WorkMetricTable.backlog, [.queued, .leased])
        units = gauges(WorkMetricTable.units, Self.unitStates)
        jobs = gauges(WorkMetricTable.jobs, Self.jobStates)
        retries = registry.counter(WorkMetricTable.retries)
        dead = registry.counter(WorkMetricTable.dead)
    }

    /// Whether the figures are old enough to be taken again; they then count as taken.
    func isDue(at now: Int64) -> Bool {
        measuredAt.withLock { measuredAt in
            if let last = measuredAt, now - last < Self.refreshMilliseconds { return false }
            measuredAt = now
            return true
        }
    }

    func set(units loads: [JobUnit.State: UnitLoad], jobs counts: [Job.State: Int]) {
        for (state, gauge) in backlog { gauge.set(Int64((loads[state]?.effortSeconds ?? 0).rounded())) }
        for (state, gauge) in units { gauge.set(Int64(loads[state]?.count ?? 0)) }
        for (state, gauge) in jobs { gauge.set(Int64(counts[state] ?? 0)) }
    }

    /// An attempt ended without success.
    func ended(_ outcome: JobOutcome) {
        if outcome == .requeued { retries.add() }
        if outcome == .dead { died() }
    }

    /// A job was given up.
    func died() { dead.add() }
}
