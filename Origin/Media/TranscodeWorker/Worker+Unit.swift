internal import EventLoop
internal import HTTPClient
internal import JSON
internal import MediaPlan
internal import Synchronization
internal import Telemetry
internal import Transcode

/// One unit, from its lease to its last report.
extension Worker {
    /// Does a unit and reports how it ended, whatever happens.
    func work(on unit: LeasedUnit, _ state: UnitState) async {
        let log = log.with("job", .string(unit.jobId)).with("video", .string(unit.videoId))
            .with("unit", .count(unit.number)).with("kind", .string(unit.kind.rawValue))
        log.info("unit begins", ["attempt": .count(unit.attempt)])
        let began = MonotonicClock.nanoseconds()
        metrics.began()
        do {
            let usage = try await supervise(unit, state, log)
            let seconds = Double(MonotonicClock.nanoseconds() - began) / 1_000_000_000
            let effort = unit.effortSeconds
            let pace = pace.withLock { pace in
                pace.learn(unit.kind, effortSeconds: effort, workSeconds: seconds)
                return pace.pace(of: unit.kind) ?? 0
            }
            metrics.done(unit, seconds: seconds, usage: usage, pace: pace)
            log.info(
                "unit is done",
                [
                    "attempt": .count(unit.attempt), "seconds": .number(seconds), "output_seconds": .number(effort),
                    "cpu_seconds": .number(usage.cpuSeconds), "peak_mebibytes": .count(usage.peakBytes >> 20),
                ])
        } catch {
            metrics.ended(unit.kind, await giveUp(unit, error, log))
        }
    }

    private enum Part: Sendable {
        case done(ProcessUsage)
        case stopped(UnitState.Stop)
    }

    /// Runs the unit beside its heartbeat, until it is done or must stop.
    private func supervise(_ unit: LeasedUnit, _ state: UnitState, _ log: Logger) async throws -> ProcessUsage {
        try await withThrowingTaskGroup(of: Part?.self) { group in
            group.addTask { .done(try await self.perform(unit, state)) }
            group.addTask {
                await self.beat(for: unit, state, log)
                return nil
            }
            group.addTask { await state.stopped().map { .stopped($0) } }
            defer { group.cancelAll() }
            while let part = try await group.next() {
                switch part {
                case .done(let usage): return usage
                case .stopped(let stop): throw stop
                case nil: continue
                }
            }
            throw CancellationError()
        }
    }

    private func perform(_ unit: LeasedUnit, _ state: UnitState) async throws -> ProcessUsage {
        switch unit.work {
        case .probe(let wanted):
            guard unit.source.bytes <= settings.uploadBytes else {
                throw TranscodeFailure(
                    reason: "This upload is larger than the \(settings.uploadBytes >> 20) MiB allowed.")
            }
            guard unit.source.bytes > 0 else { throw TranscodeFailure(reason: "This upload is empty.") }
            var options = settings.options
            options.video = wanted
            return try await runChild(.probe(options), .plan, unit, state)
        case .encode(let media, let outline, let detail):
            return try await runChild(.unit(detail, media: media), .segments(outline, detail), unit, state)
        case .finish:
            try await finish(unit, state)
            return ProcessUsage()
        }
    }

    private func runChild(
        _ order: TranscodeOrder, _ request: UnitTranscript.Request, _ unit: LeasedUnit, _ state: UnitState
    ) async throws -> ProcessUsage {
        let destination = BucketDestination(
            objects: objects, bucket: settings.mediaBucket, prefix: unit.mediaPrefix, videoId: unit.videoId)
        let (origin, start, limits) = (origin, start, settings.child)
        let threads = threads(for: unit)
        let result = try await sources.with(unit.source, of: unit.jobId) { source in
            let child = try await pool.run { try start(source.descriptor, order, threads, limits) }
            state.moved()
            let run = UnitRun(
                child: child, request: request, stored: unit.stored,
                cipher: unit.contentKey.map(SegmentCipher.init), destination: destination, pool: pool,
                report: { try await origin.segments(unit, $0) }, moved: { state.moved($0) })
            return try await run.run()
        }
        try await origin.complete(unit, plan: result.plan, notes: result.notes)
        return result.usage
    }

    /// Keeps the lease and watches the clock until cancelled, or until the unit must stop.
    private func beat(for unit: LeasedUnit, _ state: UnitState, _ log: Logger) async {
        let began = MonotonicClock.nanoseconds()
        let limit = pace.withLock {
            $0.deadline(unit.kind, effortSeconds: unit.effortSeconds, limit: settings.wallSeconds)
        }
        // Often enough to keep the lease, and for a viewer of the progress to see it move.
        let pause = Duration.milliseconds(min(2000, max(500, unit.leaseSeconds * 1000 / 4)))
        while !Task.isCancelled {
            do {
                try await origin.heartbeat(unit, progress: state.progress)
            } catch is OriginClient.LeaseLost {
                return state.end(.leaseLost)
            } catch {
                if !Task.isCancelled { log.warning("heartbeat failed", ["error": .error(error)]) }
            }
            if state.silentSeconds > settings.silenceSeconds { return state.end(.hung) }
            if (MonotonicClock.nanoseconds() - began) / 1_000_000_000 > UInt64(limit) {
                return state.end(.outOfTime(limit))
            }
            try? await objects.client.loop.sleep(for: pause)
        }
    }

    /// Says farewell after the last write. The origin refuses it, for the lease is lost; but when that was because the video
    /// was deleted, it removes what was written since.
    private func leave(_ unit: LeasedUnit, _ log: Logger) async -> WorkerMetrics.Outcome {
        try? await origin.heartbeat(unit, progress: 0)
        log.warning("lease lost, unit left to others")
        return .lost
    }

    private func giveUp(_ unit: LeasedUnit, _ error: any Error, _ log: Logger) async -> WorkerMetrics.Outcome {
        let failure: TranscodeFailure
        var report: JSONValue?
        switch error {
        case UnitState.Stop.leaseLost, is OriginClient.LeaseLost:
            return await leave(unit, log)
        case UnitState.Stop.draining:
            failure = TranscodeFailure(reason: "The worker was shut down.", detail: "drained", isRetryable: true)
        case UnitState.Stop.outOfTime(let limit):
            failure = TranscodeFailure(
                reason: "Transcoding took longer than the \(limit) seconds this part of the upload may take.",
                isRetryable: true)
        case UnitState.Stop.hung:
            failure = TranscodeFailure(
                reason: "Transcoding stood still for \(settings.silenceSeconds) seconds and was stopped.",
                isRetryable: true)
        case let known as TranscodeFailure:
            failure = known
        case let broken as BrokenRule:
            failure = TranscodeFailure(reason: broken.reason)
            report = broken.report
        default:
            failure = TranscodeFailure(
                reason: "Transcoding was interrupted by a fault of the service.", detail: "\(error)",
                isRetryable: true)
        }
        log.warning(
            "unit failed",
            [
                "attempt": .count(unit.attempt), "reason": .string(failure.reason), "detail": .string(failure.detail),
                "retryable": .bool(failure.isRetryable),
            ])
        do {
            try await origin.fail(unit, failure, conformance: report)
        } catch is OriginClient.LeaseLost {
            return .lost
        } catch {
            log.warning("cannot report the failure; the lease will run out", ["error": .error(error)])
        }
        return failure.isRetryable ? .givenBack : .failed
    }
}
