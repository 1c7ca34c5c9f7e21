import EventLoop
import HTTPClient
import HTTPServer
import SegmentStore
import Telemetry
import Tracing

/// One handler for each loop, shared by all public listeners, so that they share origin connections and memos.
final class EdgeHandlers: Sendable {
    private let bound: [LoopBound<EdgeHandler>]
    private let core: EdgeCore
    /// On the first loop.
    private let checker: LoopBound<HealthChecker>

    init(
        group: EventLoopGroup, core: EdgeCore, content: ContentHolder, resolver: Resolver,
        configuration: HTTPClientConfiguration, registry: MetricsRegistry
    ) throws(StoreError) {
        var bound: [LoopBound<EdgeHandler>] = []
        for loop in group.loops {
            let client = HTTPClient(loop: loop, configuration: configuration, resolver: resolver, metrics: registry)
            let handler = EdgeHandler(
                core: core, loop: loop, reader: try core.store.makeReader(),
                upstream: Upstream(client: client, core: core, tracer: core.tracer?.loop()), snapshot: content.snapshot)
            bound.append(LoopBound(handler, loop: loop))
            core.metrics.watch(loop)
        }
        self.bound = bound
        self.core = core
        let loop = group.loops[0]
        let checks = HTTPClient(loop: loop, configuration: .oneRequestEach, resolver: resolver)
        let upstream = Upstream(client: checks, core: core)
        checker = LoopBound(HealthChecker(client: checks, upstream: upstream), loop: loop)
        watch(content.snapshot)
    }

    /// Checks and counts the servers of the snapshot's origins.
    private func watch(_ snapshot: EdgeSnapshot) {
        core.metrics.watch(snapshot.origins)
        checker.loop.submit { [checker] in checker.valueOnLoop.adoptOnLoop(snapshot.origins) }
    }

    /// What is asked for most of late, by all loops.
    func top() async -> TopReport {
        var top = TopReport()
        for handler in bound {
            let answer = try? await handler.loop.run { handler.valueOnLoop.topKeysOnLoop() }
            if let answer { top.add(answer.report) { answer.distributions[$0] ?? "" } }
        }
        return top
    }

    /// Takes what all loops have served of videos since the last time.
    func takePlayback() async -> PlaybackTaking {
        var taking = PlaybackTaking()
        for handler in bound {
            let part = try? await handler.loop.run { handler.valueOnLoop.takePlaybackOnLoop() }
            if let part { taking.add(part) }
        }
        return taking
    }

    /// Ends the health checks.
    func stop() async {
        try? await checker.loop.run { [checker] in checker.valueOnLoop.stopOnLoop() }
    }

    /// For `HTTPServer`: the handler of a loop, asked for on that loop.
    @Sendable func handler(of loop: EventLoop) -> any ExchangeHandler {
        guard let bound = bound.first(where: { $0.loop === loop }) else {
            preconditionFailure("a listener on a loop that is not the edge's")
        }
        return bound.valueOnLoop
    }

    /// Makes every loop verify with the origin's keys; returns when they do.
    func adopt(_ keys: LearntKeys) async {
        for handler in bound {
            try? await handler.loop.run { handler.valueOnLoop.adoptOnLoop(keys) }
        }
    }

    /// Makes every loop serve from `snapshot`; returns when they do.
    func adopt(_ snapshot: EdgeSnapshot) async {
        for handler in bound {
            try? await handler.loop.run { handler.valueOnLoop.adoptOnLoop(snapshot) }
        }
        watch(snapshot)
    }
}

extension HTTPClientConfiguration {
    /// Of health checks: a server that accepts no new connection is not fit.
    fileprivate static var oneRequestEach: HTTPClientConfiguration {
        var configuration = HTTPClientConfiguration()
        configuration.keepAliveTimeout = .zero
        return configuration
    }
}
