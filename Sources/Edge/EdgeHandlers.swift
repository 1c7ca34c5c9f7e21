import EventLoop
import HTTPClient
import HTTPServer
import SegmentStore
import Telemetry

/// One handler for each loop, shared by all public listeners, so that they share origin connections and memos.
final class EdgeHandlers: Sendable {
    private let bound: [LoopBound<EdgeHandler>]

    init(
        group: EventLoopGroup, core: EdgeCore, content: ContentHolder, resolver: Resolver,
        configuration: HTTPClientConfiguration, registry: MetricsRegistry
    ) throws(StoreError) {
        var bound: [LoopBound<EdgeHandler>] = []
        for loop in group.loops {
            let client = HTTPClient(loop: loop, configuration: configuration, resolver: resolver, metrics: registry)
            let handler = EdgeHandler(
                core: core, loop: loop, reader: try core.store.makeReader(),
                upstream: Upstream(client: client, metrics: core.metrics, log: core.log), snapshot: content.snapshot)
            bound.append(LoopBound(handler, loop: loop))
        }
        self.bound = bound
    }

    /// For `HTTPServer`: the handler of a loop, asked for on that loop.
    @Sendable func handler(of loop: EventLoop) -> any ExchangeHandler {
        guard let bound = bound.first(where: { $0.loop === loop }) else {
            preconditionFailure("a listener on a loop that is not the edge's")
        }
        return bound.valueOnLoop
    }

    /// Makes every loop serve from `snapshot`; returns when they do.
    func adopt(_ snapshot: EdgeSnapshot) async {
        for handler in bound {
            try? await handler.loop.run { handler.valueOnLoop.adoptOnLoop(snapshot) }
        }
    }
}
