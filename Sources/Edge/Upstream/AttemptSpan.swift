import EventLoop
import HTTPClient
import HTTPServer
import HTTPWire
import Tracing

/// The span of one attempt at one server, from its start to its last byte.
struct AttemptSpan {
    private let context: TraceContext
    private let parentID: UInt64
    private let start = WallClock.nanoseconds()
    private let attributes: [Span.Attribute]
    private let name: String
    /// Of the response, once its head is here.
    var status: Int?

    /// Begins a span of the request's trace and has `headers` pass it on.
    init?(
        _ request: UpstreamRequest, to origin: OriginTarget, at server: OriginServer, tracer: LoopTracer,
        headers: inout Headers
    ) {
        guard let trace = request.trace, let context = tracer.childOnLoop(of: trace) else { return nil }
        context.write(to: &headers)
        guard context.isSampled else { return nil }
        self.context = context
        parentID = trace.spanID
        name = request.method.name
        attributes = [
            Span.Attribute("http.request.method", .text(name)),
            Span.Attribute("server.address", .text(server.endpoint.host)),
            Span.Attribute("server.port", .integer(Int64(server.endpoint.port))),
            Span.Attribute(
                "url.path", .text(String(decoding: request.target.prefix { $0 != UInt8(ascii: "?") }, as: UTF8.self))),
            Span.Attribute("weir.origin", .text(origin.id)),
        ]
    }

    /// The span, now that the attempt is over.
    func ended(failure: String?) -> Span {
        var attributes = attributes
        if let status { attributes.append(Span.Attribute("http.response.status_code", .integer(Int64(status)))) }
        if let failure { attributes.append(Span.Attribute("error.type", .text(failure))) }
        return Span(
            context: context, parentID: parentID, name: name, kind: .client, start: start,
            end: max(start, WallClock.nanoseconds()), attributes: attributes,
            failure: failure ?? status.flatMap { $0 >= 500 ? "status \($0)" : nil })
    }
}

extension Upstream {
    /// The trace that requests for this client belong to. Without a collector it is the client's own, passed on as it is.
    func traceOnLoop(of exchange: Exchange) -> TraceContext? {
        tracer.map { $0.contextOnLoop(of: exchange) } ?? TraceContext(of: exchange)
    }
}
