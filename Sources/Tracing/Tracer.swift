internal import Bytes
internal import EventLoop
public import HTTPServer
public import HTTPWire
public import Telemetry

/// What all loops of a process share to record spans.
public final class Tracer: Sendable {
    /// Where finished spans go.
    public let queue: SpanQueue
    let settings: TraceSettings
    let registry: MetricsRegistry

    /// Records by `settings`; counts go to `registry`.
    public init(_ settings: TraceSettings, registry: MetricsRegistry) {
        registry.declare(TraceMetricTable.all)
        let queue = SpanQueue(
            limit: settings.queueSpans, dropped: registry.counter(TraceMetricTable.spans, "dropped"))
        registry.read(TraceMetricTable.queued) { Double(queue.count) }
        self.queue = queue
        self.settings = settings
        self.registry = registry
    }

    /// The part of one loop.
    public func loop() -> LoopTracer { LoopTracer(self) }
}

/// Decides on one loop which requests are recorded, and makes their spans. Loop-confined.
public final class LoopTracer {
    private let tracer: Tracer
    private let threshold: UInt64
    private var generator = RequestIDGenerator()

    init(_ tracer: Tracer) {
        self.tracer = tracer
        threshold = .max / 1_000_000 * UInt64(tracer.settings.samplePerMillion)
    }

    /// Begins the span of a request whose head has just arrived, if a trusted caller records its trace, or for its share of
    /// the others: in the caller's trace or in a new one. What is not recorded costs a random number and a comparison.
    public func beginOnLoop(_ exchange: Exchange) {
        guard exchange.head.contains(.traceparent), let isSampled = TraceContext.isSampled(by: exchange) else {
            if generator.next() < threshold { begin(exchange, context: newTrace(isSampled: true), parentID: 0) }
            return
        }
        guard isSampled, generator.next() < threshold || tracer.settings.trusts(exchange.peer.ipBytes),
            let caller = TraceContext(of: exchange)
        else { return }
        begin(exchange, context: caller.asPassedOn(by: newID(), isSampled: true), parentID: caller.spanID)
    }

    private func begin(_ exchange: Exchange, context: TraceContext?, parentID: UInt64) {
        guard let context else { return }
        exchange.attachment = RequestSpan(context: context, parentID: parentID, start: WallClock.nanoseconds())
    }

    /// Ends the span of a request, if it has one, with what HTTP's conventions say of it and `attributes`.
    public func endedOnLoop(
        _ exchange: Exchange, _ outcome: ExchangeOutcome, attributes: () -> [Span.Attribute] = { [] }
    ) {
        guard let request = exchange.attachment as? RequestSpan else { return }
        exchange.attachment = nil
        var span = Span(
            context: request.context, parentID: request.parentID,
            name: String(decoding: exchange.head.methodName.bytes(in: exchange.headBytes), as: UTF8.self),
            kind: .server, start: request.start, end: request.start + Int64(clamping: outcome.nanoseconds))
        span.describe(exchange, outcome)
        span.attributes += attributes()
        tracer.queue.add(span)
    }

    /// The trace of a request's span; `nil` if none is recorded. Asked for before `endedOnLoop`.
    public func traceOnLoop(of exchange: Exchange) -> TraceContext.TraceID? {
        (exchange.attachment as? RequestSpan)?.context.traceID
    }

    /// The trace that requests made on behalf of this one belong to: the recorded span's, or the caller's or a new one, and
    /// neither is recorded. The caller's flag goes no further: the origin trusts us, and would do what the caller may not ask.
    public func contextOnLoop(of exchange: Exchange) -> TraceContext? {
        if let request = exchange.attachment as? RequestSpan { return request.context }
        guard let caller = TraceContext(of: exchange) else { return newTrace(isSampled: false) }
        return caller.asPassedOn(by: caller.spanID, isSampled: false)
    }

    /// A span of its own for a request made in `context`; recorded as that is.
    public func childOnLoop(of context: TraceContext) -> TraceContext? {
        context.asPassedOn(by: newID(), isSampled: context.isSampled)
    }

    /// Takes a finished span.
    public func recordOnLoop(_ span: Span) {
        if span.context.isSampled { tracer.queue.add(span) }
    }

    private func newTrace(isSampled: Bool) -> TraceContext? {
        TraceContext.TraceID(high: generator.next(), low: generator.next()).flatMap {
            TraceContext(
                traceID: $0, spanID: newID(),
                flags: TraceContext.randomFlag | (isSampled ? TraceContext.sampledFlag : 0))
        }
    }

    private func newID() -> UInt64 { max(1, generator.next()) }
}

/// The span of a request under way, as its exchange keeps it.
private final class RequestSpan {
    let context: TraceContext
    let parentID: UInt64
    let start: Int64

    init(context: TraceContext, parentID: UInt64, start: Int64) {
        self.context = context
        self.parentID = parentID
        self.start = start
    }
}

extension TraceContext {
    /// What the caller of a request says; `nil` when it says nothing that counts.
    public init?(of exchange: Exchange) {
        guard exchange.head.contains(.traceparent) else { return nil }
        self.init(Headers(exchange.head.fields, in: exchange.headBytes))
    }

    /// Whether the caller says that it records; `nil` when it says nothing that counts. Allocates nothing.
    fileprivate static func isSampled(by exchange: Exchange) -> Bool? {
        exchange.head.onlyField(.traceparent)
            .flatMap { TraceContext(parent: $0.bytes(in: exchange.headBytes)) }?.isSampled
    }
}

extension Span {
    /// HTTP's semantic conventions for a server. Queries and fields never get here: they may hold signatures.
    fileprivate mutating func describe(_ exchange: Exchange, _ outcome: ExchangeOutcome) {
        let bytes = exchange.headBytes
        attributes = [
            Attribute("http.request.method", .text(name)),
            Attribute("url.path", .text(exchange.head.path.string(in: bytes))),
            Attribute("url.scheme", .text(exchange.isTLS ? "https" : "http")),
            Attribute("client.address", .text(exchange.peer.ip)),
            Attribute("http.response.status_code", .integer(Int64(outcome.status))),
            Attribute("http.response.body.size", .integer(Int64(outcome.bodyBytes))),
        ]
        if let host = exchange.head.host?.string(in: bytes) {
            attributes.append(Attribute("server.address", .text(host)))
        }
        if !outcome.isComplete {
            failure = "the response ended early"
        } else if outcome.status >= 500 {
            failure = "status \(outcome.status)"
        }
    }
}
