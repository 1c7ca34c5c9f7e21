public import HTTPServer

/// Records a span for the requests that another handler answers.
public final class TracedHandler: ExchangeHandler {
    private let handler: any ExchangeHandler
    private let tracer: LoopTracer

    /// Stands before `handler`, on its loop.
    public init(_ handler: any ExchangeHandler, tracer: LoopTracer) {
        self.handler = handler
        self.tracer = tracer
    }

    /// Begins the span, then lets the handler answer.
    public func handleOnLoop(_ exchange: Exchange) {
        tracer.beginOnLoop(exchange)
        handler.handleOnLoop(exchange)
    }

    /// Ends the span.
    public func endedOnLoop(_ exchange: Exchange, _ outcome: ExchangeOutcome) {
        handler.endedOnLoop(exchange, outcome)
        tracer.endedOnLoop(exchange, outcome)
    }
}
