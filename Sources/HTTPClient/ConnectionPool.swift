internal import EventLoop
internal import Transport

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
    /// The most recently used last: it is the least likely to have died.
    private var idle: [Idle] = []
    private var waiting: [ClientExchange] = []
    private var open = 0
    private var isSweeping = false

    init(client: HTTPClient) {
        self.client = client
    }

    func leaseOnLoop(for exchange: ClientExchange, reusing: Bool) -> Lease {
        if reusing, let last = idle.popLast() { return .reuse(last.connection) }
        if open < client.configuration.maxConnectionsPerEndpoint {
            open += 1
            return .connect
        }
        // Every connection is in use, or idle ones are not wanted: make room by closing the oldest idle one.
        if !reusing, !idle.isEmpty {
            idle.removeFirst().connection.closeOnLoop()
            open += 1
            return .connect
        }
        guard waiting.count < client.configuration.maxWaitingPerEndpoint else { return .refuse }
        waiting.append(exchange)
        return .wait
    }

    /// A connection has finished its exchange and may be used again.
    func returnOnLoop(_ connection: ClientConnection) {
        if let next = nextWaiting() {
            connection.startOnLoop(next)
            return
        }
        connection.stream.releaseIdleBuffers()
        idle.append(Idle(connection: connection, since: client.loop.nowNanoseconds))
        sweepLaterOnLoop()
    }

    /// A connection, or the attempt to make one, is gone.
    func closedOnLoop(_ connection: ClientConnection?) {
        if let connection { idle.removeAll { $0.connection === connection } }
        open -= 1
        if let next = nextWaiting() { client.dispatchOnLoop(next, reusing: true) }
    }

    /// An exchange stops waiting.
    func forgetOnLoop(_ exchange: ClientExchange) {
        waiting.removeAll { $0 === exchange }
    }

    func closeIdleOnLoop() {
        for entry in idle { entry.connection.closeOnLoop() }
    }

    private func nextWaiting() -> ClientExchange? {
        while !waiting.isEmpty {
            let next = waiting.removeFirst()
            if !next.isEnded { return next }
        }
        return nil
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
}
