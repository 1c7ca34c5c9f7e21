internal import Daemon
internal import Synchronization
public import Telemetry

/// What is counted of a worker's jobs.
public enum WorkerMetricTable {
    static let jobs = MetricDeclaration(
        "weir_transcoder_jobs_total", .counter, unit: "jobs",
        help: """
            Jobs that ended here: done; failed for good; given back to be tried again; or lost to another worker, or deleted. \
            A worker all of whose jobs fail or go back is broken, or its uploads are.
            """, labels: ["outcome"])
    static let running = MetricDeclaration(
        "weir_transcoder_jobs_running", .gauge, unit: "jobs", help: "Jobs that are being worked on.")
    static let slots = MetricDeclaration(
        "weir_transcoder_job_slots", .gauge, unit: "jobs", help: "Jobs that may be worked on side by side (work.jobs).")
    static let leaseFailures = MetricDeclaration(
        "weir_transcoder_lease_failures_total", .counter, unit: "calls",
        help: "Calls for a job that the origin did not answer, or refused.")
    static let media = MetricDeclaration(
        "weir_transcoder_media_seconds_total", .counter, unit: "seconds", help: "Length of the films that were done.")
    static let work = MetricDeclaration(
        "weir_transcoder_work_seconds_total", .counter, unit: "seconds",
        help:
            "Time on the clock from lease to end of the jobs that were done; divided by their length it is the effort.")
    static let build = MetricDeclaration(
        "weir_transcoder_build_info", .gauge, unit: "1", help: "Always 1; the label says which version runs.",
        labels: ["version"])

    /// All of them.
    public static let all = [jobs, running, slots, leaseFailures, media, work, build]
}

/// The worker's counters.
final class WorkerMetrics: Sendable {
    /// How a job ended.
    enum Outcome: String, CaseIterable {
        case done
        case failed
        case givenBack = "given_back"
        case lost
    }

    private struct Seconds {
        var media = 0.0
        var work = 0.0
    }

    private let jobs: [Outcome: Counter]
    private let running: Gauge
    private let leaseFailures: Counter
    private let seconds = Mutex(Seconds())

    /// Declares the metrics in `registry`; every outcome is there from the start, so that none of one kind is a number too.
    init(_ registry: MetricsRegistry, slots: Int) {
        registry.declare(WorkerMetricTable.all)
        jobs = Dictionary(
            uniqueKeysWithValues: Outcome.allCases.map {
                ($0, registry.counter(WorkerMetricTable.jobs, $0.rawValue))
            })
        running = registry.gauge(WorkerMetricTable.running)
        leaseFailures = registry.counter(WorkerMetricTable.leaseFailures)
        registry.gauge(WorkerMetricTable.slots).set(Int64(slots))
        registry.gauge(WorkerMetricTable.build, weirVersion).set(1)
        registry.read(WorkerMetricTable.media) { [self] in seconds.withLock { $0.media } }
        registry.read(WorkerMetricTable.work) { [self] in seconds.withLock { $0.work } }
    }

    func began() { running.add(1) }

    func ended(_ outcome: Outcome) {
        running.add(-1)
        jobs[outcome]?.add()
    }

    /// A film of `media` seconds took `work` seconds.
    func made(media: Double, work: Double) {
        seconds.withLock {
            $0.media += media
            $0.work += work
        }
    }

    func leaseFailed() { leaseFailures.add() }
}
