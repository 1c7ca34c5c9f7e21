import EventLoop
import HTTPClient
import HTTPWire
import Telemetry
import Tracing

/// The one way from a loop to the origins, for fills and passes alike: which origin and which of its servers is asked,
/// and which one next when that one fails, is decided here. Loop-confined.
final class Upstream {
    let loop: EventLoop
    let client: HTTPClient
    let metrics: EdgeMetrics
    let log: EdgeLog
    /// `nil` when no spans are recorded.
    let tracer: LoopTracer?
    private let loopMark: LoopMark

    init(client: HTTPClient, core: EdgeCore, tracer: LoopTracer? = nil) {
        self.tracer = tracer
        loop = client.loop
        self.client = client
        metrics = core.metrics
        log = core.log
        loopMark = core.loopMark
    }

    /// Sends `request` to the origins of `route`. `receiver` gets one response, whichever attempt brought it, or one
    /// failure; it is kept until then and not called before this returns.
    @discardableResult
    func startOnLoop(
        _ request: UpstreamRequest, route: Route, receiver: any ResponseReceiver
    ) -> UpstreamExchange {
        loop.assertOnLoop()
        var request = request
        request.headers.add(LoopMark.field, loopMark.name)
        let exchange = UpstreamExchange(request, group: route.group, upstream: self, receiver: receiver)
        exchange.startOnLoop()
        return exchange
    }

    // MARK: Health

    func succeededOnLoop(_ server: ServerHealth) {
        if let change = server.requestSucceeded(at: loop.nowNanoseconds) { report(change, of: server) }
    }

    func failedOnLoop(_ server: ServerHealth) {
        if let change = server.requestFailed(at: loop.nowNanoseconds) { report(change, of: server) }
    }

    func checkedOnLoop(_ server: ServerHealth, isFit: Bool) {
        metrics.checked(server.origin, isFit: isFit)
        if let change = server.checked(isFit: isFit) { report(change, of: server) }
    }

    private func report(_ change: HealthMachine.Change, of server: ServerHealth) {
        if case .ejected = change { metrics.ejected(server.origin) }
        log.originServer(server, change)
    }
}
