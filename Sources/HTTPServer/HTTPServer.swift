public import EventLoop
public import TLS
public import Telemetry

/// A listener: accepts connections on every loop of a group and hands each request to that loop's handler.
///
/// Life: `init` → `bind` or `listen`, once per address → `drain`. The loops outlive the server.
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
        loops = group.loops.map { loop in
            let server = ServerLoop(
                loop: loop, configuration: configuration, connectionLimit: connectionLimit, peers: peers, tls: tls,
                metrics: ServerMetrics(registry: metrics, listener: configuration.name), makeHandler: handler)
            return LoopBound(server, loop: loop)
        }
    }

    /// Listens on `address`, with one socket per loop; port 0 picks a free port. Returns the address bound. Throws when the
    /// address is taken or not ours. Connections are accepted as soon as each loop gets to it.
    @discardableResult
    public func bind(to address: SocketAddress) throws(SystemError) -> SocketAddress {
        let sockets = try ListenerSockets(binding: address, count: loops.count)
        try listen(on: sockets)
        return sockets.address
    }

    /// Accepts from sockets that were prepared before. Throws, with all of them closed, when the kernel refuses one.
    /// Connections are accepted as soon as each loop gets to it.
    public func listen(on sockets: ListenerSockets) throws(SystemError) {
        do throws(SystemError) {
            for socket in sockets.bound { try socket.listen(backlog: configuration.backlog) }
        } catch {
            sockets.close()
            throw error
        }
        var next: [SocketAddress: Int] = [:]
        for socket in sockets.inherited + sockets.bound {
            // Accepted sockets inherit it, which saves a call per connection.
            socket.setUnsentLowWater(bytes: configuration.maxUnsentBytes)
            let local = socket.localAddress ?? sockets.address
            let loop = loops[next[local, default: 0] % loops.count]
            next[local, default: 0] += 1
            loop.loop.submit { loop.valueOnLoop.listenOnLoop(socket, address: local) }
        }
    }

    /// Stops accepting without closing anything: new connections wait in the kernel's queue. When it returns, no loop takes
    /// another one until `resumeAccepting`.
    public func holdAccepting() async {
        for loop in loops {
            try? await loop.loop.run { for listener in loop.valueOnLoop.listeners { listener.holdOnLoop() } }
        }
    }

    /// Accepts again what waits and what comes.
    public func resumeAccepting() async {
        for loop in loops {
            try? await loop.loop.run { for listener in loop.valueOnLoop.listeners { listener.endHoldOnLoop() } }
        }
    }

    /// Descriptors of their own for every socket that is listened on, for another process. The caller closes
    /// them.
    public func duplicateSockets() async throws -> [Socket] {
        var sockets: [Socket] = []
        for loop in loops {
            sockets += try await loop.loop.run {
                try loop.valueOnLoop.listeners.map { try $0.socket.duplicated() }
            }
        }
        return sockets
    }

    /// Makes new connections take `tls`; those there are go on with what they agreed on. Returns when every loop does so.
    public func adopt(_ tls: TLSServerContext) async {
        for loop in loops {
            try? await loop.loop.run { loop.valueOnLoop.tls = tls }
        }
    }

    /// Shuts down gently: stops accepting, closes idle connections, lets running exchanges finish with `Connection: close`,
    /// and after `limit` resets what is left. Returns when every connection is closed.
    ///
    /// A listener on hold leaves what waits in its queue to whoever shares it. An idle connection has `idleGrace` for one more
    /// request, which is answered with `Connection: close`, before it is closed: a client that is about to send one does not
    /// lose it.
    public func drain(within limit: Duration, idleGrace: Duration = .zero) async {
        await withDiscardingTaskGroup { group in
            for loop in loops {
                group.addTask {
                    await withCheckedContinuation { continuation in
                        loop.loop.submit {
                            loop.valueOnLoop.drainOnLoop(within: limit, idleGrace: idleGrace) { continuation.resume() }
                        }
                    }
                }
            }
        }
    }
}
