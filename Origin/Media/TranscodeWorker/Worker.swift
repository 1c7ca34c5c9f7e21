internal import EventLoop
internal import HTTPClient
internal import JSON
internal import Presentation
internal import Synchronization
internal import Telemetry
internal import Transcode

/// Leases jobs one after the other and runs each in a child process of its own.
final class Worker: Sendable {
    private let settings: TranscoderSettings
    private let origin: OriginClient
    private let objects: ObjectClient
    private let pool: BlockingPool
    private let log: Logger
    private let metrics: WorkerMetrics
    private let state = Mutex(State())

    private struct State {
        var isDraining = false
        var jobs: [String: JobState] = [:]
        var leases: [Int: Task<OriginClient.Job?, any Error>] = [:]
        var nextLease = 0
    }

    /// Starts the process that transcodes what a descriptor holds.
    typealias Start = @Sendable (Int32, ChildProcess.Limits) throws -> any TranscodeProcess

    private let start: Start

    init(
        settings: TranscoderSettings, client: HTTPClient, pool: BlockingPool, log: Logger, metrics: WorkerMetrics,
        start: @escaping Start = { try ChildProcess(input: $0, limits: $1) }
    ) {
        self.settings = settings
        self.pool = pool
        self.start = start
        self.log = log
        self.metrics = metrics
        origin = OriginClient(
            client: client, endpoint: settings.origin, token: settings.workerToken, workerId: settings.workerId)
        objects = ObjectClient(client: client, endpoint: settings.objects, credentials: settings.credentials)
    }

    /// No further job is begun; calls that wait for one end.
    func drain() {
        let leases = state.withLock { state in
            state.isDraining = true
            return Array(state.leases.values)
        }
        for lease in leases { lease.cancel() }
    }

    /// Ends the running jobs and gives them back to the queue.
    func abandon() { for job in state.withLock({ Array($0.jobs.values) }) { job.end(.draining) } }

    /// Whether any job is running.
    var isBusy: Bool { state.withLock { !$0.jobs.isEmpty } }

    private var isDraining: Bool { state.withLock { $0.isDraining } }

    /// Works until drained; returns when its last job is reported. An origin that is away is asked again, ever less often
    /// up to every 10 s.
    func run() async {
        var pause = Duration.milliseconds(250)
        while !isDraining {
            do {
                guard let job = try await nextJob() else { continue }
                pause = .milliseconds(250)
                if isDraining {
                    try await origin.fail(
                        job, reason: "The worker was shut down.", detail: "drained at lease", isRetryable: true)
                } else {
                    await work(on: job)
                }
            } catch {
                if isDraining { return }
                metrics.leaseFailed()
                log.warning("cannot lease a job", ["error": .error(error)])
                try? await objects.client.loop.sleep(for: pause)
                pause = min(pause * 2, .seconds(10))
            }
        }
    }

    private func nextJob() async throws -> OriginClient.Job? {
        let lease = Task(executorPreference: objects.client.loop) { [origin] in try await origin.lease(waitSeconds: 20)
        }
        let number = state.withLock { state in
            state.nextLease += 1
            state.leases[state.nextLease] = lease
            return state.nextLease
        }
        if isDraining { lease.cancel() }
        defer { state.withLock { $0.leases[number] = nil } }
        return try await lease.value
    }

    private func work(on job: OriginClient.Job) async {
        let log = log.with("job", .string(job.jobId)).with("video", .string(job.videoId))
        let progress = JobState()
        state.withLock { $0.jobs[job.jobId] = progress }
        defer { state.withLock { $0.jobs[job.jobId] = nil } }
        log.info("job begins", ["attempt": .count(job.attempt), "bytes": .count(job.sourceBytes)])
        let began = MonotonicClock.nanoseconds()
        metrics.began()
        var outcome = WorkerMetrics.Outcome.failed
        defer { metrics.ended(outcome) }
        let heart = Task(executorPreference: objects.client.loop) { await self.beat(for: job, progress, log) }
        defer { heart.cancel() }
        do {
            let result = try await transcode(job, progress, log)
            try await origin.complete(
                job, durationSeconds: result.durationSeconds,
                renditions: result.presentation.renditionsJSON(isFinal: true),
                explanation: result.explanation)
            let milliseconds = (MonotonicClock.nanoseconds() - began) / 1_000_000
            outcome = .done
            metrics.made(media: result.durationSeconds, work: Double(milliseconds) / 1_000)
            log.info(
                "job is complete", ["milliseconds": .count(milliseconds), "seconds": .number(result.durationSeconds)])
        } catch {
            outcome = await giveUp(job, progress, error, log)
        }
    }

    private func transcode(
        _ job: OriginClient.Job, _ progress: JobState, _ log: Logger
    ) async throws -> JobRun.Result {
        guard job.sourceBytes <= settings.uploadBytes else {
            throw TranscodeFailure(
                reason: "This upload is larger than the \(settings.uploadBytes >> 20) MiB allowed.")
        }
        guard job.sourceBytes > 0 else { throw TranscodeFailure(reason: "This upload is empty.") }
        let source = try await SourceFile.download(
            job, from: objects, into: settings.directory, pool: pool, moved: { progress.moved() })
        let child = try await pool.run { [settings, start] in try start(source.descriptor, settings.child) }
        let destination = BucketDestination(
            objects: objects, bucket: settings.mediaBucket, prefix: job.mediaPrefix, videoId: job.videoId)
        let began = MonotonicClock.nanoseconds()
        let run = JobRun(
            child: child, destination: destination, pool: pool,
            observer: .init(
                moved: { progress.moved() },
                started: { _ in progress.moved(phase: "transcoding", progress: 0) },
                progressed: { progress.moved(progress: $0) },
                becamePlayable: { [origin] presentation in
                    try await origin.publish(
                        job,
                        durationSeconds: presentation.outline.durationSeconds > 0
                            ? presentation.outline.durationSeconds : nil,
                        renditions: presentation.renditionsJSON(isFinal: false))
                    let milliseconds = (MonotonicClock.nanoseconds() - began) / 1_000_000
                    log.info("video is playable", ["milliseconds": .count(milliseconds)])
                }, ended: { progress.release() }))
        _ = progress.adopt(child)
        let result = try await run.run()
        withExtendedLifetime(source) {}
        return result
    }

    /// Keeps the lease and watches the clock until cancelled.
    private func beat(for job: OriginClient.Job, _ progress: JobState, _ log: Logger) async {
        let began = MonotonicClock.nanoseconds()
        // Often enough to keep the lease, and for a viewer of the progress to see it move.
        let pause = Duration.milliseconds(min(2000, max(500, job.leaseSeconds * 1000 / 4)))
        while !Task.isCancelled, progress.stop == nil {
            do {
                let report = progress.report
                try await origin.heartbeat(job, phase: report.phase, progress: report.progress)
            } catch is OriginClient.LeaseLost {
                return progress.end(.leaseLost)
            } catch {
                if !Task.isCancelled { log.warning("heartbeat failed", ["error": .error(error)]) }
            }
            if progress.silentSeconds > settings.silenceSeconds { progress.end(.hung) }
            let seconds = (MonotonicClock.nanoseconds() - began) / 1_000_000_000
            if seconds > UInt64(settings.wallSeconds) { progress.end(.outOfTime) }
            try? await objects.client.loop.sleep(for: pause)
        }
    }

    /// Says farewell after the last write. The origin refuses it, for the lease is lost; but when that was because the video
    /// was deleted, it removes what was written since.
    private func leave(_ job: OriginClient.Job, _ log: Logger) async -> WorkerMetrics.Outcome {
        try? await origin.heartbeat(job, phase: "transcoding", progress: 0)
        log.warning("lease lost, job left to others")
        return .lost
    }

    private func giveUp(
        _ job: OriginClient.Job, _ progress: JobState, _ error: any Error, _ log: Logger
    ) async -> WorkerMetrics.Outcome {
        let failure: TranscodeFailure
        switch progress.stop {
        case .leaseLost:
            return await leave(job, log)
        case .draining:
            failure = TranscodeFailure(reason: "The worker was shut down.", detail: "drained", isRetryable: true)
        case .outOfTime:
            failure = TranscodeFailure(
                reason: "Transcoding took longer than the \(settings.wallSeconds) seconds one upload may take.")
        case .hung:
            failure = TranscodeFailure(
                reason: "Transcoding stood still for \(settings.silenceSeconds) seconds and was stopped.",
                isRetryable: true)
        case nil:
            if error is OriginClient.LeaseLost { return await leave(job, log) }
            failure =
                error as? TranscodeFailure
                ?? TranscodeFailure(
                    reason: "Transcoding was interrupted by a fault of the service.", detail: "\(error)",
                    isRetryable: true)
        }
        log.warning(
            "job failed",
            [
                "reason": .string(failure.reason), "detail": .string(failure.detail),
                "retryable": .bool(failure.isRetryable),
            ])
        do {
            try await origin.fail(
                job, reason: failure.reason, detail: failure.detail, isRetryable: failure.isRetryable)
        } catch {
            log.warning("cannot report the failure; the lease will run out", ["error": .error(error)])
        }
        return failure.isRetryable ? .givenBack : .failed
    }
}
