internal import EventLoop

/// The connections to one endpoint: those idle, how many there are, and who waits. Loop-confined.
final class ConnectionPool {
    private struct Idle {
        var connection: ClientConnection
        var since: UInt64
    }

    /// What a request for a connection gets.
    enum Lease {
        /// A kept connection.
        case reuse(ClientConnection)
        /// Room for a new one, already counted.
        case connect
        /// A place in the queue.
        case wait
        /// Nothing: the queue is full.
        case refuse
    }

    private unowned let client: HTTPClient
    private let endpoint: Endpoint
    /// The most recently used last: it is the least likely to have died.
    private var idle: [Idle] = []
    private var waiting: [ClientExchange] = []
    /// Requests with a streamed body that wait; the others go first.
    private var waitingUploads: [ClientExchange] = []
    private var open = 0
    /// Requests with a streamed body that have a connection or the promise of one.
    private var uploads = 0
    /// What the endpoint's name means now; `nil` if that was never asked.
    private var addresses: Set<SocketAddress>?
    private var isSweeping = false
    private var isResolving = false

    init(client: HTTPClient, endpoint: Endpoint) {
        self.client = client
        self.endpoint = endpoint
    }

    func leaseOnLoop(for exchange: ClientExchange, reusing: Bool) -> Lease {
        guard mayHaveConnection(exchange) else { return queueOnLoop(exchange) }
        if reusing, let last = idle.popLast() {
            noteUpload(exchange)
            return .reuse(last.connection)
        }
        if open < client.configuration.maxConnectionsPerEndpoint {
            open += 1
            noteUpload(exchange)
            return .connect
        }
        // Every connection is in use, or idle ones are not wanted: make room by closing the oldest idle one.
        if !reusing, !idle.isEmpty {
            idle.removeFirst().connection.closeOnLoop()
            open += 1
            noteUpload(exchange)
            return .connect
        }
        return queueOnLoop(exchange)
    }

    private func queueOnLoop(_ exchange: ClientExchange) -> Lease {
        let limit = client.configuration.maxWaitingPerEndpoint
        if exchange.request.isUpload {
            guard waitingUploads.count < limit else { return .refuse }
            waitingUploads.append(exchange)
        } else {
            guard waiting.count < limit else { return .refuse }
            waiting.append(exchange)
        }
        return .wait
    }

    /// A connection has finished its exchange and may be used again.
    func returnOnLoop(_ connection: ClientConnection) {
        guard mayBeKept(connection) else { return connection.closeOnLoop() }
        if let next = nextWaiting() {
            client.metrics.reused()
            noteUpload(next)
            connection.startOnLoop(next)
            return
        }
        if idle.count >= client.configuration.maxIdlePerEndpoint { idle.first?.connection.closeOnLoop() }
        idle.append(Idle(connection: connection, since: client.loop.nowNanoseconds))
        sweepLaterOnLoop()
    }

    /// A connection, or the attempt to make one, is gone.
    func closedOnLoop(_ connection: ClientConnection?) {
        if let connection { idle.removeAll { $0.connection === connection } }
        open -= 1
        if let next = nextWaiting() { client.dispatchOnLoop(next, reusing: true) }
        if open == 0, waiting.isEmpty, waitingUploads.isEmpty { client.forgetOnLoop(self, of: endpoint) }
    }

    /// An exchange stops waiting.
    func forgetOnLoop(_ exchange: ClientExchange) {
        waiting.removeAll { $0 === exchange }
        waitingUploads.removeAll { $0 === exchange }
    }

    func closeIdleOnLoop() {
        for entry in idle { entry.connection.closeOnLoop() }
    }

    private func nextWaiting() -> ClientExchange? {
        while !waiting.isEmpty {
            let next = waiting.removeFirst()
            if !next.isEnded { return next }
        }
        while uploads < client.configuration.maxUploadsPerEndpoint, !waitingUploads.isEmpty {
            let next = waitingUploads.removeFirst()
            if !next.isEnded { return next }
        }
        return nil
    }

    // MARK: Uploads

    /// Whoever sends a body decides how long it takes, so uploads may not have all connections.
    private func mayHaveConnection(_ exchange: ClientExchange) -> Bool {
        !exchange.request.isUpload || exchange.uploadPool != nil
            || uploads < client.configuration.maxUploadsPerEndpoint
    }

    private func noteUpload(_ exchange: ClientExchange) {
        guard exchange.request.isUpload, exchange.uploadPool == nil else { return }
        uploads += 1
        exchange.uploadPool = self
    }

    /// An upload that had its place is over. Its connection may be free or gone by now, or will be later this turn.
    func uploadEndedOnLoop() {
        uploads -= 1
        if waitingUploads.isEmpty { return }
        let pool = LoopBound(self, loop: client.loop)
        client.loop.submit { pool.valueOnLoop.startNextUploadOnLoop() }
    }

    private func startNextUploadOnLoop() {
        guard !idle.isEmpty || open < client.configuration.maxConnectionsPerEndpoint else { return }
        if let next = nextWaiting() { client.dispatchOnLoop(next, reusing: true) }
    }

    // MARK: Age

    private func mayBeKept(_ connection: ClientConnection) -> Bool {
        let configuration = client.configuration
        return connection.machine.requests < configuration.maxRequestsPerConnection
            && client.loop.nowNanoseconds &- connection.openedAt < configuration.maxConnectionAge.nanosecondsClamped
            && addresses?.contains(connection.address) != false
    }

    private func sweepLaterOnLoop() {
        guard !isSweeping else { return }
        isSweeping = true
        let timeout = client.configuration.keepAliveTimeout
        client.loop.scheduleOnLoop(after: timeout) { [weak self] in
            guard let self else { return }
            isSweeping = false
            let now = client.loop.nowNanoseconds
            let limit = timeout.nanosecondsClamped
            for entry in idle where now &- entry.since >= limit { entry.connection.closeOnLoop() }
            if !idle.isEmpty { sweepLaterOnLoop() }
        }
    }

    // MARK: Addresses

    /// The endpoint's name has these addresses now: connections to others are closed as soon as nobody uses them.
    func resolvedOnLoop(_ found: [SocketAddress]) {
        addresses = Set(found)
        for entry in idle where !mayBeKept(entry.connection) { entry.connection.closeOnLoop() }
        resolveLaterOnLoop()
    }

    /// Asks again from time to time for as long as there are connections.
    private func resolveLaterOnLoop() {
        guard !isResolving else { return }
        isResolving = true
        client.loop.scheduleOnLoop(after: client.configuration.resolveInterval) { [weak self] in
            guard let self, open > 0 else { return }
            let pool = LoopBound(WeakPool(self), loop: client.loop)
            client.resolveOnLoop(endpoint) { result in
                guard let pool = pool.valueOnLoop.pool else { return }
                pool.isResolving = false
                if case .success(let found) = result {
                    pool.resolvedOnLoop(found)
                } else {
                    pool.resolveLaterOnLoop()
                }
            }
        }
    }

    private struct WeakPool {
        weak var pool: ConnectionPool?
        init(_ pool: ConnectionPool) { self.pool = pool }
    }
}
