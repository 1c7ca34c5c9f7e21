public import EventLoop
internal import HTTPWire
internal import TLS
public import Telemetry

/// Sends requests from one loop over kept connections, one pool per endpoint. The client is used on its loop, except for
/// `send`, which may be called from any task.
public final class HTTPClient: @unchecked Sendable {
    // Sendable because the pools and buffers are touched on the loop only; the rest is immutable.

    /// The loop the client lives on.
    public let loop: EventLoop
    let configuration: HTTPClientConfiguration
    let resolver: Resolver
    let metrics: ClientMetrics
    let headLimits: HeadLimits
    /// Where bodies are read to; used only within one call.
    let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
    /// Lent to whichever connection writes.
    let tlsOutput = TLSOutput()
    var pools: [Endpoint: ConnectionPool] = [:]
    var tlsSessions: TLSSessionCache
    var isShutDown = false
    /// Begins anywhere, so that clients do not all prefer the same address.
    var turns = Int.random(in: 0..<1024)

    /// Makes the client of one loop. Clients may share a `resolver`. Counts go to `metrics`.
    public init(
        loop: EventLoop, configuration: HTTPClientConfiguration = HTTPClientConfiguration(),
        resolver: Resolver, metrics: MetricsRegistry = MetricsRegistry()
    ) {
        self.loop = loop
        self.configuration = configuration
        self.resolver = resolver
        self.metrics = ClientMetrics(registry: metrics)
        tlsSessions = TLSSessionCache(
            limit: configuration.maxTLSSessions, maxAge: configuration.maxTLSSessionAge.nanosecondsClamped)
        headLimits = HeadLimits(
            maximumHeadBytes: configuration.maxHeadBytes, maximumFields: configuration.maxFields)
    }

    deinit {
        scratch.deallocate()
    }

    /// Sends `request` as soon as a connection is free; `receiver` is kept until the end and never called before this
    /// returns. With a `.stream` body the caller then writes and finishes it on the returned exchange.
    @discardableResult
    public func startOnLoop(_ request: ClientRequest, receiver: any ResponseReceiver) -> ClientExchange {
        loop.assertOnLoop()
        metrics.started()
        let exchange = ClientExchange(request: request, client: self, receiver: receiver)
        watchConnectOnLoop(exchange)
        let bound = LoopBound(exchange, loop: loop)
        loop.submit { self.dispatchOnLoop(bound.valueOnLoop, reusing: true) }
        return exchange
    }

    /// Closes idle connections and refuses further requests; running ones finish.
    public func shutdownOnLoop() {
        loop.assertOnLoop()
        isShutDown = true
        for pool in pools.values { pool.closeIdleOnLoop() }
    }
}
