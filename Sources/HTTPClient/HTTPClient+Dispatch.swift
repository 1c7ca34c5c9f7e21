internal import EventLoop
internal import HTTPWire

extension HTTPClient {
    /// Finds or makes a connection for a request.
    func dispatchOnLoop(_ exchange: ClientExchange, reusing: Bool) {
        guard !exchange.isEnded else { return }
        let endpoint = exchange.request.endpoint
        guard !isShutDown else {
            exchange.failOnLoop(
                ClientError(
                    kind: .cancelled, side: .own, retry: .no, message: "the client is shut down: \(endpoint) not asked")
            )
            return
        }
        guard exchange.request.isWellFormed else {
            exchange.failOnLoop(
                ClientError(
                    kind: .malformedRequest, side: .caller, retry: .no,
                    message: "not a request for \(endpoint): '\(exchange.request.method) \(exchange.request.target)'"))
            return
        }
        let pool = poolOnLoop(for: endpoint)
        switch pool.leaseOnLoop(for: exchange, reusing: reusing) {
        case .reuse(let connection):
            metrics.reused()
            connection.startOnLoop(exchange)
        case .connect:
            connectOnLoop(exchange, in: pool)
        case .wait:
            exchange.state = .queued
        case .refuse:
            exchange.failOnLoop(
                ClientError(
                    kind: .overloaded, side: .own, retry: .yes,
                    message: "\(configuration.maxWaitingPerEndpoint) requests already wait for \(endpoint)"))
        }
    }

    private func connectOnLoop(_ exchange: ClientExchange, in pool: ConnectionPool) {
        let endpoint = exchange.request.endpoint
        let connector = Connector(client: self, pool: pool, endpoint: endpoint) { [self] result in
            switch result {
            case .success(let connected):
                metrics.connected()
                let connection = ClientConnection(client: self, pool: pool, endpoint: endpoint, connected: connected)
                connection.openOnLoop()
                if connection.isClosed || exchange.isEnded {
                    if !connection.isClosed { pool.returnOnLoop(connection) }
                } else {
                    connection.startOnLoop(exchange)
                }
            case .failure(let error):
                pool.closedOnLoop(nil)
                exchange.failOnLoop(error)
            }
        }
        exchange.state = .connecting(connector)
        connector.startOnLoop()
    }

    /// The caller gave up, or the exchange failed, while in `state`.
    func abandonOnLoop(_ exchange: ClientExchange, in state: ClientExchange.State) {
        let pool = poolOnLoop(for: exchange.request.endpoint)
        switch state {
        case .queued:
            pool.forgetOnLoop(exchange)
        case .connecting(let connector):
            connector.cancelOnLoop()
            pool.closedOnLoop(nil)
        case .active(let connection):
            connection.closeOnLoop()
        case .ended:
            break
        }
    }

    /// A kept connection died under a request before it was answered. True if the request goes out again.
    func retryOnLoop(_ exchange: ClientExchange) -> Bool {
        guard !exchange.wasRetried, exchange.request.isReplayable, exchange.request.method.isIdempotent else {
            return false
        }
        exchange.wasRetried = true
        metrics.retried()
        exchange.state = .queued
        watchConnectOnLoop(exchange)
        dispatchOnLoop(exchange, reusing: false)
        return true
    }

    /// Limits the time until a connection is ready.
    func watchConnectOnLoop(_ exchange: ClientExchange) {
        let limit = exchange.request.connectTimeout
        exchange.watchdog.startOnLoop(limit) { [weak exchange] in
            guard let exchange, !exchange.isEnded else { return }
            let before = exchange.state
            exchange.failOnLoop(self.connectTimedOut(exchange, limit))
            self.abandonOnLoop(exchange, in: before)
        }
    }

    /// Waiting for one of our own connections is not the server's fault.
    private func connectTimedOut(_ exchange: ClientExchange, _ limit: Duration) -> ClientError {
        let endpoint = exchange.request.endpoint
        if case .queued = exchange.state {
            return ClientError(
                kind: .queueTimeout, side: .own, retry: .yes,
                message:
                    "none of the \(configuration.maxConnectionsPerEndpoint) connections to \(endpoint) was free for "
                    + "\(limit)")
        }
        return ClientError(
            kind: .connectTimeout, side: .upstream, retry: .yes, message: "no connection to \(endpoint) within \(limit)"
        )
    }

    private func poolOnLoop(for endpoint: Endpoint) -> ConnectionPool {
        if let pool = pools[endpoint] { return pool }
        let pool = ConnectionPool(client: self, endpoint: endpoint)
        pools[endpoint] = pool
        return pool
    }

    /// A pool without connections and waiters is not kept: endpoints of an old configuration do not come back.
    func forgetOnLoop(_ pool: ConnectionPool, of endpoint: Endpoint) {
        if pools[endpoint] === pool { pools[endpoint] = nil }
    }

    /// Asks for the addresses of `endpoint` and calls `body` with them on the loop.
    func resolveOnLoop(
        _ endpoint: Endpoint, _ body: @escaping @Sendable (Result<[SocketAddress], any Error>) -> Void
    ) {
        Task(executorPreference: loop) { [resolver, loop] in
            let result: Result<[SocketAddress], any Error>
            do {
                result = .success(try await resolver.resolve(endpoint.host, port: endpoint.port))
            } catch {
                result = .failure(error)
            }
            loop.submit { body(result) }
        }
    }

    /// A number that grows from connection to connection.
    func nextTurnOnLoop() -> Int {
        turns &+= 1
        return turns
    }
}
