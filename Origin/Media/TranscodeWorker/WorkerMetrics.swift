internal import Daemon
internal import Synchronization
public import Telemetry

/// What is counted of a worker's units.
public enum WorkerMetricTable {
    static let units = MetricDeclaration(
        "weir_transcoder_units_total", .counter, unit: "units",
        help: """
            Units of work that ended here, by kind: done; failed for good; given back to be tried again; or lost to another \
            worker, or deleted. A worker all of whose units fail or go back is broken, or its uploads are.
            """, labels: ["kind", "outcome"])
    static let running = MetricDeclaration(
        "weir_transcoder_units_running", .gauge, unit: "units", help: "Units that are being worked on.")
    static let slots = MetricDeclaration(
        "weir_transcoder_unit_slots", .gauge, unit: "units", help: "Units that may be worked on side by side now.")
    static let leaseFailures = MetricDeclaration(
        "weir_transcoder_lease_failures_total", .counter, unit: "calls",
        help: "Calls for a unit that the origin did not answer, or refused.")
    static let backlog = MetricDeclaration(
        "weir_transcoder_backlog_seconds", .gauge, unit: "seconds",
        help: """
            Work that waits at the origin, as its last answer said, in seconds of output; a second of 1280×720 at 30 frames \
            per second counts as one.
            """)
    static let processor = MetricDeclaration(
        "weir_transcoder_processor_ratio", .gauge, unit: "ratio",
        help: "Share of the machine's processors that was busy during the last ten seconds, 0 to 1.")
    static let output = MetricDeclaration(
        "weir_transcoder_output_seconds_total", .counter, unit: "seconds",
        help: "Output of the units that were done; a second of 1280×720 at 30 frames per second counts as one.")
    static let work = MetricDeclaration(
        "weir_transcoder_work_seconds_total", .counter, unit: "seconds",
        help: "Time on the clock from lease to end of the units that were done; divided by their output it is the pace."
    )
    static let childProcessor = MetricDeclaration(
        "weir_transcoder_child_cpu_seconds_total", .counter, unit: "seconds",
        help: "Processor time of the child processes that did their unit.")
    static let childMemory = MetricDeclaration(
        "weir_transcoder_child_peak_bytes", .gauge, unit: "bytes",
        help: "Most memory that any child process had since the start.")
    static let pace = MetricDeclaration(
        "weir_transcoder_pace", .gauge, unit: "ratio",
        help: "Seconds of work per second of output, learned from the last units of a kind; 0 before the first.",
        labels: ["kind"])
    static let build = MetricDeclaration(
        "weir_transcoder_build_info", .gauge, unit: "1", help: "Always 1; the label says which version runs.",
        labels: ["version"])

    /// All of them.
    public static let all = [
        units, running, slots, leaseFailures, backlog, processor, output, work, childProcessor, childMemory, pace,
        build,
    ]
}

/// The worker's counters.
final class WorkerMetrics: Sendable {
    /// How a unit ended.
    enum Outcome: String, CaseIterable {
        case done
        case failed
        case givenBack = "given_back"
        case lost
    }

    private struct Series: Hashable {
        let kind: LeasedUnit.Kind
        let outcome: Outcome
    }

    private struct Figures {
        var output = 0.0
        var work = 0.0
        var cpu = 0.0
        var peakBytes: Int64 = 0
        var processor = 0.0
        var backlog = 0.0
        var pace: [LeasedUnit.Kind: Double] = [:]
    }

    private let units: [Series: Counter]
    private let running: Gauge
    private let slots: Gauge
    private let leaseFailures: Counter
    private let figures = Mutex(Figures())

    /// Declares the metrics in `registry`; every outcome is there from the start, so that none of one kind is a number too.
    init(_ registry: MetricsRegistry) {
        registry.declare(WorkerMetricTable.all)
        var units: [Series: Counter] = [:]
        for kind in LeasedUnit.Kind.allCases {
            for outcome in Outcome.allCases {
                units[Series(kind: kind, outcome: outcome)] = registry.counter(
                    WorkerMetricTable.units, kind.rawValue, outcome.rawValue)
            }
        }
        self.units = units
        running = registry.gauge(WorkerMetricTable.running)
        slots = registry.gauge(WorkerMetricTable.slots)
        leaseFailures = registry.counter(WorkerMetricTable.leaseFailures)
        registry.gauge(WorkerMetricTable.build, weirVersion).set(1)
        registry.read(WorkerMetricTable.output) { [self] in figures.withLock { $0.output } }
        registry.read(WorkerMetricTable.work) { [self] in figures.withLock { $0.work } }
        registry.read(WorkerMetricTable.childProcessor) { [self] in figures.withLock { $0.cpu } }
        registry.read(WorkerMetricTable.childMemory) { [self] in figures.withLock { Double($0.peakBytes) } }
        registry.read(WorkerMetricTable.processor) { [self] in figures.withLock { $0.processor } }
        registry.read(WorkerMetricTable.backlog) { [self] in figures.withLock { $0.backlog } }
        for kind in LeasedUnit.Kind.allCases {
            registry.read(WorkerMetricTable.pace, kind.rawValue) { [self] in figures.withLock { $0.pace[kind] ?? 0 } }
        }
    }

    func began() { running.add(1) }

    func ended(_ kind: LeasedUnit.Kind, _ outcome: Outcome) {
        running.add(-1)
        units[Series(kind: kind, outcome: outcome)]?.add()
    }

    /// A unit was done in `seconds` on the clock.
    func done(_ unit: LeasedUnit, seconds: Double, usage: ProcessUsage, pace: Double) {
        figures.withLock { figures in
            figures.output += unit.effortSeconds
            figures.work += seconds
            figures.cpu += usage.cpuSeconds
            figures.peakBytes = max(figures.peakBytes, usage.peakBytes)
            figures.pace[unit.kind] = pace
        }
        ended(unit.kind, .done)
    }

    func resized(_ count: Int) { slots.set(Int64(count)) }

    func backlog(_ seconds: Double) { figures.withLock { $0.backlog = seconds } }

    /// Work that waited at the origin when it answered last.
    var backlogSeconds: Double { figures.withLock { $0.backlog } }

    func processor(_ share: Double) { figures.withLock { $0.processor = share } }

    func leaseFailed() { leaseFailures.add() }
}
