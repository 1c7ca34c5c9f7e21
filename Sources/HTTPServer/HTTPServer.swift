public import EventLoop
public import TLS
public import Telemetry

/// A listener: accepts connections on every loop of a group and hands each request to that loop's handler.
///
/// Life: `init` → `bind`, once per address → `drain`. The loops outlive the server.
public final class HTTPServer: Sendable {
    private let configuration: HTTPServerConfiguration
    private let loops: [LoopBound<ServerLoop>]

    /// Prepares a server. `handler` is called once per loop, there. With `tls` every connection is encrypted. Counts go to
    /// `metrics` under the configuration's name.
    public init(
        configuration: HTTPServerConfiguration = HTTPServerConfiguration(), group: EventLoopGroup,
        tls: TLSServerContext? = nil, metrics: MetricsRegistry = MetricsRegistry(),
        handler: @escaping @Sendable (EventLoop) -> any ExchangeHandler
    ) {
        self.configuration = configuration
        let connectionLimit = max(1, configuration.maxConnections / group.loops.count)
        let peers = configuration.maxConnectionsPerPeer.map(PeerConnections.init(limit:))
        let counters = ServerMetrics(registry: metrics, listener: configuration.name)
        loops = group.loops.map { loop in
            let server = ServerLoop(
                loop: loop, configuration: configuration, connectionLimit: connectionLimit, peers: peers, tls: tls,
                metrics: counters,
                makeHandler: handler)
            return LoopBound(server, loop: loop)
        }
    }

    /// Listens on `address`, with one socket per loop; port 0 picks a free port. Returns the address bound. Throws when the
    /// address is taken or not ours. Connections are accepted as soon as each loop gets to it.
    @discardableResult
    public func bind(to address: SocketAddress) throws(SystemError) -> SocketAddress {
        var bound = address
        var sockets: [Socket] = []
        for _ in loops {
            do {
                let socket = try Socket.listen(on: bound, reusePort: true, backlog: configuration.backlog)
                sockets.append(socket)
                if let actual = socket.localAddress { bound = actual }
            } catch {
                for socket in sockets { socket.close() }
                throw error
            }
        }
        let local = bound
        for (loop, socket) in zip(loops, sockets) {
            loop.loop.submit { loop.valueOnLoop.listenOnLoop(socket, address: local) }
        }
        return bound
    }

    /// Makes new connections take `tls`; those there are go on with what they agreed on. Returns when every loop does so.
    public func adopt(_ tls: TLSServerContext) async {
        for loop in loops {
            try? await loop.loop.run { loop.valueOnLoop.tls = tls }
        }
    }

    /// Shuts down gently: stops accepting, closes idle connections, lets running exchanges finish with `Connection: close`,
    /// and after `limit` resets what is left. Returns when every connection is closed.
    public func drain(within limit: Duration) async {
        await withDiscardingTaskGroup { group in
            for loop in loops {
                group.addTask {
                    await withCheckedContinuation { continuation in
                        loop.loop.submit { loop.valueOnLoop.drainOnLoop(within: limit) { continuation.resume() } }
                    }
                }
            }
        }
    }
}
