import EventLoop
import HTTPClient

/// The one way from a loop to the origins, for fills and passes alike: which origin is asked, and which one next when
/// that one fails, is decided here. Loop-confined.
final class Upstream {
    let loop: EventLoop
    let client: HTTPClient
    let metrics: EdgeMetrics
    let log: EdgeLog

    init(client: HTTPClient, metrics: EdgeMetrics, log: EdgeLog) {
        loop = client.loop
        self.client = client
        self.metrics = metrics
        self.log = log
    }

    /// Sends `request` to the origin of `route`. `receiver` gets one response, whichever attempt brought it, or one
    /// failure; it is kept until then and not called before this returns.
    @discardableResult
    func startOnLoop(
        _ request: UpstreamRequest, route: Route, receiver: any ResponseReceiver
    ) -> UpstreamExchange {
        loop.assertOnLoop()
        let exchange = UpstreamExchange(request, route: route, upstream: self, receiver: receiver)
        exchange.attemptOnLoop()
        return exchange
    }
}
