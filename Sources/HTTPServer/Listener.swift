internal import EventLoop

/// One listening socket of one loop. Several loops listen on the same address and the kernel spreads connections.
final class Listener: EventHandler {
    /// Connections taken in one turn, before the accepted ones get theirs.
    private static let acceptsPerTurn = 64
    /// How long accepting stops when the process is out of descriptors.
    private static let exhaustionPause = Duration.milliseconds(100)

    let socket: Socket
    private let address: SocketAddress
    private unowned let server: ServerLoop
    private var isClosed = false
    private var isPaused = false
    /// Another process may accept from the same queue instead.
    private var isHeld = false

    init(socket: Socket, address: SocketAddress, server: ServerLoop) {
        self.socket = socket
        self.address = address
        self.server = server
    }

    func startOnLoop() throws(SystemError) {
        try server.loop.registerOnLoop(socket.descriptor, interest: .read, handler: self)
    }

    func readyOnLoop(_ readiness: Readiness) {
        if !isHeld { acceptOnLoop(limit: Self.acceptsPerTurn) }
    }

    /// Leaves new connections in the queue until `endHoldOnLoop`.
    func holdOnLoop() {
        isHeld = true
        server.loop.updateOnLoop(socket.descriptor, interest: [])
    }

    func endHoldOnLoop() {
        isHeld = false
        if !isPaused { server.loop.updateOnLoop(socket.descriptor, interest: .read) }
    }

    /// Accepting goes on because a connection has closed.
    func resumeOnLoop() {
        guard isPaused, !isClosed else { return }
        isPaused = false
        if !isHeld { server.loop.updateOnLoop(socket.descriptor, interest: .read) }
    }

    /// Takes what already waits in the kernel's queue, unless on hold, then stops listening.
    func closeOnLoop() {
        guard !isClosed else { return }
        if !isHeld { acceptOnLoop(limit: .max) }
        isClosed = true
        server.loop.deregisterOnLoop(socket.descriptor)
        socket.close()
    }

    private func acceptOnLoop(limit: Int) {
        for _ in 0..<limit {
            guard server.hasRoom else {
                pauseOnLoop()
                return
            }
            switch socket.accept() {
            case .accepted(let connection, let peer):
                server.addOnLoop(connection, peer: peer, local: address)
            case .wouldBlock:
                return
            case .exhausted, .failed:
                pauseOnLoop()
                let listener = self
                server.loop.scheduleOnLoop(after: Self.exhaustionPause) { listener.resumeOnLoop() }
                return
            }
        }
    }

    private func pauseOnLoop() {
        guard !isPaused else { return }
        isPaused = true
        server.isAcceptingPaused = true
        server.loop.updateOnLoop(socket.descriptor, interest: [])
    }
}
