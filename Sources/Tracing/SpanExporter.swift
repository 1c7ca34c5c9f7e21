internal import Bytes
public import EventLoop
internal import HTTPClient
internal import HTTPWire
internal import JSON
internal import TLS
public import Telemetry

/// Sends the spans of a process to its collector, in batches, from a task of its own: no request waits for it.
public final class SpanExporter: Sendable {
    private let task: Task<Void, Never>

    /// Starts exporting what `tracer` records. `service` is the process's name.
    ///
    /// Throws when the system's certificates cannot be read for a collector that is asked over TLS.
    public init(
        _ tracer: Tracer, service: String, on loop: EventLoop, resolver: Resolver, logger: Logger
    ) throws {
        let export = try SpanExport(
            tracer,
            resource: [
                Span.Attribute("service.name", .text(service)),
                Span.Attribute("telemetry.sdk.language", .text("swift")),
            ],
            client: HTTPClient(loop: loop, resolver: resolver), logger: logger)
        task = Task(executorPreference: loop) { await export.run() }
    }

    /// Sends what waits, once, for two seconds at most, and ends.
    public func stop() async {
        task.cancel()
        await task.value
    }
}

/// The exporter's work.
private struct SpanExport: Sendable {
    /// Spans of one request.
    private static let batchSpans = 512
    /// How long spans wait for others to go with.
    private static let interval = Duration.seconds(1)
    /// Most bytes of an answer.
    private static let answerBytes = 65_536

    private let queue: SpanQueue
    private let settings: TraceSettings
    private let resource: [Span.Attribute]
    private let client: HTTPClient
    private let endpoint: Endpoint
    private let exported: Counter
    private let refused: Counter
    private let abandoned: Counter
    private let failures: Counter
    private let logger: Logger

    init(_ tracer: Tracer, resource: [Span.Attribute], client: HTTPClient, logger: Logger) throws {
        queue = tracer.queue
        settings = tracer.settings
        self.resource = resource
        self.client = client
        self.logger = logger
        let url = tracer.settings.url
        endpoint = Endpoint(
            host: url.host, port: url.port, tls: url.usesTLS ? try TLSClientContext(trust: .system) : nil)
        let registry = tracer.registry
        exported = registry.counter(TraceMetricTable.spans, "exported")
        refused = registry.counter(TraceMetricTable.spans, "refused")
        abandoned = registry.counter(TraceMetricTable.spans, "abandoned")
        failures = registry.counter(TraceMetricTable.failures)
    }

    func run() async {
        var pacing = ExportPacing()
        var hasFailed = false
        while (try? await Task.sleep(for: Self.interval)) != nil {
            while queue.count > 0, !Task.isCancelled {
                await export(queue.take(Self.batchSpans), &pacing, &hasFailed)
            }
        }
        await exportLast()
    }

    /// Sends a batch until it is taken or given up. Cancelled while it waits, it tries a last time.
    private func export(_ batch: [Span], _ pacing: inout ExportPacing, _ hasFailed: inout Bool) async {
        while true {
            let outcome = await send(batch, within: .seconds(10))
            report(outcome, &hasFailed)
            switch pacing.sent(outcome, jitter: .random(in: 0..<1)) {
            case .proceed, .drop: return count(outcome, of: batch)
            case .retry(let wait):
                if (try? await Task.sleep(for: wait)) == nil {
                    return count(await sendLast(batch), of: batch)
                }
            }
        }
    }

    private func exportLast() async {
        let batch = queue.take(Self.batchSpans)
        if !batch.isEmpty { count(await sendLast(batch), of: batch) }
    }

    /// In a task that is not cancelled, because this one is.
    private func sendLast(_ batch: [Span]) async -> ExportPacing.Outcome {
        await Task(executorPreference: client.loop) { await send(batch, within: .seconds(2)) }.value
    }

    private func count(_ outcome: ExportPacing.Outcome, of batch: [Span]) {
        switch outcome {
        case .accepted(let rejected):
            exported.add(batch.count - min(rejected, batch.count))
            refused.add(min(rejected, batch.count))
        case .refused: refused.add(batch.count)
        case .unavailable: abandoned.add(batch.count)
        }
    }

    private func send(_ batch: [Span], within limit: Duration) async -> ExportPacing.Outcome {
        let document = OTLPDocument.request(batch, resource: resource)
        var headers: Headers = ["Content-Type": "application/json", "User-Agent": "weir"]
        if let authorization = settings.authorization { headers.set("Authorization", authorization) }
        var request = ClientRequest(
            endpoint: endpoint, method: .post, target: settings.url.target, headers: headers,
            body: .bytes(document.serialized()))
        request.connectTimeout = limit / 2
        request.responseTimeout = limit / 2
        do {
            let answer = try await client.send(request)
            let body = (try? await answer.body.collect(upTo: Self.answerBytes)) ?? []
            return ExportPacing.Outcome(
                status: answer.status.code, retryAfter: answer.headers.first("Retry-After"), body: body)
        } catch {
            return .unavailable(afterSeconds: nil)
        }
    }

    /// A collector that is away is said once, and once that it is back.
    private func report(_ outcome: ExportPacing.Outcome, _ hasFailed: inout Bool) {
        if case .accepted = outcome {
            if hasFailed { logger.info("spans are exported again") }
            hasFailed = false
            return
        }
        failures.add()
        if !hasFailed {
            logger.warning("spans are not exported for now", ["outcome": .string("\(outcome)")])
        }
        hasFailed = true
    }
}
