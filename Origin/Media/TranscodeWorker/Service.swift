internal import Daemon
internal import EventLoop
internal import HTTPClient
internal import HTTPServer
internal import Telemetry

/// The process as a service: works until SIGTERM or SIGINT, then drains.
public enum Service {
    /// Returns the exit status: 0 after a drain. The caller has blocked the two signals in every thread.
    public static func run(_ settings: TranscoderSettings) async -> Int32 {
        do {
            try await work(settings)
            return 0
        } catch {
            Terminal.error("weir-transcoder: cannot start: \(error)\n")
            return 1
        }
    }

    private static func work(_ settings: TranscoderSettings) async throws {
        let log = Logger(label: "transcoder", level: settings.logLevel).with("worker", .string(settings.workerId))
        let group = try EventLoopGroup(loops: 1, name: "transcoder")
        let loop = group.next()
        let signals = try await SignalWatcher.signals([.terminate, .interrupt], on: loop)
        // A waiting read of each unit's pipe, and two threads more for writes to disk.
        let pool = try BlockingPool(name: "child", threads: settings.pool.upperBound + 2, queueLimit: 1024)
        let resolver = Resolver(pool: try BlockingPool(name: "resolver", threads: 1, queueLimit: 64))
        let client = HTTPClient(loop: loop, resolver: resolver)
        let metrics = MetricsRegistry()
        let worker = Worker(
            settings: settings, client: client, pool: pool, log: log,
            metrics: WorkerMetrics(metrics))
        let operators = try settings.adminListen.map { try OperatorListener($0, metrics: metrics, on: group) }
        let working = Task(executorPreference: loop) { await worker.run() }
        let sizing = Task(executorPreference: loop) { await worker.followLoad(within: settings.pool, on: loop) }
        settings.jail.say(to: log)
        log.info(
            "working",
            [
                "units": .count(settings.pool.lowerBound), "most_units": .count(settings.pool.upperBound),
                "mebibytes": .count(settings.memory.together), "mebibytes_alone": .count(settings.memory.alone),
            ])
        ReadinessNotice.ready()

        for await signal in signals {
            log.info("draining", ["signal": .text(signal)])
            break
        }
        ReadinessNotice.stopping()
        worker.drain()
        let patience = Task(executorPreference: loop) {
            try await loop.sleep(for: .seconds(settings.drainSeconds))
            worker.abandon()
        }
        await working.value
        patience.cancel()
        sizing.cancel()
        await operators?.stop()
        log.info("stopped")
        log.flush()
    }
}
