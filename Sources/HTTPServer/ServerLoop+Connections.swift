internal import EventLoop
internal import TLS
internal import Transport

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

    /// Whether another connection may be taken, at the limit instead of an idle one.
    var hasRoom: Bool {
        connections.count < connectionLimit || connections.contains(where: \.isIdle)
    }

    /// At the limit, closes the connection that has been idle longest.
    private func makeRoomOnLoop() {
        guard connections.count >= connectionLimit else { return }
        let idle = connections.filter(\.isIdle)
        idle.min { $0.readDeadline < $1.readDeadline }?.closeOnLoop(reset: false)
    }

    func addOnLoop(_ socket: Socket, peer: SocketAddress, local: SocketAddress) {
        if let peers, !peers.open(peer) {
            metrics.connectionRefused()
            socket.closeWithReset()
            return
        }
        var session: TLSSession?
        if let tls {
            do {
                session = try tls.makeSession(descriptor: socket.descriptor, output: tlsOutput)
            } catch {
                metrics.handshakeFailed()
                peers?.close(peer)
                socket.close()
                return
            }
        }
        makeRoomOnLoop()
        let stream = ConnectionStream(socket: socket, tls: session)
        let connection = HTTP1Connection(server: self, stream: stream, peer: peer, local: local)
        connection.index = connections.count
        connections.append(connection)
        metrics.opened()
        connection.startOnLoop()
        sweepLaterOnLoop()
    }

    /// Another version takes over a connection, with the bytes that were read already.
    func replaceOnLoop(
        _ old: any ServerConnection, with connection: HTTP2Connection, received bytes: UnsafeRawBufferPointer
    ) {
        connection.index = old.index
        connections[old.index] = connection
        metrics.becameHTTP2()
        connection.startOnLoop(with: bytes)
        if isDraining { connection.drainOnLoop() }
    }

    func removeOnLoop(_ connection: any ServerConnection) {
        let index = connection.index
        let last = connections.removeLast()
        if last !== connection {
            connections[index] = last
            last.index = index
        }
        metrics.closed(isHTTP2: connection is HTTP2Connection)
        peers?.close(connection.peer)
        resumeAcceptingOnLoop()
        finishDrainOnLoop()
    }

    /// A connection has closed or become idle, so there may be room again.
    func resumeAcceptingOnLoop() {
        guard isAcceptingPaused else { return }
        isAcceptingPaused = false
        for listener in listeners { listener.resumeOnLoop() }
    }

    // MARK: Deadlines

    /// One timer looks at every connection's deadlines: cheaper than a timer per request, and exact enough.
    private func sweepLaterOnLoop() {
        guard !isSweeping else { return }
        isSweeping = true
        loop.scheduleOnLoop(after: timeouts.sweepInterval) { [self] in
            isSweeping = false
            let now = loop.nowNanoseconds
            for connection in connections {
                if connection.readDeadline <= now || connection.writeDeadline <= now {
                    connection.timedOutOnLoop()
                } else {
                    connection.sweptOnLoop(now)
                }
            }
            if !connections.isEmpty { sweepLaterOnLoop() }
        }
    }

    // MARK: Shutdown

    /// Stops accepting, closes idle connections after `idleGrace`, lets the others finish, and closes what is left after
    /// `limit`.
    func drainOnLoop(within limit: Duration, idleGrace: Duration, _ completion: @escaping () -> Void) {
        isDraining = true
        drained.append(completion)
        for listener in listeners { listener.closeOnLoop() }
        listeners.removeAll()
        if idleGrace > .zero {
            timeouts.idle = min(timeouts.idle, idleGrace.nanosecondsClamped)
            for connection in connections { connection.retireOnLoop() }
        } else {
            for connection in connections { connection.drainOnLoop() }
        }
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
