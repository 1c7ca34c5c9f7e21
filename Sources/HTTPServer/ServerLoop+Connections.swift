internal import EventLoop
internal import TLS

extension ServerLoop {
    // MARK: Accepting

    func listenOnLoop(_ socket: Socket, address: SocketAddress) {
        guard !isDraining else {
            socket.close()
            return
        }
        let listener = Listener(socket: socket, address: address, server: self)
        do {
            try listener.startOnLoop()
            listeners.append(listener)
        } catch {
            socket.close()
        }
    }

    /// Whether another connection may be taken; closes an idle one for it at the limit.
    func hasRoomOnLoop() -> Bool {
        if connections.count < connectionLimit { return true }
        guard let idle = connections.first(where: { $0.isIdle }) else { return false }
        idle.closeOnLoop()
        return true
    }

    func addOnLoop(_ socket: Socket, peer: SocketAddress, local: SocketAddress) {
        var session: TLSSession?
        if let tls {
            do {
                session = try tls.makeSession(descriptor: socket.descriptor)
            } catch {
                metrics.handshakeFailed()
                socket.close()
                return
            }
        }
        let stream = ConnectionStream(socket: socket, tls: session)
        let connection = HTTP1Connection(server: self, stream: stream, peer: peer, local: local)
        connection.index = connections.count
        connections.append(connection)
        metrics.opened()
        connection.startOnLoop()
        sweepLaterOnLoop()
    }

    func removeOnLoop(_ connection: HTTP1Connection) {
        let index = connection.index
        let last = connections.removeLast()
        if last !== connection {
            connections[index] = last
            last.index = index
        }
        metrics.closed()
        for listener in listeners { listener.resumeOnLoop() }
        finishDrainOnLoop()
    }

    // MARK: Deadlines

    /// One timer looks at every connection's deadlines: cheaper than a timer per request, and exact enough.
    private func sweepLaterOnLoop() {
        guard !isSweeping else { return }
        isSweeping = true
        loop.scheduleOnLoop(after: timeouts.sweepInterval) { [self] in
            isSweeping = false
            let now = loop.nowNanoseconds
            for connection in connections where connection.readDeadline <= now || connection.writeDeadline <= now {
                connection.timedOutOnLoop()
            }
            if !connections.isEmpty { sweepLaterOnLoop() }
        }
    }

    // MARK: Shutdown

    /// Stops accepting, closes idle connections, lets the others finish, and closes what is left after `limit`.
    func drainOnLoop(within limit: Duration, _ completion: @escaping () -> Void) {
        isDraining = true
        drained.append(completion)
        for listener in listeners { listener.closeOnLoop() }
        listeners.removeAll()
        for connection in connections { connection.drainOnLoop() }
        finishDrainOnLoop()
        guard !drained.isEmpty else { return }
        loop.scheduleOnLoop(after: limit) { [self] in
            for connection in connections { connection.closeOnLoop(reset: true) }
        }
    }

    private func finishDrainOnLoop() {
        guard isDraining, connections.isEmpty else { return }
        let waiting = drained
        drained = []
        for completion in waiting { completion() }
    }
}
