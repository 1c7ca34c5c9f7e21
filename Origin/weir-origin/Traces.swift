import EventLoop
import Telemetry
import Tracing

/// The origin's spans on their way to a collector.
struct Traces {
    let tracer: Tracer
    private let exporter: SpanExporter
    private let pool: BlockingPool

    /// Throws `SystemError` without a thread left, `TLSError` when the system's certificates cannot be read.
    init(_ settings: TraceSettings, registry: MetricsRegistry, on loop: EventLoop, logger: Logger) throws {
        tracer = Tracer(settings, registry: registry)
        pool = try BlockingPool(name: "resolver", threads: 1, queueLimit: 16)
        exporter = try SpanExporter(
            tracer, service: "weir-origin", on: loop, resolver: Resolver(pool: pool), logger: logger)
    }

    /// Exports what waits, for two seconds at most.
    func stop() async {
        await exporter.stop()
        pool.shutdown()
    }
}
